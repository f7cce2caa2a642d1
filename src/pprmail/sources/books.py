"""Books and their chapters: name, pages, editors and publisher out of a citation."""

import re
from dataclasses import replace
from typing import Final

from pprmail.model.reference import Reference, ReferenceKind
from pprmail.sources.authors import read_editors
from pprmail.sources.imprints import is_publisher, without_place
from pprmail.sources.numbering import book_pages
from pprmail.sources.sentences import is_title_cased, last_sentence, read_title, sentences

_LONGEST_NAME: Final = 160
_IN: Final = re.compile(r"(?:^|[.?!,;][\"”’]? )((?:(?:Chapter in|In):? ){1,2})(?=[^\W\d_])")
_EDITORS: Final = re.compile(
    r" ?,? ?\((?:Eds?|Hrsg)\.?(?: & Trans\.)?\)[ ,.:;]{0,4}", re.IGNORECASE
)
_BRACKETS: Final = re.compile(r"[(\[][^()\[\]]{1,120}[)\]]")
_NOTES: Final = re.compile(
    rf"{_BRACKETS.pattern}|, ?[0-9]{{1,2}}(?:st|nd|rd|th) (?:ed\b\.?|edition\b)", re.IGNORECASE
)
_EDITION: Final = re.compile(
    r"\bed\b|\bedn\b|\bedition\b|\bVols?\.|\bpp?\. ?[0-9]|\bTrans\.", re.IGNORECASE
)
_LOOSE_PAGES: Final = re.compile(r"\bpp?\. ?[0-9]{1,5}(?: ?[-–] ?[0-9]{1,5})?", re.IGNORECASE)
_VOLUME: Final = re.compile(r"\bVol\. ?([0-9]{1,3})\b", re.IGNORECASE)
_CHAPTER: Final = re.compile(
    r"[.,;( ]{0,3}\b(?:Chapter|Ch\.) [0-9]{1,3}[).,; ]{0,4}$", re.IGNORECASE
)
_BEHIND_NAME: Final = re.compile(r"$| ?[.,;:(\[]| (?=[^\W\d_a-z])")
_PERSON: Final = re.compile(r",|\b[^\W\d_]\. ")


def read_chapter(text: str) -> Reference | None:
    """Read a chapter by the "In" before its book, which has editors, pages or a publisher."""
    marker = _EDITORS.search(text)
    opening = _last_in(text, marker.start() if marker else _end_of_bare_book(text))
    if opening is None:
        return None
    title = read_title(text[: opening.start(1)])
    if marker is None:
        return replace(_without_editors(text[opening.end() :]), title=title)
    editors = read_editors(text[opening.end() : marker.start()])
    return replace(_holding_book(text[marker.end() :]), title=title, editors=editors)


def read_book(text: str) -> Reference | None:
    """Read a book by the edition behind its name or by a publisher that is surely one.

    A "[Paper presentation]" is no book, and neither is a part of what has its own editors.
    """
    told = text.rstrip(" .")
    note = _edition(told)
    name, imprint = (told[: note.start()], told[note.end() :]) if note else last_sentence(told)
    described = name.rstrip(" .").endswith("]") or _EDITORS.search(text)
    if described or not (note or is_publisher(imprint)):
        return None
    return Reference(ReferenceKind.BOOK, title=read_title(name), publisher=_publisher(imprint))


def _last_in(text: str, until: int) -> re.Match[str] | None:
    return max(_IN.finditer(text, 0, until), key=lambda found: found.start(), default=None)


def _end_of_bare_book(text: str) -> int:
    """Give the place of "(pp. 1–20)" or of the publisher, which show that "In" opens a book."""
    paged = next((b.start() for b in _BRACKETS.finditer(text) if book_pages(b[0])), 0)
    name, imprint = last_sentence(text)
    return paged or (len(name) if is_publisher(imprint) else 0)


def _without_editors(text: str) -> Reference:
    """Read the book, but not its name where editors without "(Eds.)" may stand before that."""
    book = _holding_book(text)
    return replace(book, container=None) if _PERSON.search(book.container or "") else book


def _holding_book(text: str) -> Reference:
    told = _without_chapter(text.strip(" .,;"))
    name, note, imprint = _parts(told)
    volume = _VOLUME.search(note)
    return Reference(
        ReferenceKind.CHAPTER,
        container=read_title(_without_chapter(name)),
        volume=volume[1] if volume else None,
        pages=book_pages(told),
        publisher=_publisher(imprint),
    )


def _without_chapter(text: str) -> str:
    """Leave out "Chapter 6" at the end, which is neither the book's name nor its publisher."""
    chapter = _CHAPTER.search(text, max(0, len(text) - 30))
    return text[: chapter.start()] if chapter else text


def _parts(text: str) -> tuple[str, str, str]:
    """Part what tells of a book into its name, "(2nd ed., pp. 1–20)" and what stands behind."""
    if note := _edition(text) or _LOOSE_PAGES.search(text):
        return text[: note.start()], note[0], text[note.end() :]
    name, imprint = last_sentence(text)
    if name:
        return (name if is_title_cased(imprint) else ""), "", imprint
    name, _, imprint = text.rpartition(", ")
    return (name, "", imprint) if is_publisher(imprint) else (text, "", "")


def _edition(text: str) -> re.Match[str] | None:
    """Find the note behind a book's name that tells of its edition, volume or pages."""
    notes = (n for n in _NOTES.finditer(text) if _EDITION.search(n[0]))
    return next((n for n in notes if _BEHIND_NAME.match(text, n.end())), None)


def _publisher(imprint: str) -> str | None:
    """Give the publisher's name; of several names, the one that is surely a publisher's."""
    printed = [sentence for part in _BRACKETS.split(imprint) for sentence in sentences(part)]
    pieces = (piece for sentence in printed for piece in without_place(sentence).split(", "))
    names = [name for piece in pieces if (name := piece.strip(" .,;:"))]
    sure = names if len(names) == 1 else [name for name in names if is_publisher(name)]
    name = sure[0] if len(sure) == 1 else ""
    fit = is_title_cased(name) and name != "Author" and len(name) < _LONGEST_NAME
    return name if fit else None
