"""Looking back: what a choice of topics would have brought in the last twelve months."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from pprmail.model.audience import matching
from pprmail.model.month import month_at, year_before
from pprmail.model.summary import Summary
from pprmail.model.topic import Topics
from pprmail.services.archive import Archive
from pprmail.services.subscriptions import Choice


@dataclass(frozen=True)
class Past:
    """What would have come: the summaries, out of how many, and what bare months had brought."""

    got: tuple[Summary, ...]
    published: int
    notes: int
    skipped: int


def looked_back(archive: Archive, choice: Choice, *, now: datetime) -> Past:
    """Say what this choice would have brought; pauses do not count."""
    newsroom = archive.newsroom
    since = year_before(month_at(now, newsroom.masthead.zone))
    published = archive.since(since)
    months = [tuple(some) for _, some in groupby(published, key=lambda s: s.month)]
    selections = [_selection(some, choice, newsroom.topics) for some in months]
    got = [
        summary
        for some, selection in zip(months, selections, strict=True)
        for place, summary in enumerate(some)
        if (selection or 0) >> place & 1
    ]
    return Past(tuple(got), len(published), selections.count(0), selections.count(None))


def _selection(month: tuple[Summary, ...], choice: Choice, topics: Topics) -> int | None:
    made = matching([summary.topics for summary in month], topics, month=month[0].month)
    selection, _ = made.for_reader(
        choice.topics, follows_all=not choice.topics, no_match=choice.no_match
    )
    return selection
