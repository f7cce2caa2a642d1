"""What a sender is handed, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Recipient:
    """One reader: the address, the values of the keys, the headers that are his alone.

    `arguments` are opaque names under which the provider reports on this letter later.
    """

    email: str
    name: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Envelope:
    """One request's worth: the same bytes for every recipient, each of whom sees only himself.

    With a `batch_id`, the provider keeps it until `release_at`, and can be told to discard it.
    """

    from_name: str
    from_email: str
    reply_to: str
    subject: str
    html: str
    text: str
    recipients: Sequence[Recipient]
    headers: Mapping[str, str] = field(default_factory=dict)
    categories: Sequence[str] = ()
    batch_id: str | None = None
    release_at: datetime | None = None


class Answer(StrEnum):
    """What is certain after a request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    BUSY = "busy"
    TOO_LARGE = "too_large"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Receipt:
    """What a request came to.

    `accepted`: the provider took all of it. `refused`: it took none and says what is wrong;
    `refused_recipients` are the places of those it named. `busy`: none was taken, try again after
    `wait_seconds`. `too_large`: none was taken, and fewer at once may be. `unreachable`: nothing
    left this machine. `forbidden`: nothing will be taken until a person has changed the key, the
    sender or the letter. `unknown`: it may have been taken.
    """

    answer: Answer
    detail: str = ""
    http_status: int | None = None
    message_id: str | None = None
    refused_recipients: tuple[int, ...] = ()
    wait_seconds: float = 0


class Sender(Protocol):
    """Carries envelopes out; it never tries twice and never raises for what a receipt can say."""

    def send(self, envelope: Envelope) -> Receipt:
        """Make one request."""
        ...


class Recalled(StrEnum):
    """What is certain after the provider was asked to discard a batch."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Recaller(Protocol):
    """Makes batches that a request can be discarded by until shortly before its release."""

    def new_batch(self) -> str | Receipt:
        """Give a fresh name, or what kept the provider from giving one."""
        ...

    def recall(self, batch_id: str, *, until: datetime) -> Recalled:
        """Have a batch discarded; asked again, the answer is the same.

        The provider's own clock must say that it stands ordered before `until`; else it is unknown.
        """
        ...

    def look(self, batch_id: str, *, until: datetime) -> Recalled:
        """Read whether a batch will be discarded, by an order that stood before `until`."""
        ...

    def free(self, batch_id: str) -> bool:
        """Take the order to discard back once its time is over; the provider keeps few of them."""
        ...
