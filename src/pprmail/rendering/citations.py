"""A citation as it is printed: the journal or the book in italics, its DOI left to the link."""

import re
from typing import Final
from urllib.parse import unquote

from markupsafe import Markup, escape

from pprmail.model.reference import Reference, ReferenceKind

_DOI_AT_THE_END: Final = re.compile(
    r"(?:(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi\b[: ]{1,2})+|(?<![\w./])(?=10\.[0-9]{4}))"
    r"(?P<doi>\S+)$",
    re.IGNORECASE,
)
_RETRIEVED: Final = re.compile(r"\b(?:Retrieved|Available|Accessed)\b[^.]{0,40}$", re.IGNORECASE)
_LONGEST_END: Final = 400
"""Characters; an end that is looked at whole would take longer than a page may."""

_CLOSING: Final = " )."
_BEHIND_THE_WORK: Final = re.compile(r"https?://|\bdoi\b|Advance online", re.IGNORECASE)


def citation_text(citation: str, *, doi: str | None) -> str:
    """Give a citation on one line; the DOI at its end is left out where it has a link of its own."""
    line = " ".join(citation.split())
    told = line.rstrip(_CLOSING)
    end = _DOI_AT_THE_END.search(told, max(0, len(told) - _LONGEST_END))
    if not end or not doi or unquote(end["doi"]).lower() != doi.lower().rstrip(_CLOSING):
        return line
    work = line[: end.start()].rstrip(" (")
    retrieved = _RETRIEVED.search(work, max(0, len(work) - _LONGEST_END))
    return work[: retrieved.start()].rstrip(" (") if retrieved else work


def citation_html(citation: str, reference: Reference, *, doi: str | None) -> Markup:
    """Set a citation as the APA does: what can be asked for in a library stands in italics."""
    line = citation_text(citation, doi=doi)
    behind = _BEHIND_THE_WORK.search(line)
    limit = behind.start() if behind else len(line)
    # A book's title comes first behind the year; a journal's name may stand in the article's title.
    find = line.find if reference.kind is ReferenceKind.BOOK else line.rfind
    for words in _italics(reference):
        begin = find(words, 0, limit)
        if begin >= 0:
            end = begin + len(words)
            return escape(line[:begin]) + Markup("<em>{}</em>").format(words) + escape(line[end:])
    return escape(line)


def _italics(reference: Reference) -> list[str]:
    """List what may be set in italics, the longest first."""
    if reference.kind is ReferenceKind.BOOK:
        return [reference.title] if reference.title else []
    if not reference.container:
        return []
    numbered = [f"{reference.container}, {reference.volume}"] if reference.volume else []
    return [*numbered, reference.container]
