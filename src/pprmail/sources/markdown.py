"""Reading summaries and issue texts from Markdown with front matter."""

import re
import unicodedata
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pprmail.errors import SourceError
from pprmail.model.month import Month, parse_month
from pprmail.model.summary import TextFormat
from pprmail.model.topic import Topics
from pprmail.sources.citation import normalise_doi, parse_citation
from pprmail.sources.entry import Entry, TextEntry
from pprmail.sources.front_matter import Document, read_document

LONGEST_LINE: Final = 2_000
IMPLICATIONS: Final = "practice implications"
NOTICES: Final = "notices"


def _one_line(value: str) -> str:
    line = " ".join(value.split())
    # Quoted YAML can spell what no file could hold: NUL, half a character, a terminal's commands.
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in line):
        raise ValueError("it holds a character that can't be printed")
    return line


Line = Annotated[str, AfterValidator(_one_line)]
ShortLine = Annotated[Line, Field(max_length=LONGEST_LINE)]


class _SummaryHead(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Annotated[ShortLine, Field(min_length=1)]
    month: Annotated[str, AfterValidator(parse_month)]
    citation: Line
    topics: list[str]
    doi: ShortLine = ""
    type_of_research: ShortLine = ""
    in_brief: ShortLine = ""
    author: ShortLine = ""


class _IssueHead(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subject: ShortLine = ""
    preheader: ShortLine = ""
    order: list[str] = []


def read_summary(path: Path, topics: Topics) -> Entry:
    """Read one summary; a missing or unknown key, month, topic or type is an error."""
    document = read_document(path)
    head = document.values(_SummaryHead)
    body, implications = _parted(document.text, IMPLICATIONS)
    return Entry(
        month=Month(head.month),
        title=head.title,
        citation=head.citation or None,
        doi=_doi(head.doi, document) or parse_citation(head.citation).doi,
        type_of_research=known_type(
            head.type_of_research, topics, where=document.place("type_of_research")
        ),
        topics=known_topics(head.topics, topics, where=document.place("topics")),
        in_brief=head.in_brief or None,
        author=head.author or None,
        body=body,
        implications=implications,
        text_format=TextFormat.MARKDOWN,
        where=str(path),
        source_name=path.name,
        warnings=_doubts(path, head.month),
    )


def read_issue_text(path: Path) -> TextEntry:
    """Read an `issue.md`; its month is the name of the folder that it lies in."""
    month = _month_of_folder(path)
    if month is None:
        raise SourceError(
            "an issue.md belongs into a folder that is named after its month",
            where=str(path),
            remedy="put it into a folder such as summaries/2026-11/",
        )
    document = read_document(path)
    head = document.values(_IssueHead) if document.head else _IssueHead()
    introduction, notices = _parted(document.text, NOTICES)
    return TextEntry(
        month=month,
        subject=head.subject or None,
        preheader=head.preheader or None,
        order=head.order,
        introduction=introduction,
        notices=notices,
        where=str(path),
    )


def known_topics(names: list[str], topics: Topics, *, where: str) -> list[str]:
    """Give the slugs of topics by name, slug or alias; an unknown one is an error."""
    slugs = []
    for name in names:
        topic = topics.find(name)
        if topic is None:
            raise SourceError(
                f"“{name}” is no topic", where=where, remedy=_meant(topics.nearest(name))
            )
        slugs.append(topic.slug)
    return list(dict.fromkeys(slugs))


def known_type(name: str, topics: Topics, *, where: str) -> str | None:
    """Give a type of research as the list writes it; an unknown one is an error."""
    if not name:
        return None
    for known in topics.types_of_research:
        if known.casefold() == name.casefold():
            return known
    raise SourceError(
        f"“{name}” is no type of research",
        where=where,
        remedy=f"the types are {', '.join(topics.types_of_research)}",
    )


def _month_of_folder(path: Path) -> Month | None:
    try:
        return parse_month(path.resolve().parent.name)
    except ValueError:
        return None


def _parted(text: str, heading: str) -> tuple[str, str]:
    """Part a text at a heading of the second level."""
    line = re.compile(rf"^##[ \t]+{heading}[ \t]*:?[ \t]*#*[ \t]*$", re.IGNORECASE | re.MULTILINE)
    before, after = [*line.split(text, maxsplit=1), ""][:2]
    return before.strip(), after.strip()


def _doi(given: str, document: Document) -> str | None:
    doi = normalise_doi(given) if given else None
    if given and doi is None:
        raise SourceError(
            f"“{given}” is no whole DOI",
            where=document.place("doi"),
            remedy="write 10.1037/pst0000175",
        )
    return doi


def _doubts(path: Path, month: str) -> list[str]:
    """Name a month that is not the folder's: last month's file was copied, and not mended."""
    folder = _month_of_folder(path)
    is_other = folder is not None and folder != month
    return [f"its month is {month}, but its folder is {folder}"] if is_other else []


def _meant(nearest: str | None) -> str:
    return f"did you mean “{nearest}”?" if nearest else "topics.toml lists the topics"
