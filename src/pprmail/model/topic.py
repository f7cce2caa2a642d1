"""Topics: what a reader can choose, out of one fixed list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True)
class Topic:
    """One topic: it may be retired or merged into another, and is never silently dropped."""

    slug: str
    name: str
    group: str
    aliases: tuple[str, ...] = ()
    retired: bool = False
    merged_into: str | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way in which this topic may be written."""
        return (self.slug, self.name, *self.aliases)


@dataclass(frozen=True)
class Topics:
    """The fixed list of topics, and the types of research beside it."""

    listed: tuple[Topic, ...]
    types_of_research: tuple[str, ...] = ()
    _by_slug: dict[str, Topic] = field(init=False, repr=False, compare=False)
    _by_spelling: dict[str, Topic] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_slug", {topic.slug: topic for topic in self.listed})
        spellings = {fold(s): topic for topic in self.listed for s in topic.spellings}
        object.__setattr__(self, "_by_spelling", spellings)

    def find(self, spelling: str) -> Topic | None:
        """Find a topic by slug, name or alias, wherever a merge has taken it."""
        topic = self._by_spelling.get(fold(spelling))
        return self._after_merges(topic) if topic else None

    def nearest(self, spelling: str) -> str | None:
        """Name the topic that was most likely meant."""
        close = get_close_matches(fold(spelling), self._by_spelling, n=1, cutoff=0.5)
        return self._by_spelling[close[0]].name if close else None

    def name(self, slug: str) -> str:
        """Give the name that readers see; a slug that is not listed stands for itself."""
        topic = self.find(slug)
        return topic.name if topic else slug

    def names(self, slugs: Iterable[str]) -> list[str]:
        """Give the names of several topics, each once, in the given order."""
        return list(dict.fromkeys(self.name(slug) for slug in slugs))

    def spelled_as(self, slug: str) -> list[str]:
        """List every slug, old ones too, under which a choice of this topic may be stored."""
        return [topic.slug for topic in self.listed if self._after_merges(topic).slug == slug]

    @property
    def choosable(self) -> tuple[Topic, ...]:
        """The topics that a reader can choose today."""
        return tuple(t for t in self.listed if not t.retired and t.merged_into is None)

    def groups(self) -> dict[str, list[Topic]]:
        """Give the choosable topics by group, so that a page of many boxes can be read."""
        grouped: dict[str, list[Topic]] = {}
        for topic in self.choosable:
            grouped.setdefault(topic.group, []).append(topic)
        return grouped

    def _after_merges(self, topic: Topic) -> Topic:
        seen = {topic.slug}
        while topic.merged_into and topic.merged_into not in seen:
            seen.add(topic.merged_into)
            topic = self._by_slug[topic.merged_into]
        return topic


def fold(spelling: str) -> str:
    """Fold a spelling so that case and white space do not matter."""
    return " ".join(spelling.casefold().split())
