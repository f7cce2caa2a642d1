"""Mail that was taken: a request, its parcels by sending time, its letters by recipient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pprmail.sandbox.telling import AS_USUAL, Telling

RECIPIENT_FIELDS = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """A request to mail/send that was found good: the message as it came and what it was given."""

    number: int
    at: datetime
    x_message_id: str
    message: dict[str, Any]
    sha256: str
    telling: Telling = AS_USUAL

    @property
    def batch_id(self) -> str | None:
        """The batch it belongs to, if any."""
        batch_id: str | None = self.message.get("batch_id")
        return batch_id

    def custom_args(self, index: int) -> dict[str, str]:
        """Merge the arguments of a personalization over those of the message."""
        own = self.message["personalizations"][index].get("custom_args", {})
        return {**self.message.get("custom_args", {}), **own}


@dataclass(frozen=True, slots=True)
class Parcel:
    """The personalizations of a request that become due at one time; `indices` name them."""

    request: AcceptedRequest
    due: datetime
    indices: tuple[int, ...]

    def letters(self) -> "Iterator[Letter]":
        """List what goes out, one letter a recipient."""
        for index in self.indices:
            yield from self._letters_of(index)

    def _letters_of(self, index: int) -> "Iterator[Letter]":
        personalization = self.request.message["personalizations"][index]
        people = [each for name in RECIPIENT_FIELDS for each in personalization.get(name, ())]
        for place, person in enumerate(people):
            yield Letter(self, index=index, place=place, address=person["email"])


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address; `place` tells the recipients of a personalization apart."""

    parcel: Parcel
    index: int
    place: int
    address: str


def parcels_of(request: AcceptedRequest) -> list[Parcel]:
    """Sort a request by sending time; a personalization's own send_at wins."""
    indices: dict[datetime, list[int]] = {}
    default = request.message.get("send_at")
    for index, each in enumerate(request.message["personalizations"]):
        due = _due(each.get("send_at", default), at=request.at)
        indices.setdefault(due, []).append(index)
    return [Parcel(request, due, tuple(some)) for due, some in indices.items()]


def _due(send_at: int | None, *, at: datetime) -> datetime:
    # A time in the past means now, however far back: it need not even be a date.
    if send_at is None or send_at <= at.timestamp():
        return at
    return datetime.fromtimestamp(send_at, UTC)
