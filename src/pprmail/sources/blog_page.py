"""Reading a saved page of the blog: copied text (.txt) or the page as a browser saves it (.html).

The page is: an introduction, a teaser of the current issue, lists to filter by, and then months,
each with one or more entries: title, citation (which may be missing), text, and a paragraph or
more under “Practice Implications”. Entries print neither their topics nor their type.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pprmail.errors import SourceError
from pprmail.model.month import Month
from pprmail.model.summary import TextFormat
from pprmail.model.topic import Topics
from pprmail.sources.blog_entry import Draft, Found, read_entries
from pprmail.sources.entry import Entry, Sources
from pprmail.sources.files import read_text
from pprmail.sources.html_lines import lines_of_html
from pprmail.sources.page_line import PageLine

MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
HTML: Final = frozenset({".html", ".htm"})
EVERY_TOPIC: Final = "all topics"
_MONTH: Final = re.compile(rf"({'|'.join(MONTHS)}),? ((?:19|20)\d\d)\s*:?", re.IGNORECASE)


@dataclass(frozen=True)
class PageRead:
    """What could be read of a page, and why the rest could not."""

    sources: Sources
    problems: list[SourceError] = field(default_factory=list)


def read_blog_page(path: Path, topics: Topics) -> Sources:
    """Read every entry of a saved page; a page that is no such page is an error."""
    read = look_through(read_text(path), path.as_posix(), topics)
    if read.problems:
        raise read.problems[0]
    return read.sources


def look_through(text: str, name: str, topics: Topics) -> PageRead:
    """Read a page month by month; a month that can't be read keeps no other from being read."""
    path, problems = Path(name), list[SourceError]()
    lines = _lines(text, path)
    months = list(_months(lines, path, problems))
    drafts = [(month, draft) for month, found in months for draft in found.drafts]
    if problems and not drafts:
        return PageRead(Sources(), problems)
    if not any(draft.implications for _, draft in drafts):
        raise SourceError(
            "this is no page of the blog: no month with a title and “Practice Implications” below it",
            where=str(path),
            remedy="save or copy the page that lists the entries, from its top to its end",
        )
    first = min(draft.title.number for _, draft in drafts)
    foot = [line for _, found in months for line in found.foot]
    offer = _Offer([line for line in lines if line.number < first] + foot, topics)
    sources = Sources(
        entries=[_entry(month, draft, path) for month, draft in drafts],
        warnings=[note for _, found in months for note in _notes(found, path)] + offer.notes(path),
        topics_recognised=len(offer.known),
    )
    return PageRead(sources, problems)


def _lines(text: str, path: Path) -> list[PageLine]:
    raw = lines_of_html(text, path) if _is_html(path) else enumerate(text.split("\n"), start=1)
    lines = [PageLine(number, line.strip()) for number, line in raw if line.strip()]
    # Some pages print a title twice in a row.
    pairs = zip([None, *lines], lines, strict=False)
    return [line for before, line in pairs if before is None or before.text != line.text]


def _is_html(path: Path) -> bool:
    return path.suffix.lower() in HTML


def _months(
    lines: list[PageLine], path: Path, problems: list[SourceError]
) -> Iterator[tuple[Month, Found]]:
    """Read the entries below each month's header; what can't be read is put among the problems."""
    headers = [(n, month) for n, line in enumerate(lines) if (month := _month_of(line.text))]
    ends = [*(place for place, _ in headers), len(lines)][1:]
    for (place, month), end in zip(headers, ends, strict=True):
        is_last = end == len(lines)
        try:
            found = read_entries(lines[place + 1 : end], where=str(path), is_last=is_last)
        except SourceError as problem:
            problems.append(problem)
            continue
        if is_last and found.ends_amid_entry and not _is_html(path):
            problems.append(_cut_off(lines[-1], path))
            found = replace(found, drafts=found.drafts[:-1])
        yield month, found


def _cut_off(last: PageLine, path: Path) -> SourceError:
    return SourceError(
        "the page ends in the middle of its last entry",
        where=f"{path}:{last.number}",
        remedy="copy it again, to its end; if this is the end, close it with a full stop",
    )


def _month_of(header: str) -> Month | None:
    found = _MONTH.fullmatch(header)
    return Month(f"{found[2]}-{MONTHS.index(found[1].lower()) + 1:02d}") if found else None


@dataclass(frozen=True)
class _Offer:
    """The topics that a page offers beside its entries."""

    lines: list[PageLine]
    topics: Topics

    @property
    def known(self) -> set[str]:
        return {topic.slug for line in self.lines if (topic := self.topics.find(line.item))}

    @property
    def listed(self) -> list[str]:
        items = [line.item for line in self.lines if line.is_item]
        return [item for item in items if not item.casefold().startswith(EVERY_TOPIC)]

    def notes(self, path: Path) -> list[str]:
        # Lists of something else may stand there too; then an unknown name is no news.
        unknown = [name for name in self.listed if not self.topics.find(name)]
        if len(unknown) * 2 > len(self.listed):
            return []
        return [f"{path}: the page offers a topic that is not listed: “{name}”" for name in unknown]


def _notes(found: Found, path: Path) -> list[str]:
    notes = [f"{path}:{n.number}: belongs to no entry: “{n.text[:60]}”" for n in found.left_out]
    if found.foot:
        start = found.foot[0]
        notes.append(f"{path}:{start.number}: taken for the foot of the page: “{start.text[:60]}”")
    return notes


def _entry(month: Month, draft: Draft, path: Path) -> Entry:
    return Entry(
        month=month,
        title=_one_line(draft.title),
        citation=_one_line(draft.citation) if draft.citation else None,
        doi=draft.doi,
        body="\n\n".join(line.text for line in draft.body),
        implications="\n\n".join(line.text for line in draft.implications),
        text_format=TextFormat.PLAIN,
        where=f"{path}:{draft.title.number}",
    )


def _one_line(line: PageLine) -> str:
    return " ".join(line.text.split())
