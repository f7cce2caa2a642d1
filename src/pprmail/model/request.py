"""A request: one call to the provider, written down before it is made."""

from datetime import datetime
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
"""Every move there is. A crash makes `submitting` unknown, never pending."""

RELEASING: Final = frozenset({RequestState.NOT_SENT, RequestState.RECALLED, RequestState.REORDERED})
"""States in which nobody got anything, or a person ordered it again: its deliveries go free."""


class Request(Record):
    """One call with at most 1,000 deliveries of one edition.

    People name it by `id`, the provider by `public_id`. `worker` names the journal that holds its
    intent; `lease_until` says from when another host may take it for lost.
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

    def move_to(self, state: RequestState) -> bool:
        """Learn what became of it; learning the same twice changes nothing."""
        if state is self.state:
            return False
        if state not in MOVES.get(self.state, frozenset()):
            raise StateError(f"request {self.id} is {self.state} and can't become {state}")
        self.state = state
        return True
