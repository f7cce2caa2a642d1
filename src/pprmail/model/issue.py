"""An issue: a month's letter, from draft to sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pprmail.errors import StateError
from pprmail.model.month import month_in_words, parse_month
from pprmail.model.record import Record
from pprmail.model.summary import Summary

MOST_SUMMARIES: Final = 6
USUAL_SUMMARIES: Final = (2, 3)


class IssueKind(StrEnum):
    """What sort of letter this is."""

    MONTHLY = "monthly"
    CORRECTION = "correction"
    RETRACTION = "retraction"


class IssueState(StrEnum):
    """Where an issue stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


MOVES: Final[dict[IssueState, frozenset[IssueState]]] = {
    IssueState.DRAFT: frozenset({IssueState.APPROVED, IssueState.SKIPPED}),
    IssueState.APPROVED: frozenset({IssueState.DRAFT, IssueState.SENDING, IssueState.SKIPPED}),
    IssueState.SENDING: frozenset({IssueState.SENT, IssueState.CANCELLED}),
    IssueState.SENT: frozenset(),
    IssueState.CANCELLED: frozenset(),
    IssueState.SKIPPED: frozenset(),
}
"""Every move forward; whatever is not here is refused, but for the step back of an undo."""

ENDED: Final = frozenset({IssueState.SENT, IssueState.CANCELLED, IssueState.SKIPPED})
OPEN_TO_RECALL: Final = frozenset({IssueState.SENDING, IssueState.SENT})
OPEN_TO_EDITS: Final = frozenset({IssueState.DRAFT, IssueState.APPROVED})


class Issue(Record):
    """A month's letter: its summaries in order, subject, introduction and notices.

    `subject` and `preheader` are None as long as the proposal stands. `rendered_from` names the
    content that the present editions were made of; `topics` are the slugs behind the bits of
    its deliveries, fixed at the freeze together with the number of readers.
    """

    __tablename__ = "issues"
    __table_args__ = (
        Index(
            "uq_issues_month_monthly",
            "month",
            unique=True,
            sqlite_where=text("kind = 'monthly'"),
            postgresql_where=text("kind = 'monthly'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[IssueKind]
    month: Mapped[str]
    state: Mapped[IssueState]
    subject: Mapped[str | None] = mapped_column(Text)
    preheader: Mapped[str | None] = mapped_column(Text)
    introduction: Mapped[str] = mapped_column(Text)
    notices: Mapped[str] = mapped_column(Text)
    audience: Mapped[dict[str, Any]]
    rendered_from: Mapped[str | None]
    announced_at: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(Text)
    frozen_at: Mapped[datetime | None]
    frozen_readers: Mapped[int | None]
    topics: Mapped[list[str] | None]
    sent_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    entries: Mapped[list["IssueSummary"]] = relationship(
        order_by="IssueSummary.position", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def summaries(self) -> list[Summary]:
        """Its summaries, in the letter's order."""
        return [entry.summary for entry in self.entries]

    @property
    def is_monthly(self) -> bool:
        """Tell whether it is a month's letter, and no correction of one."""
        return self.kind is IssueKind.MONTHLY

    @property
    def month_in_words(self) -> str:
        """Its month as a reader says it: November 2026."""
        return month_in_words(parse_month(self.month))

    @property
    def in_words(self) -> str:
        """What it is called on a page: November 2026, or Correction 1 to November 2026."""
        number = self.name.removeprefix(f"{self.month}-c")
        of = {
            IssueKind.MONTHLY: self.month_in_words,
            IssueKind.CORRECTION: f"Correction {number} to {self.month_in_words}",
            IssueKind.RETRACTION: f"Retraction note {number} to {self.month_in_words}",
        }
        return of[self.kind]

    @property
    def may_change(self) -> bool:
        """Tell whether an editor may still change what it says."""
        return self.state in OPEN_TO_EDITS

    @property
    def may_be_undone(self) -> bool:
        """Tell whether letters that were handed over may still be recalled."""
        return self.state in OPEN_TO_RECALL

    def take_in(self, summary: Summary) -> bool:
        """Add a summary at the end, once; more than six are refused."""
        if summary in self.summaries:
            return False
        if len(self.entries) >= MOST_SUMMARIES:
            raise StateError(
                f"the issue of {self.name} already holds {MOST_SUMMARIES} summaries",
                where=summary.slug,
                remedy="move this summary to another month",
            )
        self.entries.append(IssueSummary(summary=summary, position=len(self.entries)))
        return True

    def let_go(self, summary: Summary) -> None:
        """Hold a summary no longer; the others keep their order."""
        self.entries = [entry for entry in self.entries if entry.summary is not summary]
        for position, entry in enumerate(self.entries):
            entry.position = position

    def put_in_order(self, slugs: list[str]) -> None:
        """Follow an order of slugs; summaries it does not name keep their order behind it."""
        rank = {slug: place for place, slug in enumerate(slugs)}
        self.entries.sort(key=lambda entry: rank.get(entry.summary.slug, len(rank)))
        for position, entry in enumerate(self.entries):
            entry.position = position

    def approve(self) -> None:
        """Become approved; an approved issue may be approved anew."""
        if self.state is not IssueState.APPROVED:
            self._move_to(IssueState.APPROVED)
        self.send_at = None

    def reopen(self) -> bool:
        """Fall back to draft, off the schedule, because its content changed."""
        if self.state is not IssueState.APPROVED:
            return False
        self._move_to(IssueState.DRAFT)
        self.send_at = None
        return True

    def schedule(self, at: datetime, *, now: datetime) -> None:
        """Go out at that moment; a moment that has passed is refused."""
        if self.state is not IssueState.APPROVED:
            raise StateError(
                f"the issue of {self.name} is {self.state}, not approved",
                remedy=f"approve it first: pprmail issue approve {self.name} --by ADDRESS",
            )
        if at <= now:
            raise StateError(f"{at:%Y-%m-%d %H:%M %Z} has passed", remedy="give a time to come")
        self.send_at = at

    def begin_now(self, *, now: datetime) -> None:
        """Go out as soon as the clock is looked at."""
        if self.state is not IssueState.APPROVED:
            raise StateError(f"the issue of {self.name} is {self.state}, not approved")
        self.send_at = now

    def unschedule(self) -> bool:
        """Come off the schedule and stay approved; tell whether it was on it."""
        was_scheduled = self.state is IssueState.APPROVED and self.send_at is not None
        if was_scheduled:
            self.send_at = None
        return was_scheduled

    def skip(self) -> None:
        """Let the month pass without a letter."""
        self._move_to(IssueState.SKIPPED)
        self.send_at = None

    def begin_sending(self, *, readers: int, topics: list[str], now: datetime) -> None:
        """Freeze: from now on its deliveries are what was promised."""
        self._move_to(IssueState.SENDING)
        self.frozen_at, self.frozen_readers, self.topics = now, readers, topics

    def pause(self, *, reason: str, now: datetime) -> None:
        """Rest: no new request starts after this is committed."""
        if self.state is not IssueState.SENDING:
            raise StateError(
                f"the issue of {self.name} is {self.state}, so there is nothing to pause"
            )
        self.paused_at, self.pause_reason = self.paused_at or now, reason

    def resume(self) -> None:
        """Go on after a rest."""
        if self.paused_at is None:
            raise StateError(f"the issue of {self.name} is not paused")
        self.paused_at = self.pause_reason = None

    def undo(self, *, who: str, now: datetime) -> None:
        """Rest, also after it was sent, because its letters are being recalled."""
        if not self.may_be_undone:
            raise StateError(
                f"the issue of {self.name} is {self.state}; there is nothing to recall"
            )
        self.state, self.sent_at = IssueState.SENDING, None
        self.paused_at, self.pause_reason = now, f"undone by {who}"

    def cancel(self) -> None:
        """Stop for good: whoever has not been written to yet will not be."""
        self._move_to(IssueState.CANCELLED)
        self.paused_at = self.pause_reason = None

    def finish(self, *, now: datetime) -> None:
        """Be sent: every reader's letter has an outcome that is known."""
        self._move_to(IssueState.SENT)
        self.paused_at = self.pause_reason = None
        self.sent_at = now

    def _move_to(self, state: IssueState) -> None:
        if state not in MOVES[self.state]:
            raise StateError(
                f"the issue of {self.name} is {self.state} and can't become {state}",
                remedy=f"see where it stands: pprmail issue status {self.name}",
            )
        self.state = state


class IssueSummary(Record):
    """A summary at its place in an issue."""

    __tablename__ = "issue_summaries"
    __table_args__ = (UniqueConstraint("issue_id", "summary_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"), index=True)
    position: Mapped[int]
    summary: Mapped[Summary] = relationship(lazy="joined")
