"""Assembly: a month's summaries become its issue, and a draft grows as more come in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError, StateError
from pprmail.model.issue import MOST_SUMMARIES, Issue, IssueState
from pprmail.model.month import Month, month_after, month_at, parse_month
from pprmail.model.summary import Summary
from pprmail.services.newsroom import Newsroom
from pprmail.storage.audit import note
from pprmail.storage.issues import find_issue, oldest_open_issue, open_issue
from pprmail.storage.summaries import summaries_of, text_of


@dataclass(frozen=True)
class Assembled:
    """An issue after its assembly: what came in, and which of the month's summaries are not in it."""

    issue: Issue
    is_new: bool
    taken_in: list[str] = field(default_factory=list)
    left_outside: list[str] = field(default_factory=list)


def month_in_hand(newsroom: Newsroom, *, now: datetime) -> Month:
    """Name the oldest month that was begun and has not ended; without one, this month."""
    with newsroom.database.read() as session:
        issue = oldest_open_issue(session)
    return parse_month(issue.month) if issue else month_at(now, newsroom.masthead.zone)


def month_to_write(newsroom: Newsroom, *, now: datetime) -> Month:
    """Name the first month from this one on whose letter may still take a summary in."""
    month = month_at(now, newsroom.masthead.zone)
    with newsroom.database.read() as session:
        while (issue := find_issue(session, month)) and not issue.may_change:
            month = month_after(month)
    return month


def assemble(newsroom: Newsroom, month: Month, *, who: str, now: datetime) -> Assembled:
    """Make or grow a month's issue; a month with no summary, or more than six, is refused."""
    with newsroom.database.write() as session:
        assembled = assemble_in(session, month, who=who, now=now)
        if assembled.is_new and not assembled.issue.summaries:
            raise NotFoundError(
                f"there is no summary of {month} yet",
                remedy="import one: pprmail summaries import PATH; “pprmail summaries list” shows all",
            )
        if assembled.issue.state is IssueState.DRAFT and assembled.left_outside:
            raise StateError(
                f"{month} has more than {MOST_SUMMARIES} summaries",
                where=", ".join(assembled.left_outside),
                remedy="give these another month, and import them again",
            )
    return assembled


def assemble_in(session: Session, month: Month, *, who: str, now: datetime) -> Assembled:
    """Make or grow a month's issue in a transaction that is under way."""
    issue, is_new = open_issue(session, month, now=now)
    if is_new:
        note(session, "issue assembled", issue.name, who=who, now=now)
    mine = summaries_of(session, month)
    is_draft = issue.state is IssueState.DRAFT
    taken = _take_in(session, issue, mine, who=who, now=now) if is_draft else []
    outside = [summary.slug for summary in mine if summary not in issue.summaries]
    return Assembled(issue, is_new, taken, outside)


def _take_in(
    session: Session, issue: Issue, summaries: Sequence[Summary], *, who: str, now: datetime
) -> list[str]:
    was_empty = not issue.entries
    room = MOST_SUMMARIES - len(issue.entries)
    newcomers = [summary for summary in summaries if summary not in issue.summaries][:room]
    taken = [summary.slug for summary in newcomers if issue.take_in(summary)]
    text = text_of(session, parse_month(issue.month))
    if was_empty and text is not None:
        text.fill(issue)
    if taken:
        issue.updated_at = now
        note(session, "summaries taken in", issue.name, who=who, now=now, slugs=taken)
    return taken
