"""Checking a summary while it is written: its lengths, its citation taken apart, and hints."""

from dataclasses import dataclass
from typing import Final

from pprmail.model.hints.passage import Hint
from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.model.summary import Summary
from pprmail.services.preflight import LONGEST_BRIEF, USUAL_BODY_WORDS, USUAL_IMPLICATIONS_WORDS
from pprmail.services.second_look import hints_in
from pprmail.sources.citation import parse_citation

USUAL_TITLE_WORDS: Final = 15
KINDS: Final = {
    ReferenceKind.ARTICLE: "Article in a journal",
    ReferenceKind.CHAPTER: "Chapter of a book",
    ReferenceKind.BOOK: "Book",
    ReferenceKind.OTHER: "",
}
_EVERY: Final = ("kind", "authors", "year", "title")
_EXPECTED: Final = {
    ReferenceKind.ARTICLE: (*_EVERY, "container", "volume", "issue", "pages", "doi"),
    ReferenceKind.CHAPTER: (*_EVERY, "container", "editors", "pages", "publisher", "doi"),
    ReferenceKind.BOOK: (*_EVERY, "publisher", "doi"),
    ReferenceKind.OTHER: (*_EVERY, "container", "volume", "issue", "pages", "doi"),
}
_NAMES: Final = {
    "kind": "What it is",
    "authors": "Authors",
    "editors": "Editors",
    "year": "Year",
    "title": "Title",
    "container": "Journal or book",
    "volume": "Volume",
    "issue": "Number",
    "pages": "Pages",
    "publisher": "Publisher",
    "doi": "DOI",
}


@dataclass(frozen=True)
class Length:
    """How long a field is, and how long it usually is."""

    said: str
    is_usual: bool


@dataclass(frozen=True)
class Part:
    """One part of a citation; an empty value could not be read."""

    name: str
    value: str


@dataclass(frozen=True)
class Checked:
    """What there is to say of a summary as it stands in the form."""

    lengths: dict[str, Length]
    study: list[Part]
    hints: list[Hint]


def checked(summary: Summary) -> Checked:
    """Look at a summary, saved or not."""
    reference = parse_citation(summary.citation) if summary.citation else None
    return Checked(_lengths(summary), _study(reference) if reference else [], hints_in(summary))


def _lengths(summary: Summary) -> dict[str, Length]:
    fewest, most = USUAL_BODY_WORDS
    brief = len(summary.in_brief or "")
    said = f"{brief} characters; up to {LONGEST_BRIEF} fit one line" if brief else "One line"
    return {
        "title": _words(summary.title, 0, USUAL_TITLE_WORDS),
        "in_brief": Length(said, brief <= LONGEST_BRIEF),
        "body": _words(summary.body, fewest, most),
        "implications": _words(summary.implications, 0, USUAL_IMPLICATIONS_WORDS),
    }


def _words(text: str, fewest: int, most: int) -> Length:
    count = len(text.split())
    usual = f"{fewest} to {most}" if fewest else f"up to {most}"
    if not count:
        return Length(f"{usual[0].upper()}{usual[1:]} words are usual", is_usual=True)
    words = "word" if count == 1 else "words"
    return Length(f"{count} {words}; {usual} are usual", fewest <= count <= most)


def _study(reference: Reference) -> list[Part]:
    parts = [Part(_NAMES[name], _value(reference, name)) for name in _EXPECTED[reference.kind]]
    if reference.advance_online:
        # What appears ahead of print has no numbers yet.
        parts = [part for part in parts if part.value or part.name not in _NUMBERS]
        parts.append(Part("Note", "Advance online publication"))
    return parts


_NUMBERS: Final = frozenset({_NAMES["volume"], _NAMES["issue"], _NAMES["pages"]})


def _value(reference: Reference, name: str) -> str:
    if name == "kind":
        return KINDS[reference.kind]
    if name in {"authors", "editors"}:
        people = "; ".join(_person(person) for person in getattr(reference, name))
        is_cut = people and name == "authors" and reference.authors_truncated
        return f"{people}; and others whom the citation leaves out" if is_cut else people
    return str(getattr(reference, name) or "")


def _person(author: Author) -> str:
    return f"{author.family}, {author.given}" if author.given else author.family
