"""A summary: one research article, digested for readers who treat people."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pprmail.model.correction import Correction
from pprmail.model.month import Month
from pprmail.model.record import Record
from pprmail.model.slug import slug_of


class TextFormat(StrEnum):
    """How body and implications are written: text from a web page keeps its `*` and `1.` as is."""

    MARKDOWN = "markdown"
    PLAIN = "plain"


class Summary(Record):
    """One digested article: title, month, citation, type of research, topics, body, implications.

    It is known by its slug, made from the month's first title and kept for ever.
    """

    __tablename__ = "summaries"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(Text)
    citation: Mapped[str | None] = mapped_column(Text)
    doi: Mapped[str | None] = mapped_column(Text)
    type_of_research: Mapped[str | None]
    in_brief: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None]
    body: Mapped[str] = mapped_column(Text)
    implications: Mapped[str] = mapped_column(Text)
    text_format: Mapped[TextFormat]
    source_name: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    chosen_topics: Mapped[list["SummaryTopic"]] = relationship(
        order_by="SummaryTopic.position", cascade="all, delete-orphan", lazy="selectin"
    )

    notes: Mapped[list[Correction]] = relationship(
        order_by=[Correction.noted_at, Correction.id], lazy="selectin", viewonly=True
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def corrections(self) -> list[Correction]:
        """The notes that stand with it today, the oldest first."""
        return [note for note in self.notes if note.is_shown]

    @property
    def topics(self) -> list[str]:
        """The slugs of its topics, in the order given."""
        return [chosen.topic for chosen in self.chosen_topics]

    @topics.setter
    def topics(self, slugs: list[str]) -> None:
        kept = {chosen.topic: chosen for chosen in self.chosen_topics}
        ordered = list(dict.fromkeys(slugs))
        self.chosen_topics = [kept.get(s) or SummaryTopic(topic=s) for s in ordered]
        for position, chosen in enumerate(self.chosen_topics):
            chosen.position = position


class SummaryTopic(Record):
    """A topic of a summary, at its place in the summary's own order."""

    __tablename__ = "summary_topics"
    __table_args__ = (UniqueConstraint("summary_id", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"))
    topic: Mapped[str]
    position: Mapped[int]


CONTENT: Final = (
    "title",
    "citation",
    "doi",
    "type_of_research",
    "topics",
    "in_brief",
    "author",
    "body",
    "implications",
    "text_format",
)
"""The fields that an editor writes: what an import compares and replaces."""


RESERVED: Final = frozenset({"new"})
"""What a summary can't be called in an address, because a page of the desk is called so."""


def are_one_title(one: str, other: str) -> bool:
    """Tell whether two titles are the same words, however these are set."""
    return _words_of(one) == _words_of(other)


def _words_of(title: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", title).casefold()
    return re.findall(r"\w+", plain) or [plain.strip()]


def slugs_for(month: Month, title: str) -> tuple[str, str]:
    """Give the slug that this title asks for, and the one it gets when another month has it."""
    slug = slug_of(title)
    slug = f"{slug}-{month}" if slug in RESERVED else slug
    return slug, f"{slug}-{month}"
