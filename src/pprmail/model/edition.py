"""An edition: one rendered selection of an issue's summaries, immutable once approved."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.issue import Issue
from pprmail.model.record import Record

LARGEST_HTML: Final = 90_000
"""Bytes of HTML: mail programs clip at about 102,000, and the leave link stands at the end."""


@dataclass(frozen=True)
class Rendered:
    """What rendering one selection gave: the bytes that are shown, approved and sent.

    `mark` begins every key that stands for a reader's own part; `words` are the wordings, such
    as the greeting, that these parts are filled with when the letter goes out.
    """

    subject: str
    html: str
    text: str
    mark: str
    words: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """Name these bytes by their SHA-256."""
        words = [part for item in sorted(self.words.items()) for part in item]
        return fingerprint_of(self.subject, self.html, self.text, self.mark, *words)


class Edition(Record):
    """A stored edition; `superseded_at` says when newer content took its place."""

    __tablename__ = "editions"
    __table_args__ = (
        UniqueConstraint("issue_id", "selection", "fingerprint"),
        Index(
            "uq_editions_present",
            "issue_id",
            "selection",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    selection: Mapped[int]
    subject: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    mark: Mapped[str]
    words: Mapped[dict[str, str]]
    fingerprint: Mapped[str]
    created_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]

    @property
    def rendered(self) -> Rendered:
        """The bytes that are kept here."""
        return Rendered(self.subject, self.html, self.text, self.mark, self.words)

    @property
    def html_bytes(self) -> int:
        """How large its HTML is."""
        return len(self.html.encode())

    @property
    def is_intact(self) -> bool:
        """Tell whether the bytes still are those the fingerprint was taken of."""
        return self.rendered.fingerprint == self.fingerprint


def fingerprint_of(*parts: str) -> str:
    """Take the SHA-256 of texts in a row; their lengths keep them apart."""
    digest = sha256()
    for part in parts:
        data = part.encode()
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def name_of(edition: Edition, issue: Issue) -> str:
    """Name an edition by the places of its summaries, for a person: "edition 1+3"."""
    places = [n for n, _ in enumerate(issue.summaries, start=1) if edition.selection >> n - 1 & 1]
    return f"edition {'+'.join(str(place) for place in places) or 'note'}"
