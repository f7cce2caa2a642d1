"""A test of a letter: one edition, marked as a test, to one address of the editors' own."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record

LONGEST_WAIT: Final = timedelta(minutes=5)
"""Whoever began a test and has not said by now what became of it was stopped in between."""

MARK: Final = "[TEST]"
"""What the subject of every test begins with."""


class LetterTestState(StrEnum):
    """What is certain of a test."""

    UNDER_WAY = "under way"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    IN_DOUBT = "in doubt"
    WRITTEN = "written"


class LetterTest(Record):
    """One test to one address: written down before it is sent. It is no delivery, and never counted.

    `written`: the letter is a file in the outbox, and nothing left this machine.
    """

    __tablename__ = "letter_tests"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    edition: Mapped[str]
    fingerprint: Mapped[str]
    recipient: Mapped[str]
    who: Mapped[str]
    state: Mapped[LetterTestState]
    detail: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]

    def state_at(self, now: datetime) -> LetterTestState:
        """Say what is certain; one that was never finished is in doubt."""
        is_lost = self.state is LetterTestState.UNDER_WAY and now > self.at + LONGEST_WAIT
        return LetterTestState.IN_DOUBT if is_lost else self.state


def marked(subject: str) -> str:
    """Mark a subject as that of a test."""
    return f"{MARK} {subject}"
