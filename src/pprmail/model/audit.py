"""The audit log and the installation's own name."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record


class AuditEntry(Record):
    """One line: who did what to what, when. Lines are added by services and never changed."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str] = mapped_column(Text, index=True)
    detail: Mapped[dict[str, Any]]


class Installation(Record):
    """The one row that tells this database from a copy of another."""

    __tablename__ = "installations"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str]
    created_at: Mapped[datetime]
