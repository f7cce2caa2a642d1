"""Reading summaries and issue texts from Markdown with front matter."""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pprmail.errors import SourceError
from pprmail.model.month import Month, parse_month
from pprmail.model.summary import TextFormat
from pprmail.model.topic import Topics
from pprmail.sources.citation import normalise_doi
from pprmail.sources.entry import Entry, TextEntry
from pprmail.sources.front_matter import Document, read_document

_IMPLICATIONS: Final = re.compile(
    r"^##[ \t]+practice implications[ \t]*:?[ \t]*#*[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_NOTICES: Final = re.compile(
    r"^##[ \t]+notices[ \t]*:?[ \t]*#*[ \t]*$", re.IGNORECASE | re.MULTILINE
)
LONGEST_LINE: Final = 2_000


def _one_line(value: str) -> str:
    return " ".join(value.split())


OneLine = Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(_one_line)]


class _SummaryHead(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Annotated[OneLine, Field(min_length=1)]
    month: Annotated[str, AfterValidator(parse_month)]
    citation: Annotated[str, AfterValidator(_one_line)]
    topics: list[str]
    doi: OneLine = ""
    type_of_research: OneLine = ""
    in_brief: OneLine = ""
    author: OneLine = ""


class _IssueHead(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subject: OneLine = ""
    preheader: OneLine = ""
    order: list[str] = []


def read_summary(path: Path, topics: Topics) -> Entry:
    """Read one summary; a missing or unknown key, month, topic or type is an error."""
    document = read_document(path)
    head = document.values(_SummaryHead)
    body, implications = _split(document.text, _IMPLICATIONS)
    doi = _doi(head.doi, document)
    return Entry(
        month=Month(head.month),
        title=head.title,
        citation=head.citation or None,
        doi=doi,
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
        warnings=_warnings(head.citation, head.topics, body, implications),
    )


def read_issue_text(path: Path) -> TextEntry:
    """Read an `issue.md`; its month is the name of the folder that it lies in."""
    try:
        month = parse_month(path.resolve().parent.name)
    except ValueError:
        raise SourceError(
            "an issue.md belongs into a folder that is named after its month",
            where=str(path),
            remedy="put it into a folder such as summaries/2026-11/",
        ) from None
    document = read_document(path)
    head = document.values(_IssueHead) if document.head else _IssueHead()
    introduction, notices = _split(document.text, _NOTICES)
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


def _split(text: str, heading: re.Pattern[str]) -> tuple[str, str]:
    before, after = [*heading.split(text, maxsplit=1), ""][:2]
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


def _warnings(citation: str, topics: list[str], body: str, implications: str) -> list[str]:
    missing = {
        "no citation": not citation,
        "no topic: only readers of everything would get it": not topics,
        "no text": not body,
        "no “## Practice Implications”": not implications,
    }
    return [warning for warning, is_missing in missing.items() if is_missing]


def _meant(nearest: str | None) -> str:
    return f"did you mean “{nearest}”?" if nearest else "topics.toml lists the topics"
