"""A service mail: what the system itself has to say to one person, queued until it is sent."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record

WHILE_CONSENT_HOLDS: Final = "consent_lapsing"
"""The kind of mail that may go out only until its reader's implied consent ends."""


class MailState(StrEnum):
    """Where a service mail stands; one whose sending was cut off is not sent again."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    SENT = "sent"
    FAILED = "failed"


class ServiceMail(Record):
    """One mail, rendered when it was queued, so that no page waits for a provider.

    `reader` is the public id of the subscriber it is about, if it is about one. Its words hold
    links that are that person's alone, and are kept no longer than they wait.
    """

    __tablename__ = "service_mails"
    __table_args__ = (
        Index(
            "ix_service_mails_queued",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[MailState]
    queued_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    detail: Mapped[str | None] = mapped_column(Text)
    reader: Mapped[str | None] = mapped_column(index=True)
    not_before: Mapped[datetime | None]
