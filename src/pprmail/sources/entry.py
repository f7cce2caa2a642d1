"""What a source gave: entries for the archive, and the text of an issue."""

from dataclasses import dataclass, field

from pprmail.model.month import Month
from pprmail.model.summary import TextFormat


@dataclass(frozen=True)
class Entry:
    """One summary as a source gave it.

    `where` is its place, and `warnings` what is odd there.
    """

    month: Month
    title: str
    citation: str | None
    body: str
    implications: str
    text_format: TextFormat
    where: str
    doi: str | None = None
    type_of_research: str | None = None
    topics: list[str] = field(default_factory=list)
    in_brief: str | None = None
    author: str | None = None
    source_name: str | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def gaps(self) -> list[str]:
        """Name what a summary should have and this one lacks; pages print no topics at all."""
        is_page = self.text_format is TextFormat.PLAIN
        missing = {
            "no citation": not self.citation,
            "no topic: only readers of everything would get it": not (self.topics or is_page),
            "no text": not self.body,
            "no “Practice Implications”": not self.implications,
        }
        return [gap for gap, is_missing in missing.items() if is_missing]


@dataclass(frozen=True)
class TextEntry:
    """What an `issue.md` gave for its month's letter."""

    month: Month
    subject: str | None
    preheader: str | None
    order: list[str]
    introduction: str
    notices: str
    where: str


@dataclass(frozen=True)
class Sources:
    """All that was read, in the order given."""

    entries: list[Entry] = field(default_factory=list)
    texts: list[TextEntry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    topics_recognised: int = 0

    def __add__(self, other: "Sources") -> "Sources":
        return Sources(
            entries=self.entries + other.entries,
            texts=self.texts + other.texts,
            warnings=self.warnings + other.warnings,
            topics_recognised=max(self.topics_recognised, other.topics_recognised),
        )
