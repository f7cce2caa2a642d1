"""A pasted or uploaded page of the blog: what it would bring, entry by entry, before anything is done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pprmail.errors import SourceError
from pprmail.model.slug import slug_of
from pprmail.model.summary import Summary
from pprmail.model.wording import Piece, differences
from pprmail.services.comparing import Change, Comparison, compare, compare_in
from pprmail.services.importing import Imported, bring_in
from pprmail.services.newsroom import Newsroom
from pprmail.services.writing import letters_with
from pprmail.sources.blog_page import PageRead, look_through
from pprmail.sources.entry import Entry, Sources
from pprmail.sources.reading import with_additions


@dataclass(frozen=True)
class Page:
    """A page of the blog as it was given, with what the editor adds to its entries."""

    text: str
    name: str
    topics: list[str] = field(default_factory=list)
    type_of_research: str = ""


@dataclass(frozen=True)
class Reworded:
    """A field that reads otherwise, word by word."""

    field: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Looked:
    """What a page holds: new, changed and same entries, and what could not be read.

    `sent` names the summaries that went out in a letter, which nothing here replaces.
    """

    comparison: Comparison
    unreadable: Sequence[SourceError]
    sent: Collection[str]

    @property
    def changed(self) -> list[tuple[Change, list[Reworded]]]:
        """The entries that read otherwise than what is stored, with their differences."""
        return [(change, _reworded(change)) for change in self.comparison.changed]

    @property
    def same(self) -> list[Summary]:
        """What is there already, word for word."""
        return self.comparison.unchanged


def look_at(newsroom: Newsroom, page: Page) -> Looked:
    """Say what an import of a page would do, and change nothing."""
    read = _read(newsroom, page)
    with newsroom.database.read() as session:
        comparison = compare_in(session, read.sources)
        changed = [c.row for c in comparison.changed if isinstance(c.row, Summary)]
        sent = {summary.slug for summary in changed if letters_with(session, summary)}
    return Looked(comparison, read.problems, sent)


def import_chosen(
    newsroom: Newsroom, page: Page, chosen: Collection[str], *, who: str, now: datetime
) -> Imported:
    """Import the chosen entries of a page: new ones come in, changed ones are replaced."""
    sources = _read(newsroom, page).sources
    kept = Sources([entry for entry in sources.entries if place_of(entry) in chosen])
    names = [change.name for change in compare(newsroom, kept).changed]
    return bring_in(newsroom, kept, who=who, now=now, replacing=names)


def place_of(entry: Entry) -> str:
    """Name an entry by its month and title, wherever it stands on the page."""
    return f"{entry.month}/{slug_of(entry.title)}"


def _read(newsroom: Newsroom, page: Page) -> PageRead:
    read = look_through(page.text, page.name, newsroom.topics)
    added = with_additions(
        read.sources, newsroom.topics, names=page.topics, kind=page.type_of_research
    )
    return replace(read, sources=added)


def _reworded(change: Change) -> list[Reworded]:
    return [
        Reworded(d.field, differences(_as_text(d.before), _as_text(d.after)))
        for d in change.differences
    ]


def _as_text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
