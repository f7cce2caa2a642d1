"""A year's figures: each issue's letters and what became of them, and the readers of each topic."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from sqlalchemy.orm import Session

from pprmail.model.audience import FOLLOWS_ALL
from pprmail.model.cells import guarded
from pprmail.model.growth import Growth
from pprmail.model.issue import Issue
from pprmail.model.month import month_at
from pprmail.services.keeping import Counted
from pprmail.services.newsroom import Newsroom
from pprmail.services.reader_figures import ReaderFigures
from pprmail.storage.deliveries import equation_of
from pprmail.storage.figures import count_by_topic_bits, count_ended, count_facts
from pprmail.storage.issues import issue_named
from pprmail.storage.year import issues_of_year, years_of_issues


@dataclass(frozen=True)
class IssueInYear:
    """One issue's letters. `left` are its readers whose letters ended since it was begun."""

    name: str
    in_words: str
    readers: int
    accepted: int
    delivered: int
    bounced: int
    complained: int
    left: int
    by_topic: dict[str, int]


@dataclass(frozen=True)
class TopicInYear:
    """Letters of a year that a topic led to; one letter may be led to by several."""

    name: str
    letters: int


@dataclass(frozen=True)
class Year:
    """A year; `growth` and the issues that are being counted are missing for a moment."""

    year: int
    issues: Sequence[IssueInYear]
    topics: Sequence[TopicInYear]
    growth: Sequence[Growth]
    counted_at: datetime | None
    is_whole: bool


def years_known(newsroom: Newsroom, *, now: datetime) -> list[int]:
    """List the years that there are figures of, the newest first."""
    this = int(month_at(now, newsroom.masthead.zone)[:4])
    with newsroom.database.read() as session:
        known = years_of_issues(session)
    first, last = known or (this, this)
    return list(range(max(this, last), min(this, first) - 1, -1))


def year_of(figures: ReaderFigures, year: int, *, now: datetime) -> Year:
    """Give a year's figures, as far as they are counted."""
    newsroom = figures.newsroom
    with newsroom.database.read() as session:
        names = [issue.name for issue in issues_of_year(session, year)]
    counted = [_look(figures, name, now=now) for name in names]
    growth = figures.year(year, now=now)
    known = [each for each in counted if each is not None]
    ages = [each.at for each in (*known, growth) if each is not None]
    issues = [each.figures for each in known]
    return Year(
        year=year,
        issues=issues,
        topics=_topics(newsroom, issues),
        growth=growth.figures if growth else [],
        counted_at=min(ages, default=None),
        is_whole=growth is not None and len(known) == len(names),
    )


def year_as_csv(year: Year) -> str:
    """Give the same as three tables one below the other, for a program for tables."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerows([guarded(str(cell)) for cell in row] for row in _rows(year))
    return "\ufeff" + text.getvalue()


def _rows(year: Year) -> Iterator[Sequence[Any]]:
    yield "issue", "readers", "accepted", "delivered", "bounced", "complained", "left"
    for i in year.issues:
        yield i.name, i.readers, i.accepted, i.delivered, i.bounced, i.complained, i.left
    yield ()
    yield "month", "gained", "left", "readers at its end"
    for g in year.growth:
        yield g.month, g.gained, g.left, g.total
    yield ()
    yield "topic", "letters that it led to"
    for topic in year.topics:
        yield topic.name, topic.letters


def _look(figures: ReaderFigures, name: str, *, now: datetime) -> Counted[IssueInYear] | None:
    return figures.newsroom.kept.look(
        f"issue {name}", lambda: _counted(figures.newsroom, name), now=now
    )


def _counted(newsroom: Newsroom, name: str) -> IssueInYear:
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
        facts, equation = count_facts(session, issue), equation_of(session, issue)
        return IssueInYear(
            name=name,
            in_words=issue.in_words,
            readers=equation.frozen,
            accepted=equation.accepted,
            delivered=facts["delivered"],
            bounced=facts["bounced"],
            complained=facts["complained"],
            left=count_ended(session, issue),
            by_topic=_by_topic(session, issue),
        )


def _by_topic(session: Session, issue: Issue) -> dict[str, int]:
    found = count_by_topic_bits(session, issue)
    counts = [(bits, n) for bits, n in found.items() if bits != FOLLOWS_ALL]
    return {
        topic: sum(readers for bits, readers in counts if bits >> place & 1)
        for place, topic in enumerate(issue.topics or [])
    }


def _topics(newsroom: Newsroom, issues: Sequence[IssueInYear]) -> list[TopicInYear]:
    letters: dict[str, int] = {}
    for issue in issues:
        for slug, count in issue.by_topic.items():
            name = newsroom.topics.name(slug)
            letters[name] = letters.get(name, 0) + count
    return [
        TopicInYear(name, n)
        for name, n in sorted(letters.items(), key=lambda row: (-row[1], row[0]))
    ]
