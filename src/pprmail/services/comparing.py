"""Comparing sources with the archive: what is new, what reads otherwise, what is the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from sqlalchemy.orm import Session

from pprmail.errors import SourceError
from pprmail.model.issue_text import TEXT_FIELDS
from pprmail.model.month import Month
from pprmail.model.slug import slug_of
from pprmail.model.summary import CONTENT, TextFormat, slugs_for
from pprmail.services.newsroom import Newsroom
from pprmail.sources.entry import Entry, Sources, TextEntry
from pprmail.storage.audit import months_before
from pprmail.storage.summaries import (
    summaries_named,
    summaries_of,
    summary_from,
    summary_with,
    text_of,
)
from pprmail.storage.tables import IssueText, Summary


@dataclass(frozen=True)
class Difference:
    """A field that a source gives otherwise; an addition takes nothing away."""

    field: str
    before: Any
    after: Any
    is_addition: bool = False


@dataclass(frozen=True)
class Change:
    """Something that is there already but reads otherwise."""

    name: str
    source: Entry | TextEntry
    row: Summary | IssueText
    differences: list[Difference]

    @property
    def where(self) -> str:
        """The place that reads otherwise."""
        return self.source.where

    @property
    def only_adds(self) -> bool:
        """Tell whether nothing that stands there would be lost."""
        return all(difference.is_addition for difference in self.differences)


@dataclass(frozen=True)
class Comparison:
    """What an import would do."""

    new: list[Entry] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: list[Summary] = field(default_factory=list)
    new_texts: list[TextEntry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def compare(newsroom: Newsroom, sources: Sources) -> Comparison:
    """Say what an import of these sources would do, and change nothing."""
    with newsroom.database.read() as session:
        return compare_in(session, sources)


def compare_in(session: Session, sources: Sources) -> Comparison:
    """Compare in a transaction that is under way."""
    comparison = Comparison(warnings=list(sources.warnings))
    for entry in _each_once(sources.entries, comparison):
        odd = (*entry.warnings, *entry.gaps)
        comparison.warnings.extend(f"{entry.where}: {warning}" for warning in odd)
        _compare_entry(session, entry, comparison)
    for text in sources.texts:
        _refuse_unknown_order(session, text, sources.entries)
        _compare_text(session, text, comparison)
    return comparison


def _each_once(entries: list[Entry], comparison: Comparison) -> Iterator[Entry]:
    seen: dict[tuple[Month, str], Entry] = {}
    for entry in entries:
        first = seen.setdefault((entry.month, slug_of(entry.title)), entry)
        if first is entry:
            yield entry
        elif _content(first) != _content(entry):
            comparison.warnings.append(
                f"{entry.where}: stands also at {first.where}, with another text; the first was taken"
            )


def _compare_entry(session: Session, entry: Entry, comparison: Comparison) -> None:
    row = _known(session, entry) or _moved(session, entry)
    if row is None:
        comparison.new.append(entry)
        namesake = summary_with(session, slug_of(entry.title))
        if namesake is not None:
            comparison.warnings.append(
                f"{entry.where}: a summary of this title stands in {namesake.month} already"
            )
        return
    differences = list(_differences(row, entry))
    if differences:
        comparison.changed.append(Change(row.slug, entry, row, differences))
    else:
        comparison.unchanged.append(row)


def _known(session: Session, entry: Entry) -> Summary | None:
    named = summaries_named(session, entry.month, entry.title)
    if named or entry.source_name is None:
        return max(named, key=lambda summary: _nearness(summary, entry), default=None)
    # The same file of the same month, under a title that was mended since.
    return summary_from(session, entry.month, entry.source_name)


def _nearness(summary: Summary, entry: Entry) -> tuple[bool, bool]:
    """Rank summaries of one name: an editor may have given one's first title to another."""
    is_its_own = entry.source_name is not None and summary.source_name == entry.source_name
    return is_its_own, summary.title == entry.title


def _moved(session: Session, entry: Entry) -> Summary | None:
    """Find what an editor has moved to another month since it came in."""
    for slug in slugs_for(entry.month, entry.title):
        summary = summary_with(session, slug)
        if summary is not None and entry.month in months_before(session, slug):
            return summary
    return None


def _differences(row: Summary, entry: Entry) -> Iterator[Difference]:
    is_page = entry.text_format is TextFormat.PLAIN
    for name in CONTENT:
        before, after = getattr(row, name), getattr(entry, name)
        if is_page and name == "topics":
            after = list(dict.fromkeys([*before, *after]))
        # A page of the blog says nothing of topics, types and the like, so that their absence
        # there means nothing.
        if before != after and not (is_page and after is None):
            is_addition = is_page and (name == "topics" or before is None)
            yield Difference(name, before, after, is_addition)


def _compare_text(session: Session, text: TextEntry, comparison: Comparison) -> None:
    row = text_of(session, text.month)
    if row is None:
        comparison.new_texts.append(text)
        return
    differences = [
        Difference(name, getattr(row, name), getattr(text, name))
        for name in TEXT_FIELDS
        if getattr(row, name) != getattr(text, name)
    ]
    if differences:
        comparison.changed.append(Change(f"issue.md of {text.month}", text, row, differences))


def _refuse_unknown_order(session: Session, text: TextEntry, entries: list[Entry]) -> None:
    known = {summary.slug for summary in summaries_of(session, text.month)}
    known |= {slug_of(entry.title) for entry in entries if entry.month == text.month}
    for slug in text.order:
        if slug not in known:
            meant = get_close_matches(slug, known, n=1, cutoff=0.3)
            raise SourceError(
                f"order: {text.month} has no summary “{slug}”",
                where=text.where,
                remedy=f"did you mean “{meant[0]}”?" if meant else "see: pprmail summaries list",
            )


def _content(entry: Entry) -> list[Any]:
    return [getattr(entry, name) for name in CONTENT]
