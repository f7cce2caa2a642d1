"""Watching a sending: where it stands, how fast it goes, and what can still be stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from pprmail.model.delivery import Equation
from pprmail.model.edition import name_of
from pprmail.model.issue import Issue, IssueState
from pprmail.model.obstacle import Obstacle, obstacle
from pprmail.model.pace import Pace
from pprmail.model.request import Request, RequestState
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import why_not_recalled
from pprmail.storage.audit import last_line
from pprmail.storage.deliveries import requests_of
from pprmail.storage.issues import edition_with, issue_named
from pprmail.storage.standing import standing_of


class Stage(StrEnum):
    """What an editor can do next depends on this alone."""

    OPEN = "open"
    SCHEDULED = "scheduled"
    DUE = "due"
    SENDING = "sending"
    STOPPED = "stopped"
    SENT = "sent"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Doubt:
    """A request whose outcome nobody knows, and what is known of it."""

    request: Request
    edition: str
    why: Obstacle
    may_be_settled: bool


@dataclass(frozen=True)
class Window:
    """Letters by what can still be done about them, and until when the last can be recalled."""

    recallable: int = 0
    until: datetime | None = None
    gone: int = 0
    being_recalled: int = 0
    recalled: int = 0


@dataclass(frozen=True)
class Watched:
    """A sending, as it is at one moment."""

    issue: Issue
    stage: Stage
    equation: Equation
    pace: Pace
    window: Window
    doubts: Sequence[Doubt]
    why: Obstacle | None
    is_rehearsal: bool

    @property
    def can_stop(self) -> bool:
        """Tell whether pressing Stop would still do something."""
        is_going = self.stage in {Stage.SCHEDULED, Stage.DUE, Stage.SENDING}
        return is_going or self.window.recallable > 0

    @property
    def settled(self) -> int:
        """The letters of which nothing is left to do."""
        return self.equation.frozen - self.equation.pending - self.equation.in_flight

    @property
    def tenths(self) -> int:
        """How much is done, in tenths: what is read out is not to change every few seconds."""
        return 10 * self.settled // self.equation.frozen if self.equation.frozen else 0


def watch(postroom: Postroom, name: str, *, now: datetime) -> Watched:
    """Look at a sending; nothing is counted that takes long, however many readers there are."""
    with postroom.database.read() as session:
        issue = issue_named(session, name)
        requests = requests_of(session, issue)
        equation = standing_of(session, issue, requests)
        return Watched(
            issue=issue,
            stage=_stage(issue, now=now),
            equation=equation,
            pace=_pace(issue, requests, pending=equation.pending, now=now),
            window=_window(postroom, issue, requests, now=now),
            doubts=[_doubt(session, issue, r, now=now) for r in requests if _is_doubt(r)],
            why=_why(session, issue),
            is_rehearsal=postroom.is_rehearsal,
        )


def _stage(issue: Issue, *, now: datetime) -> Stage:
    if issue.state is IssueState.APPROVED and issue.send_at is not None:
        return Stage.SCHEDULED if issue.send_at > now else Stage.DUE
    if issue.state is IssueState.SENDING:
        return Stage.STOPPED if issue.paused_at else Stage.SENDING
    return Stage.OPEN if issue.may_change else Stage(issue.state.value)


def _pace(issue: Issue, requests: Sequence[Request], *, pending: int, now: datetime) -> Pace:
    taken = [
        (r.finished_at, r.size)
        for r in requests
        if r.finished_at is not None and r.state is RequestState.ACCEPTED
    ]
    return Pace.of(taken, begun=issue.frozen_at or now, pending=pending, now=now)


def _window(
    postroom: Postroom, issue: Issue, requests: Sequence[Request], *, now: datetime
) -> Window:
    accepted = [r for r in requests if r.state is RequestState.ACCEPTED]
    # What was handed over stays so in a letter that was stopped for good.
    may_recall = issue.may_be_undone
    kept = [r for r in accepted if may_recall and not why_not_recalled(postroom, r, now=now)]
    return Window(
        recallable=_letters(kept),
        until=max((r.certain_until for r in kept), default=None),
        gone=_letters(accepted) - _letters(kept),
        being_recalled=_letters([r for r in requests if r.is_being_recalled and r.was_accepted]),
        recalled=_letters([r for r in requests if r.state is RequestState.RECALLED]),
    )


def _letters(requests: Sequence[Request]) -> int:
    return sum(request.size for request in requests)


def _is_doubt(request: Request) -> bool:
    return request.state is RequestState.UNKNOWN


def _doubt(session: Session, issue: Issue, request: Request, *, now: datetime) -> Doubt:
    edition = edition_with(session, request.edition_id)
    is_open = not (request.is_being_recalled and now < request.certain_until)
    return Doubt(request, name_of(edition, issue), obstacle(request.detail or ""), is_open)


def _why(session: Session, issue: Issue) -> Obstacle | None:
    """Say why it rests, or why it was not sent when it was due."""
    if issue.pause_reason:
        return obstacle(issue.pause_reason)
    if issue.state is not IssueState.APPROVED or issue.send_at is not None:
        return None
    held = last_line(session, ["issue held back", "issue scheduled", "issue approved"], issue.name)
    is_news = held is not None and held.what == "issue held back"
    return obstacle(held.detail.get("reason", "")) if held and is_news else None
