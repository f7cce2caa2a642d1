"""References as other programs take them: a RIS record, a BibTeX entry, and the name in a text.

Every value becomes one line, so none can begin a tag or a field of its own, and what could not be
read is left out. RIS tags are those of the "RIS Format Specifications" by Research Information
Systems; entries and fields of BibTeX are those of Oren Patashnik's "BibTeXing".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import quote

from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.rendering.lines import printable

_PLAIN_IN_A_DOI: Final = "/:;().,-_~!*'@$&+="
"""Older DOIs also hold "<", "#" and the like, which would end an address or change it."""

_RIS_TYPES: Final = {
    ReferenceKind.ARTICLE: "JOUR",
    ReferenceKind.CHAPTER: "CHAP",
    ReferenceKind.BOOK: "BOOK",
    ReferenceKind.OTHER: "GEN",
}
_BIBTEX_TYPES: Final = {
    ReferenceKind.ARTICLE: "article",
    ReferenceKind.CHAPTER: "incollection",
    ReferenceKind.BOOK: "book",
    ReferenceKind.OTHER: "misc",
}
_NAMES_LEFT_OUT: Final = "The list of names is not complete: the citation leaves some out."
_ADVANCE: Final = "Advance online publication."

_TEX: Final = str.maketrans(
    {
        **{mark: f"\\{mark}" for mark in "&%$#_"},
        # BibTeX counts the brace in "\{" too, so a lone one would leave the entry open.
        "{": r"{\textbraceleft}",
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        "\\": r"{\textbackslash}",
    }
)
_VERBATIM: Final = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
_ONE_WORD: Final = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_FORENAME: Final = re.compile(r"(?!.*\band\b)(?:[^\W\d_]|[-. ’'])+", re.IGNORECASE)


def ris(reference: Reference, *, citation: str, note: str) -> str:
    """Give a RIS record; what has no tag of its own, or could not be read, stands in its notes."""
    tags = [
        ("TY", _RIS_TYPES[reference.kind]),
        *(("AU", _full_name(author)) for author in reference.authors),
        *(("ED", _full_name(editor)) for editor in reference.editors),
        *_ris_work(reference),
        *_ris_links(_line(reference.doi)),
        *(("N1", told) for told in _ris_notes(reference, citation=citation, note=note)),
    ]
    told = [f"{tag}  - {line}" for tag, value in tags if (line := _line(value))]
    return "\r\n".join([*told, "ER  - ", ""])


def bibtex(reference: Reference, *, slug: str, citation: str, note: str) -> str:
    """Give a BibTeX entry, named "delre2021-SLUG", or by the slug where name or year are not known.

    A style prints `note`; what we have to say of the study ourselves is an `annote`, which it doesn't.
    """
    fields = {
        **_bibtex_people(reference),
        **_bibtex_work(reference),
        "note": _tex(" ".join(_remarks(reference, citation=citation))),
        "annote": _tex(note),
    }
    told = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    # Two studies of one author and year need names of their own in one library.
    name = f"{_key(reference)}-{slug}" if _key(reference) else slug
    opening = f"@{_BIBTEX_TYPES[reference.kind]}{{{name}"
    return ",\n".join([opening, *told]) + "\n}\n"


def short_name(reference: Reference) -> str | None:
    """Give the name in a running text, "Wampold & Owen (2021)"; None where a part is not known."""
    families = [_line(person.family) for person in _named(reference)]
    if not (families and all(families) and reference.year):
        return None
    if len(families) > 2 or reference.authors_truncated:
        return f"{families[0]} et al. ({reference.year})"
    return f"{' & '.join(families)} ({reference.year})"


def doi_url(doi: str) -> str:
    """Give the address that leads to what a DOI names."""
    return f"https://doi.org/{quote(doi, safe=_PLAIN_IN_A_DOI)}"


def _full_name(person: Author) -> str:
    return ", ".join(filter(None, [_line(person.family), _line(person.given)]))


def _ris_work(reference: Reference) -> Iterator[tuple[str, str | None]]:
    yield "PY", _year(reference)
    yield "TI", reference.title
    yield "T2", reference.container
    yield "VL", reference.volume
    yield "IS", reference.issue
    yield from zip(("SP", "EP"), _first_and_last(reference.pages), strict=False)
    yield "PB", reference.publisher


def _first_and_last(pages: str | None) -> list[str]:
    """Part "10–20"; an article number, and whatever else is no plain range, stays in one piece."""
    ends = (pages or "").split("–")
    return ends if len(ends) == 2 and all(map(_line, ends)) else [pages or ""]


def _ris_links(doi: str) -> Iterator[tuple[str, str]]:
    if doi:
        yield "DO", doi
        # In this tag a semicolon stands between two addresses.
        yield "UR", doi_url(doi).replace(";", "%3B")


def _ris_notes(reference: Reference, *, citation: str, note: str) -> Iterator[str]:
    if reference.authors_truncated:
        yield _NAMES_LEFT_OUT
    yield from _remarks(reference, citation=citation)
    yield note


def _remarks(reference: Reference, *, citation: str) -> Iterator[str]:
    """Say what the fields can't; where one that matters is empty, the citation as it is printed."""
    if not _tells_all(reference):
        yield citation
    elif reference.advance_online:
        yield _ADVANCE


def _tells_all(reference: Reference) -> bool:
    known = _named(reference) and reference.year and reference.title
    return bool(known) and reference.kind is not ReferenceKind.OTHER


def _named(reference: Reference) -> Sequence[Author]:
    """Give those whom the work goes by: its authors, or else the editors of a whole book.

    A chapter doesn't go by the editors of its book.
    """
    is_part = reference.kind is ReferenceKind.CHAPTER
    return reference.authors or (() if is_part else reference.editors)


def _bibtex_people(reference: Reference) -> dict[str, str]:
    people = {"author": reference.authors, "editor": reference.editors}
    cut = _named(reference) if reference.authors_truncated else None
    return {role: _bibtex_names(who, others=who is cut) for role, who in people.items()}


def _bibtex_names(people: Iterable[Author], *, others: bool) -> str:
    names = [name for person in people if (name := _bibtex_name(person))]
    return " and ".join([*names, *(["others"] if names and others else [])])


def _bibtex_name(person: Author) -> str:
    """Give "Family, Given" or "Family, Jr., Given"; a name with nothing behind it is one body's."""
    family = _line(person.family)
    given, _, suffix = _line(person.given).partition(", ")
    behind = [_forename(part) for part in (suffix, given) if part]
    if family and behind:
        return ", ".join([_family(family), *behind])
    return _in_braces(_tex(_full_name(person)))


def _family(name: str) -> str:
    # BibTeX would take the small words before a family name out of it.
    is_plain = _ONE_WORD.fullmatch(name) and not name[0].islower()
    return name if is_plain else _in_braces(_tex(name))


def _forename(name: str) -> str:
    return name if _FORENAME.fullmatch(name) else _in_braces(_tex(name))


def _bibtex_work(reference: Reference) -> dict[str, str]:
    is_part = reference.kind is ReferenceKind.CHAPTER
    return {
        # Styles write small letters where there is but one pair of braces.
        "title": _in_braces(_tex(reference.title)),
        "booktitle" if is_part else "journal": _tex(reference.container),
        "volume": _tex(reference.volume),
        "number": _tex(reference.issue),
        "pages": _tex(reference.pages).replace("–", "--"),
        "year": _year(reference),
        "publisher": _tex(reference.publisher),
        # Programs take this field as it stands; only what would end it is written otherwise.
        "doi": _line(reference.doi).translate(_VERBATIM),
    }


def _in_braces(value: str) -> str:
    return f"{{{value}}}" if value else ""


def _key(reference: Reference) -> str | None:
    families = [_letters(person.family) for person in _named(reference)]
    known = families and families[0] and reference.year
    return f"{families[0]}{reference.year}" if known else None


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(filter(str.isalpha, plain.lower()))


def _year(reference: Reference) -> str:
    return str(reference.year or "")


def _tex(value: str | None) -> str:
    return _line(value).translate(_TEX)


def _line(value: str | None) -> str:
    return " ".join(printable(value or "").split())
