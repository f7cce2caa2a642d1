"""Telling entries apart among the lines below a month's header.

Each entry has one heading “Practice Implications”; that, and the citation, are what is certain.
Where neither tells where an entry begins, the page is refused instead of guessed at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pprmail.errors import SourceError
from pprmail.sources.citation import normalise_doi, parse_citation
from pprmail.sources.page_line import LONGEST_TITLE, PageLine


@dataclass(frozen=True)
class Draft:
    """An entry as lines."""

    title: PageLine
    citation: PageLine | None
    body: list[PageLine]
    implications: list[PageLine]
    doi: str | None
    warnings: list[str]


@dataclass(frozen=True)
class Found:
    """What a month's lines hold: entries, and lines that belong to none."""

    drafts: list[Draft] = field(default_factory=list)
    left_out: list[PageLine] = field(default_factory=list)


def read_entries(lines: Sequence[PageLine], *, where: str, is_last: bool) -> Found:
    """Part a month's lines into entries; a page that ends inside an entry is an error."""
    found = Found()
    blocks = _parted(lines, where)
    for block in blocks:
        _add_entry(found, block)
        if is_last and block is blocks[-1]:
            _refuse_cut_off(block, where)
    return found


@dataclass(frozen=True)
class _Block:
    """The lines of one entry, above and below its heading; without a heading, below is None."""

    lines_above: Sequence[PageLine]
    lines_below: Sequence[PageLine] | None

    @property
    def above(self) -> list[PageLine]:
        return [line for line in self.lines_above if not line.is_contact]

    @property
    def below(self) -> list[PageLine]:
        return [line for line in self.lines_below or () if not line.is_contact]

    @property
    def contacts(self) -> list[PageLine]:
        return [line for line in (*self.lines_above, *(self.lines_below or ())) if line.is_contact]

    @property
    def is_entry(self) -> bool:
        has_title = bool(self.above) and len(self.above[0].text) <= LONGEST_TITLE
        has_citation = len(self.above) > 1 and self.above[1].is_citation
        return has_title and (self.lines_below is not None or has_citation)


def _parted(lines: Sequence[PageLine], where: str) -> list[_Block]:
    headings = [place for place, line in enumerate(lines) if line.is_implications_heading]
    if not headings:
        return [_Block(lines, None)]
    starts = [0]
    for heading, following in pairwise(headings):
        starts.append(_next_title(lines, heading + 1, following, where=where))
    ends = [*starts[1:], len(lines)]
    return [
        _Block(lines[start:heading], lines[heading + 1 : end])
        for start, heading, end in zip(starts, headings, ends, strict=True)
    ]


def _next_title(lines: Sequence[PageLine], start: int, end: int, *, where: str) -> int:
    for place in range(start + 2, end):
        if lines[place].is_citation:
            return place - 1
    titles = [place for place in range(start + 1, end - 1) if lines[place].may_be_title]
    if len(titles) == 1:
        return titles[0]
    raise SourceError(
        "two entries follow each other here, and it can't be told where the second one begins",
        where=f"{where}:{lines[start].number}",
        remedy="put its month on a line of its own above its title",
    )


def _add_entry(found: Found, block: _Block) -> None:
    if not block.is_entry:
        found.left_out.extend(_note(line, "belongs to no entry") for line in block.above[:1])
        return
    implications, rest = _paragraphs(block.below)
    found.left_out.extend(_note(line, "left out") for line in (*block.contacts, *rest))
    found.drafts.append(_draft(block, implications))


def _note(line: PageLine, what: str) -> PageLine:
    return PageLine(line.number, f"{what}: “{line.text[:60]}”")


def _refuse_cut_off(block: _Block, where: str) -> None:
    implications, _ = _paragraphs(block.below)
    if block.is_entry and not (implications and implications[-1].ends_a_sentence):
        raise SourceError(
            "the page ends in the middle of its last entry",
            where=where,
            remedy="save or copy it again, to its end",
        )


def _paragraphs(below: list[PageLine]) -> tuple[list[PageLine], list[PageLine]]:
    """Part the implications from what a page has at its foot."""
    for place, line in enumerate(below):
        if place > 0 and not line.is_paragraph:
            return below[:place], below[place:]
    return below, []


def _draft(block: _Block, implications: list[PageLine]) -> Draft:
    title, *rest = block.above
    citation = rest[0] if rest and rest[0].is_citation else None
    body = rest[1:] if citation else rest
    missing = {
        "no citation": citation is None,
        "no text": not body,
        "no “Practice Implications”": not implications,
    }
    return Draft(
        title=title,
        citation=citation,
        body=body,
        implications=implications,
        doi=_doi(citation, block.contacts),
        warnings=[warning for warning, is_missing in missing.items() if is_missing],
    )


def _doi(citation: PageLine | None, contacts: list[PageLine]) -> str | None:
    doi = parse_citation(citation.text).doi if citation else None
    linked = (normalise_doi(contact.text.partition(":")[2]) for contact in contacts)
    return doi or next((found for found in linked if found), None)
