"""Who gets what: which summaries of an issue a reader's topics select, and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any, Final

from pprmail.model.topic import Topics

MONTHLY: Final = {
    "readers": "active, and not pausing in its month",
    "summaries": "those that carry a chosen topic",
}
"""The audience rule of a monthly issue, kept as data so that an approval can sign it."""

HOLDERS: Final = {
    "readers": "active, and holding an accepted monthly letter with the summary in full",
    "summaries": "the one that the letter is about",
}
"""The audience rule of a correction; "summary" in it names the one that is meant."""

FOLLOWS_ALL: Final = -1
"""The topic bits of a reader who follows everything: no topic led here, and none is missing."""

MOST_TOPICS: Final = 62
"""A selection of topics is one signed 64-bit number."""


class NoMatch(StrEnum):
    """What a reader wants in a month without a match."""

    NOTE = "note"
    ALL = "all"
    SKIP = "skip"


@dataclass(frozen=True)
class Match:
    """A topic as a reader's choice may be stored, with the summary and the topic it leads to."""

    topic: str
    summary_bit: int
    topic_bit: int


@dataclass(frozen=True)
class Matching:
    """What the topics of an issue's summaries select; bits follow the issue's order.

    `month` is the issue's: readers who pause until a later one are left out.
    """

    slugs: tuple[str, ...]
    matches: tuple[Match, ...]
    everything: int
    month: str = ""

    def selections(self) -> list[int]:
        """List every selection some choice of topics makes, the full one first, the note last."""
        unions = {0, self.everything}
        for mask in self._by_topic().values():
            unions |= {union | mask for union in unions}
        return sorted(unions, key=lambda mask: (-mask.bit_count(), mask))

    def for_reader(
        self, chosen: Collection[str], *, follows_all: bool, no_match: NoMatch
    ) -> tuple[int | None, int]:
        """Give a reader's selection (None: no letter) and topic bits."""
        if follows_all:
            return self.everything, FOLLOWS_ALL
        mine = [match for match in self.matches if match.topic in chosen]
        selection = reduce(or_, (match.summary_bit for match in mine), 0)
        why = reduce(or_, (match.topic_bit for match in mine), 0)
        return selection or self._without_match(no_match), why

    def topics_behind(self, topic_bits: int) -> list[str]:
        """Name the slugs behind topic bits, in the issue's order."""
        return [slug for place, slug in enumerate(self.slugs) if topic_bits >> place & 1]

    def topics_leading_to(self, selection: int) -> list[str]:
        """Name the topics that select nothing beyond this selection."""
        led = {m.topic_bit for m in self.matches} - {
            m.topic_bit for m in self.matches if not m.summary_bit & selection
        }
        return self.topics_behind(sum(led))

    def _without_match(self, no_match: NoMatch) -> int | None:
        return {NoMatch.NOTE: 0, NoMatch.ALL: self.everything, NoMatch.SKIP: None}[no_match]

    def _by_topic(self) -> dict[int, int]:
        masks: dict[int, int] = {}
        for match in self.matches:
            masks[match.topic_bit] = masks.get(match.topic_bit, 0) | match.summary_bit
        return masks


@dataclass(frozen=True)
class Holders(Matching):
    """Whoever holds a letter with one summary in full, whatever is followed or paused today.

    There is one edition, and what a reader chooses leads to none.
    """

    summary: str = ""

    @classmethod
    def of(cls, audience: Mapping[str, Any], *, month: str) -> "Holders":
        """Read the rule as it is kept with a correction."""
        return cls((), (), everything=1, month=month, summary=audience["summary"])

    def selections(self) -> list[int]:
        """List the one edition."""
        return [self.everything]

    def for_reader(
        self, chosen: Collection[str], *, follows_all: bool, no_match: NoMatch
    ) -> tuple[int | None, int]:
        """Give none: who holds a letter is known from its delivery alone."""
        del chosen, follows_all, no_match
        return None, 0


def matching(
    topics_of_summaries: Sequence[Sequence[str]], topics: Topics, *, month: str = ""
) -> Matching:
    """Work out what each topic selects, under every slug that a choice of it may be stored as."""
    carried = [[_present(slug, topics) for slug in slugs] for slugs in topics_of_summaries]
    slugs = tuple(dict.fromkeys(slug for row in carried for slug in row))
    matches = tuple(
        Match(topic=stored, summary_bit=1 << place, topic_bit=1 << slugs.index(slug))
        for place, row in enumerate(carried)
        for slug in dict.fromkeys(row)
        for stored in (topics.spelled_as(slug) or [slug])
    )
    return Matching(slugs, matches, everything=(1 << len(carried)) - 1, month=month)


def _present(slug: str, topics: Topics) -> str:
    topic = topics.find(slug)
    return topic.slug if topic else slug
