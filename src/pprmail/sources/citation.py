"""Citations in the style of the APA, as people paste them: read as far as they can be for sure."""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from pprmail.model.reference import Reference, ReferenceKind
from pprmail.sources.articles import read_article, read_unnumbered_article
from pprmail.sources.authors import Names, look_like_names, read_authors
from pprmail.sources.books import read_book, read_chapter
from pprmail.sources.doi import link_start, normalise_doi, only_doi
from pprmail.sources.imprints import is_journal, is_publisher
from pprmail.sources.numbering import advance_note
from pprmail.sources.sentences import (
    asks_or_calls,
    begins_like_a_sentence,
    is_title_cased,
    last_sentence,
    one_line,
    read_title,
    sentence_ends,
)

__all__ = ["normalise_doi", "parse_citation"]

_UNREAD: Final = Reference(ReferenceKind.OTHER)
_YEAR: Final = r"(?P<year>(?:1[5-9]|20)[0-9]{2})"
_DATE: Final = re.compile(
    rf"\( ?(?:[^\W\d_]{{3,9}}\.? )?(?:{_YEAR}(?P<reprint>/[0-9]{{4}})?(?:-?[a-z])?"
    r"(?:, [^()]{1,40})?|in press(?:-[a-z])?|forthcoming|n\. ?d\.) ?\)",
    re.IGNORECASE,
)
_THESIS: Final = re.compile(r"[(\[][^()\[\]]{0,80}\b(?:dissertation|thesis)\b", re.IGNORECASE)
_RETRIEVED: Final = re.compile(r"(?:\b(?:Retrieved|Accessed|Available)\b[^.]{0,40})?[ (\[<]*$")


@dataclass(frozen=True)
class _Opening:
    """What stands before a year: names, or a title, or words that could be either."""

    year: int | None
    work: str
    names: Names = field(default_factory=Names)
    title: str | None = None
    is_doubtful: bool = False


def parse_citation(text: str) -> Reference:
    """Read what is certain in a citation; nothing is guessed, and no text makes this fail."""
    line = one_line(text)
    opening = _opening(line)
    reference = _with_names(_work(opening), opening) if opening else _UNREAD
    advance = advance_note(line) is not None
    return replace(reference, doi=only_doi(line), advance_online=advance)


def _opening(line: str) -> _Opening | None:
    """Part a citation at its year; a year amid a sentence opens nothing."""
    date = _DATE.search(line)
    if date is None or not _may_follow_year(line[date.end() :]):
        return None
    before, work = line[: date.start()].strip(" ,:"), line[date.end() :].strip(" .,:;")
    year = int(date["year"]) if date["year"] and not date["reprint"] else None
    names = read_authors(before)
    if names.people or not before:
        return _Opening(year, work, names)
    if look_like_names(before):
        return _Opening(year, work, names, is_doubtful=not re.search("[,&]", before))
    is_title = before.endswith((".", "?", "!")) and not sentence_ends(before)
    return _Opening(year, work, title=before) if is_title else None


def _may_follow_year(rest: str) -> bool:
    work = rest.strip(" ,;")
    return not work or begins_like_a_sentence(work)


def _with_names(work: Reference, opening: _Opening) -> Reference:
    names = opening.names
    told = replace(work, year=opening.year, authors_truncated=names.truncated)
    if not names.are_editors:
        return replace(told, authors=names.people)
    kind = ReferenceKind.BOOK if work.kind is ReferenceKind.OTHER else work.kind
    return replace(told, kind=kind, editors=names.people)


def _work(opening: _Opening) -> Reference:
    """Read the work; where the title may stand before the year, what follows may be no title."""
    told = _without_links(opening.work)
    if opening.title is not None:
        return _read_titled(opening.title, told)
    work = _read_work(told)
    unsure = opening.is_doubtful and work.kind is ReferenceKind.OTHER
    return replace(work, title=None) if unsure else work


def _read_titled(printed: str, rest: str) -> Reference:
    title, work = read_title(printed), _read_work(f"{printed} {rest}")
    return work if work.title == title else Reference(ReferenceKind.OTHER, title=title)


def _without_links(work: str) -> str:
    """Cut a work's text at its DOI or web address, but keep a note that stands behind that."""
    end, note = link_start(work), advance_note(work)
    told = work[:end]
    place = _RETRIEVED.search(told, max(0, end - 80))
    told = told[: place.start()] if place else told
    return f"{told} {work[note:]}" if note is not None and note > end else told


def _read_work(text: str) -> Reference:
    plain = text[: advance_note(text)]
    thesis = _THESIS.search(plain)
    if thesis:
        return Reference(ReferenceKind.OTHER, title=read_title(plain[: thesis.start()]))
    numbered = read_chapter(plain) or read_article(text)
    return numbered or read_book(plain) or read_unnumbered_article(plain) or _read_other(plain)


def _read_other(text: str) -> Reference:
    """Read the title of a work that has no more than that, or stands before an unknown name."""
    title, name = last_sentence(text)
    if not title:
        return Reference(ReferenceKind.OTHER, title=_lone_title(name))
    if is_title_cased(name):
        sure = not is_title_cased(title) and not sentence_ends(title)
        return Reference(ReferenceKind.OTHER, title=read_title(title) if sure else None)
    return Reference(ReferenceKind.OTHER, title=read_title(text) if asks_or_calls(title) else None)


def _lone_title(text: str) -> str | None:
    """Read a title alone; a name behind a comma may be the journal's, and then none is told."""
    names = text.split(", ")[1:]
    return None if any(is_journal(n) or is_publisher(n) for n in names) else read_title(text)
