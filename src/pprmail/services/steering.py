"""Steering: a person schedules an issue, skips a month, pauses, resumes or stops a sending."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.errors import StateError
from pprmail.model.issue import Issue
from pprmail.model.month import Month
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import changed_since_approval
from pprmail.storage.audit import note
from pprmail.storage.deliveries import cancel_waiting
from pprmail.storage.issues import issue_for_change, open_issue


def schedule(newsroom: Newsroom, name: str, *, at: datetime, who: str, now: datetime) -> Issue:
    """Let an approved issue go out at a time to come."""
    with newsroom.database.write() as session:
        issue = issue_for_change(session, name)
        issue.schedule(at, now=now)
        _refuse_changed(newsroom, session, issue)
        note(session, "issue scheduled", name, who=who, now=now, at=at.isoformat())
    return issue


def send_now(newsroom: Newsroom, name: str, *, who: str, now: datetime) -> Issue:
    """Let an approved issue go out as soon as the clock is looked at; nobody waits for it."""
    with newsroom.database.write() as session:
        issue = issue_for_change(session, name)
        issue.begin_now(now=now)
        _refuse_changed(newsroom, session, issue)
        note(session, "issue to be sent now", name, who=who, now=now)
    return issue


def unschedule(newsroom: Newsroom, name: str, *, who: str, now: datetime) -> Issue:
    """Take an issue off the schedule; it stays approved. What has begun is left as it is."""
    with newsroom.database.write() as session:
        issue = issue_for_change(session, name)
        if not issue.unschedule():
            raise StateError(f"the issue of {name} is not on the schedule any more")
        note(session, "schedule cancelled", name, who=who, now=now)
    return issue


def skip(newsroom: Newsroom, month: Month, *, who: str, now: datetime) -> Issue:
    """Let a month pass without a letter, whether or not its issue was begun."""
    with newsroom.database.write() as session:
        open_issue(session, month, now=now)
        issue = issue_for_change(session, month)
        issue.skip()
        note(session, "month skipped", month, who=who, now=now)
    return issue


def pause(newsroom: Newsroom, name: str, *, who: str, now: datetime) -> Issue:
    """Start no new request from now on; what is under way is brought to its end."""
    return _steered(
        newsroom, name, lambda i: i.pause(reason=f"by {who}", now=now), who=who, now=now
    )


def resume(newsroom: Newsroom, name: str, *, who: str, now: datetime) -> Issue:
    """Go on with a sending that rests."""
    return _steered(newsroom, name, lambda issue: issue.resume(), who=who, now=now)


def cancel(newsroom: Newsroom, name: str, *, who: str, now: datetime) -> tuple[Issue, int]:
    """Take an approved issue off the schedule, or stop a sending for good.

    Gives the number of readers who will not be written to.
    """
    with newsroom.database.write() as session:
        issue = issue_for_change(session, name)
        if issue.unschedule():
            note(session, "schedule cancelled", name, who=who, now=now)
            return issue, 0
        issue.cancel()
        spared = cancel_waiting(session, issue)
        note(session, "sending cancelled", name, who=who, now=now, spared=spared)
    return issue, spared


def _refuse_changed(newsroom: Newsroom, session: Session, issue: Issue) -> None:
    changed = changed_since_approval(newsroom, session, issue)
    if changed:
        raise StateError(
            f"the approval of {issue.name} holds no longer; changed since: {', '.join(changed)}",
            remedy=f"approve it again: pprmail issue approve {issue.name} --by ADDRESS",
        )


def _steered(
    newsroom: Newsroom, name: str, step: Callable[[Issue], None], *, who: str, now: datetime
) -> Issue:
    with newsroom.database.write() as session:
        issue = issue_for_change(session, name)
        step(issue)
        what = "issue paused" if issue.paused_at else "issue resumed"
        note(session, what, name, who=who, now=now)
    return issue
