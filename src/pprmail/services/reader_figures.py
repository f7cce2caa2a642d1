"""Figures of all readers: where they stand, what they chose, and how many came and went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from pprmail.model.growth import Growth, growth_of, months_of, span_of
from pprmail.model.month import Month, month_at, months_after, year_before
from pprmail.model.subscriber import EndReason
from pprmail.services.keeping import Counted
from pprmail.services.newsroom import Newsroom
from pprmail.storage.reader_figures import (
    count_by_reason,
    count_by_topic,
    count_changes,
    count_following_all,
    count_resting,
)
from pprmail.storage.subscribers import count_subscribers

MONTHS_SHOWN: Final = 12


@dataclass(frozen=True)
class Heads:
    """How many readers there are, by where they stand; those who rest are among the active."""

    active: int
    resting: int
    pending: int
    ended: dict[EndReason, int]

    @property
    def ended_in_all(self) -> int:
        """Count all who get no more letters."""
        return sum(self.ended.values())


@dataclass(frozen=True)
class TopicFollowed:
    """How many readers chose a topic, beside those who follow everything."""

    slug: str
    name: str
    readers: int


@dataclass(frozen=True)
class Choices:
    """What the active readers follow: everything, or topics; one reader may have chosen several."""

    everything: int
    topics: Sequence[TopicFollowed]


@dataclass(frozen=True)
class ReaderFigures:
    """Counts readers for pages; at very many readers what is shown may be some minutes old."""

    newsroom: Newsroom

    def heads(self, *, now: datetime) -> Counted[Heads] | None:
        """Count readers by where they stand."""
        return self.newsroom.kept.look("heads", lambda: self._heads(now), now=now)

    def choices(self, *, now: datetime) -> Counted[Choices] | None:
        """Count readers by topic, the most chosen one first."""
        return self.newsroom.kept.look("choices", self._choices, now=now)

    def growth(self, *, now: datetime) -> Counted[list[Growth]] | None:
        """Count who came and who went in each of the last twelve months, this one among them."""
        first = year_before(month_at(now, self._zone))
        months = [first, *months_after(first, count=MONTHS_SHOWN - 1)]
        return self.newsroom.kept.look(f"growth {first}", lambda: self._growth(months), now=now)

    def year(self, year: int, *, now: datetime) -> Counted[list[Growth]] | None:
        """Count who came and who went in each month of a year, as far as it has gone."""
        this = month_at(now, self._zone)
        # Totals are worked out backwards from today's, so that all months since then are needed.
        years = range(year, int(this[:4]) + 1)
        months = [month for each in years for month in months_of(each) if month <= this]
        counted = self.newsroom.kept.look(
            f"{year} to {this}", lambda: self._growth(months), now=now
        )
        if counted is None:
            return None
        of_year = [grown for grown in counted.figures if grown.month.startswith(f"{year:04d}-")]
        return Counted(of_year, counted.at)

    def _heads(self, now: datetime) -> Heads:
        with self.newsroom.database.read() as session:
            counts = count_subscribers(session)
            return Heads(
                active=counts["active"],
                resting=count_resting(session, month_at(now, self._zone)),
                pending=counts["pending"],
                ended=count_by_reason(session),
            )

    def _choices(self) -> Choices:
        topics = self.newsroom.topics
        with self.newsroom.database.read() as session:
            everything, counts = count_following_all(session), count_by_topic(session)
        readers = {topic.slug: 0 for topic in topics.choosable}
        for slug, count in counts.items():
            topic = topics.find(slug)
            name = topic.slug if topic else slug
            readers[name] = readers.get(name, 0) + count
        found = [TopicFollowed(slug, topics.name(slug), n) for slug, n in readers.items()]
        return Choices(everything, sorted(found, key=lambda t: (-t.readers, t.name)))

    def _growth(self, months: Sequence[Month]) -> list[Growth]:
        with self.newsroom.database.read() as session:
            total = count_subscribers(session)["active"]
            changes = count_changes(session, [span_of(m, self._zone) for m in months])
        return growth_of(changes, total=total)

    @property
    def _zone(self) -> ZoneInfo:
        return self.newsroom.masthead.zone
