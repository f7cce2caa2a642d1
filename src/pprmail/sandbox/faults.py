"""Faults: the small language in which the sandbox is told to fail.

A fault says where it applies, and what happens there. Whatever a part leaves out is
not asked for. The first fault of a script that applies to a call happens, and no other.

    where    on            a part of the API, with or without a method: "mail/send" (default),
                           "mail/batch", "user/scheduled_sends", "POST user/scheduled_sends"
             requests      which calls of that part, counted from 1 since the script began:
                           3, "5-7", "10-", "every 4", or a list of these
             recipients    a request to any of these: "a@b.example", "*@slow.example", or a list
             batch         true: a request with a batch_id; false: one without
             larger_than   a request with a body of more bytes than this
             times         at most so many times
    what     accept        whether the call does what it asks for; true as long as the answer is
                           the usual one, else false
             accept_after  seconds before it is done
             answer        "usual", a status from 200 to 599, or no answer: "hang" (until the
                           client goes), "drop" (closed with a FIN), "half-close" (a FIN, but
                           the sandbox reads on), "reset" (an RST)
             answer_after  seconds before it is answered, or left without an answer
             field         what an error names: "from", or "recipient" for the address that
                           `recipients` fits, at its place in the request
             message       what an error says
             body          the body, as it stands
             headers       headers; {now+7} and {now-7} in a value become seconds since 1970,
                           {date+7} and {date-7} a date, both by the sandbox's clock
             cut           the answer breaks off: in its "status" line, in its "headers" (the
                           last is missing, the one before it broken), or in its "body"
             events        what goes wrong with the events of accepted mail: "early" (processed
                           is told before the answer), "shuffled", "twice", "twice-new-ids",
                           "never", or a list of these
             events_after  seconds by which they are late, by the sandbox's clock
             seed          makes another order of "shuffled"

A call that is refused anyway is refused as usual, when a fault wants it accepted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from pprmail.sandbox.telling import Manner, Telling

Silence = Literal["hang", "drop", "half-close", "reset"]
Cut = Literal["status", "headers", "body"]

PARTS = (
    "mail/send",
    "mail/batch",
    "user/scheduled_sends",
    "user/webhooks",
    "suppression",
    "scopes",
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Where something goes wrong, and what; the module's text explains each part."""

    on: str = "mail/send"
    requests: int | str | Sequence[int | str] = ()
    recipients: str | Sequence[str] = ()
    batch: bool | None = None
    larger_than: int | None = None
    times: int | None = None
    accept: bool | None = None
    accept_after: float = 0
    answer: int | Literal["usual"] | Silence = "usual"
    answer_after: float = 0
    # Named as in the file, so that dataclasses' own `field` has to be called before it.
    headers: Mapping[str, str] = field(default_factory=dict)
    field: str | None = None
    message: str | None = None
    body: str | None = None
    cut: Cut | None = None
    events: Manner | Sequence[Manner] = ()
    events_after: float = 0
    seed: int = 0

    @property
    def accepts(self) -> bool:
        """Tell whether the call does what it asks for."""
        return self.answer == "usual" if self.accept is None else self.accept

    @property
    def telling(self) -> Telling:
        """Say how the events of what it accepts are told."""
        late_by = timedelta(seconds=self.events_after)
        return Telling(each_of(self.events), late_by=late_by, seed=self.seed)

    def is_on(self, method: str, path: str) -> bool:
        """Tell whether a call is one of those that `requests` counts."""
        *wanted, part = self.on.split(" ")
        return wanted in ([], [method]) and f"{path}/".startswith(f"/v3/{part}/")


def each_of(value: object) -> tuple[Any, ...]:
    """Take one thing, or several, as several."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(value)
    return (value,)
