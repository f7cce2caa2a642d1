"""Telling entries apart among the lines below a month's header.

Each entry has one heading “Practice Implications”; that, and the citation, are what is certain.
Where neither tells where an entry begins, the page is refused instead of guessed at.
"""

from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True)
class Found:
    """What a month's lines hold: entries, lines that belong to none, and the foot of the page.

    `ends_amid_entry` tells that the lines look cut off.
    """

    drafts: list[Draft]
    left_out: list[PageLine]
    foot: list[PageLine]
    ends_amid_entry: bool


def read_entries(lines: Sequence[PageLine], *, where: str, is_last: bool) -> Found:
    """Part a month's lines into entries; below the last month of a page there may be a foot."""
    blocks = list(_blocks(lines, where))
    foot = blocks[-1].foot if is_last else []
    return Found(
        drafts=[_draft(block, foot) for block in blocks if block.is_entry],
        left_out=[line for block in blocks for line in block.left_out],
        foot=foot,
        ends_amid_entry=blocks[-1].is_cut_off,
    )


@dataclass(frozen=True)
class _Block:
    """The lines of one entry, above and below its heading; without a heading, below is None."""

    above: Sequence[PageLine]
    below: Sequence[PageLine] | None
    contacts: Sequence[PageLine]

    @property
    def citation(self) -> PageLine | None:
        return next((line for line in self.above[1:2] if line.is_citation), None)

    @property
    def body(self) -> Sequence[PageLine]:
        return self.above[2:] if self.citation else self.above[1:]

    @property
    def is_entry(self) -> bool:
        if not self.above or self.above[0].is_citation or len(self.above[0].text) > LONGEST_TITLE:
            return False
        has_cited_text = self.citation and not all(line.is_citation for line in self.body)
        return self.below is not None or bool(has_cited_text)

    @property
    def left_out(self) -> Sequence[PageLine]:
        return self.contacts if self.is_entry else self.above[:1]

    @property
    def foot(self) -> list[PageLine]:
        below = list(self.below or ())
        starts = (place for place, line in enumerate(below) if place and not line.is_paragraph)
        return below[next(starts, len(below)) :]

    @property
    def is_cut_off(self) -> bool:
        if self.below:
            return not self.foot and not self.below[-1].ends_a_sentence
        return self.citation is not None or any(line.is_paragraph for line in self.body)


def _blocks(lines: Sequence[PageLine], where: str) -> Iterator[_Block]:
    text = [line for line in lines if not line.is_contact]
    starts = _Parting(text, where).starts()
    for start, end in pairwise([*starts, len(text)]):
        whole = text[start:end]
        places = [place for place, line in enumerate(whole) if line.is_implications_heading]
        heading = places[0] if places else None
        first = text[start].number if start else 0
        last = text[end].number if end < len(text) else float("inf")
        yield _Block(
            above=whole[:heading],
            below=None if heading is None else whole[heading + 1 :],
            contacts=[c for c in lines if c.is_contact and first <= c.number < last],
        )


@dataclass
class _Parting:
    """Goes through a month's lines and notes where entries start."""

    lines: Sequence[PageLine]
    where: str
    found: list[int] = field(default_factory=lambda: [0])
    heading: int | None = None

    def starts(self) -> list[int]:
        for place, line in enumerate(self.lines):
            if line.is_implications_heading:
                self._pass_heading(place)
            elif line.is_citation and self._begins_entry(place - 1):
                self.found.append(place - 1)
                self.heading = None
        return self.found

    def _pass_heading(self, place: int) -> None:
        if self.heading is not None:
            self.found.append(self._only_title(self.heading + 1, place))
        self.heading = place

    def _begins_entry(self, title: int) -> bool:
        """Tell whether the line above a citation is the title of a new entry."""
        if self.heading is not None:
            return title > self.heading + 1 and len(self.lines[title].text) <= LONGEST_TITLE
        first = self.found[-1]
        if title < first + 2 or not self.lines[title].may_be_title:
            return False
        if not self.lines[first + 1].is_citation:
            raise self._doubt(title)
        return True

    def _only_title(self, start: int, end: int) -> int:
        """Find the title between a heading's first paragraph and another heading's text."""
        titles = [place for place in range(start + 1, end - 1) if self.lines[place].may_be_title]
        if len(titles) != 1:
            raise self._doubt(start)
        return titles[0]

    def _doubt(self, place: int) -> SourceError:
        return SourceError(
            "it can't be told whether another entry begins here, and with which line",
            where=f"{self.where}:{self.lines[place].number}",
            remedy="put its month on a line of its own above its title, or join lines that are one",
        )


def _draft(block: _Block, foot: Sequence[PageLine]) -> Draft:
    return Draft(
        title=block.above[0],
        citation=block.citation,
        body=list(block.body),
        implications=[line for line in block.below or () if line not in foot],
        doi=_doi(block),
    )


def _doi(block: _Block) -> str | None:
    doi = parse_citation(block.citation.text).doi if block.citation else None
    linked = (normalise_doi(contact.text.partition(":")[2]) for contact in block.contacts)
    return doi or next((found for found in linked if found), None)
