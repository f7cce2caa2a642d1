"""Reading a saved page of the blog: copied text (.txt) or the page as a browser saves it (.html).

The page is: an introduction, a teaser of the current issue, lists to filter by, and then months,
each with one or more entries: title, citation (which may be missing), text, and a paragraph or
more under “Practice Implications”. Entries print neither their topics nor their type.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pprmail.errors import SourceError
from pprmail.model.month import Month
from pprmail.model.summary import TextFormat
from pprmail.model.topic import Topics
from pprmail.sources.blog_entry import Draft, read_entries
from pprmail.sources.entry import Entry, Sources
from pprmail.sources.files import read_text
from pprmail.sources.html_lines import lines_of_html
from pprmail.sources.page_line import PageLine

MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
_MONTH_LINE: Final = re.compile(rf"({'|'.join(MONTHS)}),? ((?:19|20)\d\d)", re.IGNORECASE)
EVERY_TOPIC: Final = "all topics"


@dataclass(frozen=True)
class Section:
    """A month's header and the lines below it."""

    month: Month
    header: PageLine
    lines: list[PageLine]


def read_blog_page(path: Path, topics: Topics) -> Sources:
    """Read every entry of a saved page; a page that is no such page is an error."""
    lines = _lines(path)
    sections = list(_sections(lines))
    first = sections[0].header.number if sections else len(lines) + 1
    offered = [line.text for line in lines if line.number < first]
    recognised, unknown = _topics_offered(offered, topics)
    entries, warnings = _entries(sections, path)
    if not entries:
        raise SourceError(
            "this is no page of the blog: no month with a title and “Practice Implications” below it",
            where=str(path),
            remedy="save or copy the page that lists the entries, from its top to its end",
        )
    unknown_topics = [f"{path}: the page offers a topic that is not listed: “{u}”" for u in unknown]
    return Sources(entries, [], warnings + unknown_topics, recognised)


def month_of_line(text: str) -> Month | None:
    """Read a month's header, such as “December 2022”."""
    found = _MONTH_LINE.fullmatch(text.strip().rstrip(":"))
    if not found:
        return None
    return Month(f"{found[2]}-{MONTHS.index(found[1].lower()) + 1:02d}")


def _lines(path: Path) -> list[PageLine]:
    text = read_text(path)
    is_html = path.suffix.lower() in {".html", ".htm"}
    raw = lines_of_html(text, path) if is_html else text.split("\n")
    numbered = [PageLine(n, line.strip()) for n, line in enumerate(raw, start=1)]
    return _without_repeats([line for line in numbered if line.text])


def _without_repeats(lines: list[PageLine]) -> list[PageLine]:
    # Some pages print a title twice in a row.
    pairs = zip([None, *lines], lines, strict=False)
    return [line for before, line in pairs if before is None or before.text != line.text]


def _sections(lines: list[PageLine]) -> Iterator[Section]:
    section = None
    for line in lines:
        month = month_of_line(line.text)
        if month is None:
            if section is not None:
                section.lines.append(line)
            continue
        if section is not None:
            yield section
        section = Section(month, line, [])
    if section is not None:
        yield section


def _topics_offered(lines: list[str], topics: Topics) -> tuple[int, list[str]]:
    names = [line.removeprefix("- ").strip() for line in lines if line.startswith("- ")]
    offered = [name for name in names if not name.casefold().startswith(EVERY_TOPIC)]
    known = {topic.slug for name in offered if (topic := topics.find(name))}
    # Other lists, of types or of links, may stand there too; they are no lists of topics.
    if len(known) * 2 < len(offered):
        return len(known), []
    return len(known), [name for name in offered if not topics.find(name)]


def _entries(sections: list[Section], path: Path) -> tuple[list[Entry], list[str]]:
    entries: list[Entry] = []
    warnings: list[str] = []
    for section in sections:
        is_last = section is sections[-1]
        found = read_entries(section.lines, where=str(path), is_last=is_last)
        entries += [_entry(section.month, draft, path) for draft in found.drafts]
        warnings += [f"{path}:{note.number}: {note.text}" for note in found.left_out]
    return entries, warnings


def _entry(month: Month, draft: Draft, path: Path) -> Entry:
    return Entry(
        month=month,
        title=draft.title.text,
        citation=draft.citation.text if draft.citation else None,
        doi=draft.doi,
        body="\n\n".join(line.text for line in draft.body),
        implications="\n\n".join(line.text for line in draft.implications),
        text_format=TextFormat.PLAIN,
        where=f"{path}:{draft.title.number}",
        warnings=draft.warnings,
    )
