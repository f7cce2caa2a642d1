"""The tick: one look at the clock and the rows, and whatever is due is done. It may be repeated."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from pprmail.errors import ApprovalError, GuardError, StateError
from pprmail.model.calendar import MonthlyTime
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month, month_after, month_at, parse_month
from pprmail.sending.suppressions import Suppressions
from pprmail.services import feedback
from pprmail.services.announcing import Announcer
from pprmail.services.assembly import assemble_in
from pprmail.services.breaker import pause_storms, storms_after_sending
from pprmail.services.consents import Invite, lapse_once_a_night, nobody_invites
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import recall_doubts
from pprmail.services.dispatch.record import pause
from pprmail.services.dispatch.rehearse import rehearse
from pprmail.services.dispatch.run import Run, nobody_watches, send
from pprmail.services.dispatch.settle import settle_orphans
from pprmail.services.retention import Retention, forget_once_a_night
from pprmail.services.service_mails import send_queued
from pprmail.services.suppressions import pull_once_a_night
from pprmail.services.uploading import forget_uploads
from pprmail.storage.audit import last_noted
from pprmail.storage.deliveries import equation_of, last_request_at
from pprmail.storage.issues import find_issue, issues_due, issues_resting, issues_under_way

log = structlog.get_logger()

SCHEDULER: Final = "scheduler"
ORDERS_OF_PEOPLE: Final = ("issue resumed", "doubt settled")
"""After which a sending may go on unasked, however long it had rested before."""

STALE: Final = "the sending rested for so long that it is too late to go on unasked"


@dataclass(frozen=True)
class Timetable:
    """When a month is assembled, from which month on, and how late a letter may leave unasked."""

    first_month: str
    assemble: MonthlyTime
    send: MonthlyTime
    latest: timedelta


@dataclass(frozen=True)
class Clockwork:
    """What a tick works with; `run` makes the work on one issue, which can be told to stop.

    `suppressions` are the provider's own lists, if it keeps any. `invite` asks a reader to agree
    anew whose implied consent is over; without it, the operator does.
    """

    postroom: Postroom
    announcer: Announcer
    timetable: Timetable
    run: Callable[[], Run] = Run
    suppressions: Suppressions | None = None
    retention: Retention = field(default_factory=Retention)
    invite: Invite = nobody_invites


Step = Callable[[Clockwork, datetime], object]


def tick(clockwork: Clockwork) -> list[str]:
    """Do whatever is due; a step that fails is named, and keeps no other from being done."""
    return _failed(_OF_THE_CLOCK, clockwork)


def work(clockwork: Clockwork) -> list[str]:
    """Go on with what was begun, as a dispatcher alone does, and begin nothing; as `tick`."""
    return _failed(_OF_A_DISPATCHER, clockwork)


def _failed(steps: Sequence[str], clockwork: Clockwork) -> list[str]:
    return [name for name in steps if not _done(name, _STEPS[name], clockwork)]


def _done(name: str, step: Step, clockwork: Clockwork) -> bool:
    try:
        step(clockwork, clockwork.postroom.clock())
    except Exception as error:  # noqa: BLE001 - the clock goes on; the next tick tries again
        log.error("step of the tick failed", step=name, why=str(error), kind=type(error).__name__)
        return False
    return True


def _pull_suppressions(clockwork: Clockwork, now: datetime) -> None:
    # Whoever was told to end begins no round of questions that may take minutes.
    if not clockwork.run().stop.is_set():
        pull_once_a_night(clockwork.postroom, clockwork.suppressions, now=now)


def _assemble_due(clockwork: Clockwork, now: datetime) -> None:
    newsroom = clockwork.postroom.newsroom
    for month in _months_due(clockwork, now):
        with newsroom.database.read() as session:
            issue = find_issue(session, month)
        if issue is not None and (issue.announced_at or issue.state is not IssueState.DRAFT):
            continue
        with newsroom.database.write() as session:
            assemble_in(session, month, who=SCHEDULER, now=now)
        clockwork.announcer.ready(month, now=now)


def _months_due(clockwork: Clockwork, now: datetime) -> Iterator[Month]:
    timetable, zone = clockwork.timetable, clockwork.postroom.newsroom.masthead.zone
    if not timetable.first_month:
        return
    month = parse_month(timetable.first_month)
    while month <= month_at(now, zone):
        if timetable.assemble.in_month(month, zone) <= now:
            yield month
        month = month_after(month)


def _dispatch_due(clockwork: Clockwork, now: datetime) -> None:
    with clockwork.postroom.database.read() as session:
        due, under_way = issues_due(session, now=now), issues_under_way(session)
    for issue in due:
        _begin(clockwork, issue, now)
    _go_on_with(clockwork, under_way, now)


def _under_way(clockwork: Clockwork, now: datetime) -> None:
    with clockwork.postroom.database.read() as session:
        under_way = issues_under_way(session)
    _go_on_with(clockwork, under_way, now)


def _go_on_with(clockwork: Clockwork, under_way: Iterable[Issue], now: datetime) -> None:
    if clockwork.postroom.is_rehearsal:
        return
    for issue in under_way:
        try:
            _go_on(clockwork, issue, now)
        except GuardError as refusal:
            # It would be refused again and again; a pause is what a person is told of.
            pause(clockwork.postroom, issue.id, reason=str(refusal))


def _go_on(clockwork: Clockwork, issue: Issue, now: datetime) -> None:
    """Go on with a sending, unless it rested for so long that a person should look at it first."""
    with clockwork.postroom.database.read() as session:
        moments = (
            issue.frozen_at,
            last_request_at(session, issue),
            *(last_noted(session, what, issue.name) for what in ORDERS_OF_PEOPLE),
        )
        is_waiting = equation_of(session, issue).pending > 0
    last = max(moment for moment in moments if moment is not None)
    if is_waiting and now > last + clockwork.timetable.latest:
        pause(clockwork.postroom, issue.id, reason=STALE)
        return
    send(clockwork.postroom, issue.name, who=SCHEDULER, run=clockwork.run())


def _begin(clockwork: Clockwork, issue: Issue, now: datetime) -> None:
    if issue.send_at is not None and now > issue.send_at + clockwork.timetable.latest:
        late = "The system was not running at that time, and it is too late now to send it unasked."
        clockwork.announcer.held(issue.name, reason=late, now=now)
        return
    try:
        _send_or_rehearse(clockwork, issue, now)
    except (ApprovalError, GuardError, StateError) as refusal:
        clockwork.announcer.held(issue.name, reason=str(refusal), now=now)


def _send_or_rehearse(clockwork: Clockwork, issue: Issue, now: datetime) -> None:
    if not clockwork.postroom.is_rehearsal:
        send(clockwork.postroom, issue.name, who=SCHEDULER, run=clockwork.run())
        return
    rehearsal = rehearse(clockwork.postroom, issue.name, watch=nobody_watches)
    said = f"The sender is the outbox: {rehearsal.letters} letters were written to files."
    clockwork.announcer.held(issue.name, reason=said, now=now)


def _break_storms(clockwork: Clockwork, now: datetime) -> None:
    pause_storms(clockwork.postroom)
    for name, reason in storms_after_sending(clockwork.postroom, now=now):
        clockwork.announcer.storm(name, reason=reason, now=now)


def _tell_of_pauses(clockwork: Clockwork, now: datetime) -> None:
    with clockwork.postroom.database.read() as session:
        resting = issues_resting(session)
    for issue in resting:
        clockwork.announcer.paused(issue.name, now=now)


def _forget(clockwork: Clockwork, now: datetime) -> None:
    newsroom = clockwork.postroom.newsroom
    zone = newsroom.masthead.zone
    forget_once_a_night(newsroom.database, clockwork.retention, zone=zone, now=now)


_STEPS: Final[Mapping[str, Step]] = {
    "events": lambda c, now: feedback.apply(c.postroom.database, now=now),
    "breaker": _break_storms,
    "doubts": lambda c, now: settle_orphans(c.postroom, now=now),
    "recall": lambda c, now: recall_doubts(c.postroom, now=now),
    "consents": lambda c, now: lapse_once_a_night(c.announcer, c.invite, now=now),
    "assembly": _assemble_due,
    "dispatch": _dispatch_due,
    "under way": _under_way,
    "pauses": _tell_of_pauses,
    "mails": lambda c, _: send_queued(c.postroom),
    "suppressions": _pull_suppressions,
    "retention": _forget,
    "uploads": lambda c, now: forget_uploads(c.postroom.database, now=now),
}
_OF_THE_CLOCK: Final = tuple(step for step in _STEPS if step != "under way")
_OF_A_DISPATCHER: Final = ("doubts", "recall", "under way", "mails")
