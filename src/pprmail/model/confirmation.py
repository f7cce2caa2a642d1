"""A confirmation: what the owner of an address is asked to say yes to, by a link in a mail."""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.audience import NoMatch
from pprmail.model.record import Record
from pprmail.model.subscriber import Subscriber, SubscriberStatus

GOOD_FOR: Final = timedelta(days=7)


def version_of(wording: str) -> str:
    """Name the version of a wording: other words have another one."""
    return sha256(wording.encode()).hexdigest()[:12]


class ConfirmationKind(StrEnum):
    """What is confirmed: a sign-up by oneself, an invitation by an editor, a new address."""

    SIGN_UP = "sign_up"
    INVITATION = "invitation"
    ADDRESS = "address"


class Standing(StrEnum):
    """What a confirmation's link still does."""

    OPEN = "open"
    DONE = "done"
    EXPIRED = "expired"
    CLOSED = "closed"


class Confirmation(Record):
    """What was asked for, kept until it is confirmed, once, or its time is over.

    Nothing of it counts before that: whoever asked may be somebody else. `email` is the new
    address, where that is what is to be confirmed.
    """

    __tablename__ = "confirmations"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), index=True)
    kind: Mapped[ConfirmationKind]
    name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None]
    topics: Mapped[list[str]]
    no_match: Mapped[NoMatch | None]
    how: Mapped[str] = mapped_column(Text)
    page: Mapped[str | None]
    wording: Mapped[str] = mapped_column(Text)
    wording_version: Mapped[str | None]
    asked_at: Mapped[datetime]
    good_until: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    def is_open(self, *, now: datetime) -> bool:
        """Tell whether it may still be confirmed."""
        return self.used_at is None and now <= self.good_until

    def standing(self, reader: Subscriber, *, now: datetime) -> Standing:
        """Say what its link does now; it never brings back whoever left after asking."""
        if self.used_at is not None and reader.status is SubscriberStatus.ACTIVE:
            return Standing.DONE
        has_left = reader.ended_at is not None and reader.ended_at >= self.asked_at
        if self.used_at is not None or has_left or reader.is_locked or reader.erased_at:
            return Standing.CLOSED
        return Standing.OPEN if self.is_open(now=now) else Standing.EXPIRED
