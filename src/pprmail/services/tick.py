"""The tick: one look at the clock and the rows, and whatever is due is done. It may be repeated."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from pprmail.errors import ApprovalError, GuardError, StateError
from pprmail.model.calendar import MonthlyTime
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month, month_after, month_at, parse_month
from pprmail.services import feedback
from pprmail.services.announcing import Announcer
from pprmail.services.assembly import assemble_in
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import recall_doubts
from pprmail.services.dispatch.record import pause
from pprmail.services.dispatch.rehearse import rehearse
from pprmail.services.dispatch.run import Run, nobody_watches, send
from pprmail.services.dispatch.settle import settle_orphans
from pprmail.services.service_mails import send_queued
from pprmail.storage.audit import last_noted
from pprmail.storage.deliveries import last_request_at
from pprmail.storage.issues import find_issue, issues_due, issues_under_way

log = structlog.get_logger()

SCHEDULER: Final = "scheduler"
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
    """What a tick works with; `run` makes the work on one issue, which can be told to stop."""

    postroom: Postroom
    announcer: Announcer
    timetable: Timetable
    run: Callable[[], Run] = Run


def tick(clockwork: Clockwork) -> list[str]:
    """Do whatever is due; a step that fails is named, and keeps no other from being done."""
    steps: dict[str, Callable[[Clockwork, datetime], object]] = {
        "events": lambda c, now: feedback.apply(c.postroom.database, now=now),
        "doubts": lambda c, now: settle_orphans(c.postroom, now=now),
        "recall": lambda c, now: recall_doubts(c.postroom, now=now),
        "assembly": _assemble_due,
        "dispatch": _dispatch_due,
        "mails": lambda c, _: send_queued(c.postroom),
    }
    return [name for name, step in steps.items() if not _done(name, step, clockwork)]


def _done(name: str, step: Callable[[Clockwork, datetime], object], clockwork: Clockwork) -> bool:
    try:
        step(clockwork, clockwork.postroom.clock())
    except Exception as error:  # noqa: BLE001 - the clock goes on; the next tick tries again
        log.error("step of the tick failed", step=name, why=str(error), kind=type(error).__name__)
        return False
    return True


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
    if not clockwork.postroom.is_rehearsal:
        for issue in under_way:
            _go_on(clockwork, issue, now)


def _go_on(clockwork: Clockwork, issue: Issue, now: datetime) -> None:
    """Go on with a sending, unless it rested for so long that a person should look at it first."""
    with clockwork.postroom.database.read() as session:
        resumed = last_noted(session, "issue resumed", issue.name)
        moments = (issue.frozen_at, last_request_at(session, issue), resumed)
    last = max(moment for moment in moments if moment is not None)
    if now > last + clockwork.timetable.latest:
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
