"""Standing: where the month in hand stands, and how the last issues did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.model.field_words import in_words
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month
from pprmail.model.standing import Facts, Standing, stand
from pprmail.services.assembly import month_in_hand
from pprmail.services.looking import readers_today
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import changed_since_approval
from pprmail.services.tick import Timetable
from pprmail.services.ticking import checked
from pprmail.storage.deliveries import equation_of
from pprmail.storage.figures import count_ended, count_facts
from pprmail.storage.issues import all_issues, find_issue, latest_approval
from pprmail.storage.subscribers import count_subscribers
from pprmail.storage.summaries import all_summaries, summaries_of


@dataclass(frozen=True)
class Figures:
    """An issue in the list of issues; figures are there once it began to go out."""

    issue: Issue
    summaries: int
    figures: dict[str, int] | None


@dataclass(frozen=True)
class MonthSeen:
    """The month in hand; `outside` are its summaries that its draft does not hold."""

    month: Month
    issue: Issue | None
    standing: Standing
    outside: int


@dataclass(frozen=True)
class FirstDay:
    """What is there already on the first day, before there is any summary."""

    has_sender: bool
    readers: int


def this_month(newsroom: Newsroom, timetable: Timetable, *, now: datetime) -> MonthSeen:
    """Say where the oldest month stands that was begun and has not ended, else this month."""
    month = month_in_hand(newsroom, now=now)
    with newsroom.database.read() as session:
        issue = find_issue(session, month)
    if issue is None:
        facts = _not_begun(newsroom, timetable, month, now=now)
    elif issue.state is IssueState.DRAFT:
        facts = _draft(newsroom, month, issue, now=now)
    else:
        facts = _on_its_way(newsroom, month, issue, now=now)
    standing = stand(facts, newsroom.masthead.zone)
    return MonthSeen(month, facts.issue, standing, _outside(newsroom, month, facts))


def first_day(newsroom: Newsroom) -> FirstDay | None:
    """Say what is there already, if there is neither a summary nor an issue yet."""
    with newsroom.database.read() as session:
        if all_issues(session) or all_summaries(session):
            return None
        readers = sum(count_subscribers(session).values())
    masthead = newsroom.masthead
    return FirstDay(bool(masthead.from_email and masthead.postal_address.strip()), readers)


def issues_listed(newsroom: Newsroom, *, now: datetime, most: int | None = None) -> list[Figures]:
    """List the issues, the newest first, with what became of those that went out."""
    with newsroom.database.read() as session:
        issues: Sequence[Issue] = all_issues(session)[:most]
    return [_figures(newsroom, issue, now=now) for issue in issues]


def _not_begun(newsroom: Newsroom, timetable: Timetable, month: Month, *, now: datetime) -> Facts:
    with newsroom.database.read() as session:
        count = len(summaries_of(session, month))
    due = timetable.assemble.in_month(month, newsroom.masthead.zone)
    is_watched = bool(timetable.first_month) and timetable.first_month <= month and due > now
    return Facts(month, summaries=count, assembles_at=due if is_watched else None)


def _outside(newsroom: Newsroom, month: Month, facts: Facts) -> int:
    if facts.issue is None or facts.issue.state is not IssueState.DRAFT:
        return 0
    held = {summary.id for summary in facts.issue.summaries}
    with newsroom.database.read() as session:
        return sum(summary.id not in held for summary in summaries_of(session, month))


def _draft(newsroom: Newsroom, month: Month, issue: Issue, *, now: datetime) -> Facts:
    found = checked(newsroom, issue.name, now=now)
    with newsroom.database.read() as session:
        last = latest_approval(session, issue)
    return Facts(
        month,
        issue=issue,
        summaries=len(issue.entries),
        errors=len(found.errors),
        waiting=len(found.waiting),
        was_approved=last is not None,
        readers=readers_today(newsroom, issue, now=now),
    )


def _on_its_way(newsroom: Newsroom, month: Month, issue: Issue, *, now: datetime) -> Facts:
    is_open = issue.state is IssueState.APPROVED
    with newsroom.database.read() as session:
        changed = changed_since_approval(newsroom, session, issue) if is_open else None
    return Facts(
        month,
        issue=issue,
        summaries=len(issue.entries),
        changed=in_words(changed or []) or (["the letter"] if changed else []),
        readers=readers_today(newsroom, issue, now=now) if is_open else 0,
        taken=_taken(newsroom, issue, now=now) if issue.frozen_at else 0,
    )


def _taken(newsroom: Newsroom, issue: Issue, *, now: datetime) -> int:
    name = ("taken", issue.id)
    return newsroom.counted(name, lambda rows: equation_of(rows, issue).accepted, now=now)


def _figures(newsroom: Newsroom, issue: Issue, *, now: datetime) -> Figures:
    def counted(session: Session) -> dict[str, int]:
        return count_facts(session, issue) | {"ended": count_ended(session, issue)}

    has_begun = issue.frozen_at is not None
    figures = newsroom.counted(("figures", issue.id), counted, now=now) if has_begun else None
    return Figures(issue, len(issue.entries), figures)
