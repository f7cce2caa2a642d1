"""A request: one call to the provider, written down before it is made."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.errors import StateError
from pprmail.model.record import Record


class RequestState(StrEnum):
    """What is known of a call. `unknown` is an honest answer: it may have been accepted."""

    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    RECALLED = "recalled"
    REORDERED = "reordered"
    SKIPPED = "skipped"


MOVES: Final[dict[RequestState, frozenset[RequestState]]] = {
    RequestState.SUBMITTING: frozenset(
        {
            RequestState.ACCEPTED,
            RequestState.REJECTED,
            RequestState.NOT_SENT,
            RequestState.UNKNOWN,
        }
    ),
    RequestState.UNKNOWN: frozenset(
        {
            RequestState.ACCEPTED,
            RequestState.RECALLED,
            RequestState.REORDERED,
            RequestState.SKIPPED,
        }
    ),
    # Evidence that comes late wins over a person's guess that nothing had arrived.
    RequestState.SKIPPED: frozenset({RequestState.ACCEPTED}),
}
"""Every move that is learned. A crash makes `submitting` unknown, never pending.

The one step back is a person's, and has a verb of its own: `take_back`.
"""

HTTP_ACCEPTED: Final = 202

RECALL: Final = "recall"
"""Who settles a request that the provider was asked to discard, or is being asked just now."""

CERTAIN_UNTIL: Final = timedelta(minutes=10)
"""Before its release; the provider promises nothing for what is cancelled later."""

RELEASING: Final = frozenset({RequestState.NOT_SENT, RequestState.RECALLED, RequestState.REORDERED})
"""States in which nobody got anything, or a person ordered it again: its deliveries go free."""


class Request(Record):
    """One call with at most 1,000 deliveries of one edition.

    People name it by `id`, the provider by `public_id`. `worker` names the journal that holds its
    intent; `lease_until` says from when another host may take it for lost. `batch_id` is what the
    provider can cancel it by until ten minutes before `release_at`, when its letters leave;
    `batch_freed_at` says when that cancelling was taken back because its time was over.
    """

    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_issue_id_state", "issue_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    size: Mapped[int]
    state: Mapped[RequestState]
    worker: Mapped[str]
    lease_until: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    http_status: Mapped[int | None]
    message_id: Mapped[str | None]
    detail: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None]
    batch_id: Mapped[str | None]
    release_at: Mapped[datetime | None]
    batch_freed_at: Mapped[datetime | None]

    @property
    def was_accepted(self) -> bool:
        """Tell whether the provider once said yes, whatever has been asked of it since."""
        return self.http_status == HTTP_ACCEPTED

    @property
    def is_being_recalled(self) -> bool:
        """Tell whether the provider may have discarded it, though that is not known yet."""
        return self.state is RequestState.UNKNOWN and self.settled_by == RECALL

    @property
    def certain_until(self) -> datetime:
        """Say until when the provider discards it for certain, if it is asked to."""
        # Without a window, a request's letters leave as soon as it is made.
        return (self.release_at or self.created_at) - CERTAIN_UNTIL

    def learn_late(self, *, http_status: int | None, message_id: str | None) -> None:
        """Keep that it was once accepted, while it is not known whether it is discarded."""
        self.http_status, self.message_id = http_status, message_id or self.message_id

    def take_back(self) -> None:
        """Put what was accepted back in doubt, before the provider is asked to recall it."""
        if self.state is not RequestState.ACCEPTED:
            raise StateError(f"request {self.id} is {self.state} and can't be taken back")
        self.state, self.detail = RequestState.UNKNOWN, "being recalled"
        # What an event alone proved is marked as accepted, so that it can become so again.
        self.http_status, self.settled_by = HTTP_ACCEPTED, RECALL

    def move_to(self, state: RequestState) -> bool:
        """Learn what became of it; learning the same twice changes nothing."""
        if state is self.state:
            return False
        if state not in MOVES.get(self.state, frozenset()):
            raise StateError(f"request {self.id} is {self.state} and can't become {state}")
        self.state = state
        return True
