"""A reference: what could be read, without guessing, from a citation's text."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class ReferenceKind(StrEnum):
    """What sort of work is cited."""

    ARTICLE = "article"
    CHAPTER = "chapter"
    BOOK = "book"
    OTHER = "other"


@dataclass(frozen=True)
class Author:
    """One author: `family` keeps its particles ("Van der Helm"), `given` is as printed ("J. J.")."""

    family: str
    given: str


@dataclass(frozen=True)
class Reference:
    """A citation taken apart: a part that could not be read is None, and nothing is guessed.

    `container` is the journal, or the book that holds a chapter. `pages` keeps what is printed
    with an en dash between first and last page; an article number stands there as printed.
    `authors_truncated` says that the citation itself leaves authors out (". . .", "et al.").
    `editors` and `publisher` belong to a book or to the book that holds a chapter.
    """

    kind: ReferenceKind
    authors: tuple[Author, ...] = ()
    authors_truncated: bool = False
    year: int | None = None
    title: str | None = None
    container: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    advance_online: bool = False
    editors: tuple[Author, ...] = ()
    publisher: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `--json` prints, which leaves out editors and publisher."""
        return {name: _plain(getattr(self, name)) for name in _PRINTED}


_PRINTED = tuple(f.name for f in fields(Reference) if f.name not in {"editors", "publisher"})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [asdict(author) for author in value]
    return str(value) if isinstance(value, ReferenceKind) else value
