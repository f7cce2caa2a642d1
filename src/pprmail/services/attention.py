"""Attention: what needs a person, in sentences, the gravest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.issue import IssueState
from pprmail.model.obstacle import obstacle
from pprmail.model.subscriber import EndReason
from pprmail.services.announcing import STORM_TOLD
from pprmail.services.newsroom import Newsroom
from pprmail.storage.attention import (
    count_ended_by,
    count_failed_mails,
    count_suppressed,
    count_unconfirmed,
    doubts_by_issue,
)
from pprmail.storage.audit import last_line
from pprmail.storage.issues import all_issues, issues_resting, issues_sent_since

RECENT: Final = timedelta(days=30)
HELD: Final = "issue held back"
DEALT_WITH: Final = (HELD, "issue approved", "issue scheduled")
"""Whether a person has dealt with an issue since it was held back is told by the last of these."""


class Place(StrEnum):
    """Where something is looked at."""

    PROGRESS = "progress"
    REPORT = "report"
    APPROVE = "approve"
    READERS = "readers"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Attention:
    """One thing that needs a person, and where it is looked at."""

    sentence: str
    place: Place
    issue: str = ""


def attention(newsroom: Newsroom, *, now: datetime) -> list[Attention]:
    """List what needs a person."""
    readers = newsroom.counted("readers", lambda rows: list(_readers(rows, now)), now=now)
    with newsroom.database.read() as session:
        return [
            *_doubts(session),
            *_rests(session),
            *_held_back(session),
            *_storms(session, now),
            *readers,
            *_failed_mails(session, now),
        ]


def _doubts(session: Session) -> Iterator[Attention]:
    for issue, count, letters in doubts_by_issue(session):
        requests = "One request" if count == 1 else f"{count} requests"
        is_, them = ("is", "it holds") if count == 1 else ("are", "they hold")
        yield Attention(
            f"{requests} of {issue.in_words} {is_} in doubt: nobody knows yet whether the "
            f"{_counted(letters, 'letter')} that {them} went out.",
            Place.PROGRESS,
            issue.name,
        )


def _rests(session: Session) -> Iterator[Attention]:
    for issue in issues_resting(session):
        said = f"{issue.in_words} rests. {obstacle(issue.pause_reason or '').words}"
        yield Attention(said, Place.PROGRESS, issue.name)


def _held_back(session: Session) -> Iterator[Attention]:
    for issue in all_issues(session)[:3]:
        if issue.state is IssueState.APPROVED and issue.send_at is None:
            held = last_line(session, DEALT_WITH, issue.name)
            if held is not None and held.what == HELD:
                said = obstacle(str(held.detail.get("reason", ""))).words
                words = f"{issue.in_words} was not sent at its time. {said}"
                yield Attention(words, Place.APPROVE, issue.name)


def _storms(session: Session, now: datetime) -> Iterator[Attention]:
    for issue in issues_sent_since(session, now - RECENT):
        told = last_line(session, [STORM_TOLD], issue.name)
        if told is not None:
            reason = str(told.detail.get("reason", "")).rstrip(".")
            said = f"{issue.in_words} is reported on badly: {reason}."
            yield Attention(said, Place.REPORT, issue.name)


def _readers(session: Session, now: datetime) -> Iterator[Attention]:
    since = now - RECENT
    bounced = count_ended_by(session, EndReason.BOUNCED, since=since)
    complained = count_ended_by(session, EndReason.COMPLAINED, since=since)
    unconfirmed, kept = count_unconfirmed(session), count_suppressed(session)
    if complained:
        said = f"{_counted(complained, 'reader')} complained in the last 30 days."
        yield Attention(said, Place.READERS)
    if bounced:
        said = f"{_counted(bounced, 'address', 'addresses')} bounced for good in the last 30 days."
        yield Attention(said, Place.READERS)
    if unconfirmed:
        wait = "waits" if unconfirmed == 1 else "wait"
        said = f"{_counted(unconfirmed, 'sign-up')} {wait} for a confirmation."
        yield Attention(said, Place.READERS)
    if kept:
        them = "one of these" if kept == 1 else f"{kept:,} of these"
        said = f"The mail service most likely keeps mail from {them} to itself, after a bounce or a complaint."
        yield Attention(said, Place.READERS)


def _failed_mails(session: Session, now: datetime) -> Iterator[Attention]:
    failed = count_failed_mails(session, since=now - RECENT)
    if failed:
        said = f"{_counted(failed, 'service mail')} could not be sent in the last 30 days; your operator can see why."
        yield Attention(said, Place.NOWHERE)


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
