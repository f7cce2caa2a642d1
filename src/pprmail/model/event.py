"""An event: what the provider reported of a letter after it had taken it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record
from pprmail.model.subscriber import EndReason


class EventKind(StrEnum):
    """What happened; whatever the provider may invent is `unknown` and kept."""

    PROCESSED = "processed"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    BLOCKED = "blocked"
    DROPPED = "dropped"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    UNKNOWN = "unknown"


KEPT_OF_ERASED: Final = ("event", "timestamp", "type", "status", "sg_event_id", "pm_d", "pm_r")
"""What a report says of a letter and not of its reader."""


class Event(Record):
    """One report, kept whole, stored once under two keys: the provider's and the fact's own.

    `ends` says why its reader is to get no more letters, if that follows from it.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index(
            "ix_events_to_apply",
            "id",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_key: Mapped[str | None] = mapped_column(unique=True)
    fact_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[EventKind]
    at: Mapped[datetime]
    request_public_id: Mapped[str | None]
    delivery_id: Mapped[int | None]
    ends: Mapped[EndReason | None]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    problem: Mapped[str | None]

    def forget(self) -> None:
        """Keep that it happened, and nothing that its reader could be known by."""
        self.payload = {name: self.payload[name] for name in KEPT_OF_ERASED if name in self.payload}
