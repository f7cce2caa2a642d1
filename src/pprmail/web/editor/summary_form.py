"""The form of a summary: what was typed, kept as it is, and what becomes an entry of it."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pprmail.errors import SourceError
from pprmail.model.month import Month, parse_month
from pprmail.model.summary import Summary, TextFormat
from pprmail.model.topic import Topics
from pprmail.sources.citation import normalise_doi, parse_citation
from pprmail.sources.entry import Entry
from pprmail.sources.markdown import LONGEST_LINE, known_topics, known_type

LARGEST_TEXT: Final = 200_000
LINES: Final = ("title", "citation", "type_of_research", "in_brief", "author", "doi", "month")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def _text(value: object) -> str:
    plain = value if isinstance(value, str) else ""
    return _UNPRINTABLE.sub("", plain.replace("\r\n", "\n").replace("\r", "\n"))


def _line(value: object) -> str:
    return " ".join(_text(value).split())


def _texts(value: object) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [_line(each) for each in given if isinstance(each, str) and each]


def _number(value: object) -> int | None:
    is_number = isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value)
    return int(str(value)) if is_number else None


Text = Annotated[str, BeforeValidator(_text)]
Line = Annotated[str, BeforeValidator(_line)]


class Typed(BaseModel):
    """What stands in the form, whatever it is: nothing that was typed is refused here."""

    model_config = ConfigDict(extra="ignore")
    title: Line = ""
    month: Line = ""
    citation: Line = ""
    doi: Line = ""
    type_of_research: Line = ""
    topics: Annotated[list[str], BeforeValidator(_texts)] = Field(default_factory=list)
    in_brief: Line = ""
    author: Line = ""
    body: Text = ""
    implications: Text = ""
    text_format: Line = TextFormat.MARKDOWN.value
    version: Annotated[int | None, BeforeValidator(_number)] = None
    draft: Line = ""

    @property
    def kept(self) -> dict[str, Any]:
        """What a draft keeps of it."""
        return self.model_dump(exclude={"version", "draft"})

    @property
    def stripped(self) -> dict[str, Any]:
        """What would be saved of it: blanks at the ends say nothing."""
        return {n: v.strip() if isinstance(v, str) else v for n, v in self.kept.items()}

    @property
    def has_words(self) -> bool:
        """Tell whether somebody has written anything yet."""
        return bool(self.title or self.citation or self.body or self.implications or self.in_brief)

    @property
    def format(self) -> TextFormat:
        """How its texts are written."""
        is_plain = self.text_format == TextFormat.PLAIN.value
        return TextFormat.PLAIN if is_plain else TextFormat.MARKDOWN


@dataclass
class Read:
    """An entry as it was read out of a form, and a sentence for each field that must be mended."""

    entry: Entry
    problems: dict[str, str] = field(default_factory=dict)


def typed_of(summary: Summary) -> Typed:
    """Fill the form with a summary."""
    fields = {name: getattr(summary, name) or "" for name in Typed.model_fields if name != "draft"}
    topics = list(summary.topics)
    return Typed.model_validate(fields | {"topics": topics, "version": str(summary.version)})


def read_typed(typed: Typed, topics: Topics, *, this_month: Month) -> Read:
    """Make an entry of what was typed; the entry is whole even where something must be mended."""
    problems: dict[str, str] = {}
    if not typed.title:
        problems["title"] = "Please give it a title."
    for name in LINES:
        if name != "citation" and len(getattr(typed, name)) > LONGEST_LINE:
            problems[name] = "This is far too long for one line."
    entry = Entry(
        month=_month(typed.month, this_month, problems),
        title=typed.title,
        citation=typed.citation or None,
        doi=_doi(typed, problems),
        type_of_research=_type(typed, topics, problems),
        topics=_topics(typed, topics, problems),
        in_brief=typed.in_brief or None,
        author=typed.author or None,
        body=typed.body.strip(),
        implications=typed.implications.strip(),
        text_format=typed.format,
        where="the form",
    )
    return Read(entry, problems)


def _month(given: str, this_month: Month, problems: dict[str, str]) -> Month:
    try:
        return parse_month(given)
    except ValueError:
        problems["month"] = "Please give a month, written as 2026-11."
        return this_month


def _doi(typed: Typed, problems: dict[str, str]) -> str | None:
    if not typed.doi:
        return parse_citation(typed.citation).doi
    doi = normalise_doi(typed.doi)
    if doi is None:
        problems["doi"] = "This is no whole DOI; one looks like 10.1037/pst0000175."
    return doi


def _type(typed: Typed, topics: Topics, problems: dict[str, str]) -> str | None:
    try:
        return known_type(typed.type_of_research, topics, where="type_of_research")
    except SourceError:
        problems["type_of_research"] = "Please choose one of the list."
        return None


def _topics(typed: Typed, topics: Topics, problems: dict[str, str]) -> list[str]:
    try:
        return known_topics(typed.topics, topics, where="topics")
    except SourceError as unknown:
        problems["topics"] = f"{unknown.message}; please choose among those below."
        return [slug for slug in typed.topics if topics.find(slug)]
