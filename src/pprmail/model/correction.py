"""A correction: a dated note on a summary that readers have got already."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.errors import StateError
from pprmail.model.record import Record

LONGEST_NOTE: Final = 5_000


class CorrectionKind(StrEnum):
    """What a note says: that the summary was wrong, or that the article was withdrawn."""

    CORRECTION = "correction"
    RETRACTION = "retraction"


class Correction(Record):
    """A note that stands with a summary from its date on, until it is taken down.

    `letter_id` names the letter that tells whoever got the summary, if one was wanted.
    """

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"), index=True)
    kind: Mapped[CorrectionKind]
    text: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]
    noted_by: Mapped[str]
    taken_down_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id"), unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_shown(self) -> bool:
        """Tell whether readers of the archive see it."""
        return self.taken_down_at is None

    def reword(self, text: str) -> None:
        """Say it otherwise; its date stays."""
        if not self.is_shown:
            raise StateError("this note was taken down; write a new one")
        self.text = text

    def take_down(self, *, now: datetime) -> None:
        """Stand on no page any more; taking it down twice changes nothing."""
        self.taken_down_at = self.taken_down_at or now
