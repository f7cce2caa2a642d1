"""Numbering: the volume, issue and pages with which the citation of an article ends."""

import re
from dataclasses import dataclass
from typing import Final

_LONGEST: Final = 120
_DASH: Final = "[-‐‑‒–—−]"
_PAGE: Final = r"[A-Za-z]{0,4}[0-9]{1,10}(?:\.[A-Za-z]{0,2}[0-9]{1,6})?"
_RANGE: Final = rf"{_PAGE} ?{_DASH}{{1,2}} ?{_PAGE}"
_ARTICLE: Final = r"(?:Article|Art\.?)(?: (?:No|ID|Number)\.?)? [A-Za-z]{0,6}[0-9][0-9.]{0,12}"
_VOLUME: Final = rf"(?:Vol(?:ume|\.)? ?)?(?P<volume>[0-9]{{1,4}}(?:{_DASH}[0-9]{{1,4}})?)"
_ISSUE: Final = (
    r"(?: ?\((?P<bracketed>(?:[0-9]|S[0-9u]|Pt|Part|No|Issue|Special)[^()]{0,24})\)"
    r"|(?:,? ?(?:No|Nr|Issue)\.? ?|:(?=[0-9]{1,3}(?:[-–][0-9]{1,3})?,))"
    r"(?P<issue>[0-9]{1,4}(?:[-–/][0-9]{1,4})?))"
)
_FORMS: Final = tuple(
    re.compile(form + "$", re.IGNORECASE)
    for form in (
        rf"[,.;]? {_VOLUME}{_ISSUE} ?[,:;.]? ?(?:pp?\.? ?)?(?P<pages>{_RANGE}|{_PAGE}|{_ARTICLE})",
        rf"[,.;]? {_VOLUME} ?[,:;] ?(?:pp?\.? ?)?(?P<pages>{_RANGE}|{_ARTICLE}|{_PAGE})",
        rf"[,.;] {_VOLUME}{_ISSUE}",
        rf"[,.;] \((?P<issue>[0-9]{{1,3}})\), (?P<pages>{_RANGE}|{_PAGE}|{_ARTICLE})",
        rf"[,.;] (?:pp?\. ?)?(?P<pages>{_RANGE}|{_ARTICLE}|e[0-9]{{2,10}})",
        r"[,.;] (?:Vol(?:ume|\.)? ?(?P<volume>[0-9]{1,4})|[0-9]{1,8})",
    )
)
_ADVANCE: Final = re.compile(
    r"\bAdvanced? online publication\b|(?:(?<=[.?!,;)] )|(?<=\())(?:Online first(?: publication)?"
    r"|Online ahead of print|Epub ahead of print|Early online)(?=[.,;:)]|$)",
    re.IGNORECASE,
)
_BOOK_PAGES: Final = re.compile(rf"\bpp?\. ?(?P<pages>{_RANGE}|{_PAGE})", re.IGNORECASE)


@dataclass(frozen=True)
class Numbering:
    """What stands behind a journal's name, and where it begins in the citation."""

    start: int
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None

    @property
    def is_firm(self) -> bool:
        """Tell whether these can only be numbers of a journal, not the end of a title."""
        several = self.issue or (self.pages and not self.pages.isdigit())
        return bool(self.volume and several)


def read_numbering(text: str) -> Numbering | None:
    """Read the numbers at the end of a citation; those behind other numbers have no sure meaning.

    A single bare number may be volume or page, and is neither.
    """
    offset = max(0, len(text) - _LONGEST)
    found = next((m for form in _FORMS if (m := form.search(text, offset))), None)
    amid = found and text[: found.start()].rstrip(" ,.;:(")[-1:].isdigit()
    return _numbering(found) if found and not amid else None


def book_pages(text: str) -> str | None:
    """Read "pp. 1–20" wherever it stands."""
    found = _BOOK_PAGES.search(text)
    return with_en_dash(found["pages"]) if found else None


def advance_note(text: str) -> int | None:
    """Give the place where "Advance online publication" begins, if the text has that note."""
    note = _ADVANCE.search(text)
    return note.start() if note else None


def with_en_dash(pages: str) -> str:
    """Write "12 - 34" as "12–34"."""
    return re.sub(rf" ?{_DASH}{{1,2}} ?", "–", pages)


def _numbering(found: re.Match[str]) -> Numbering:
    part = found.groupdict()
    volume, pages = part.get("volume"), part.get("pages")
    return Numbering(
        start=found.start() + found[0].startswith("."),
        volume=volume if volume and volume.strip("0") else None,
        issue=_issue(part.get("bracketed") or part.get("issue")),
        pages=with_en_dash(pages) if pages else None,
    )


def _issue(text: str | None) -> str | None:
    """Leave a year out: in brackets behind the volume it is the year again."""
    return None if text and re.fullmatch(r"(?:19|20)[0-9]{2}", text) else text
