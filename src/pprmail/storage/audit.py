"""The audit log and the installation's name, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from pprmail.model.record import Record
from pprmail.model.subscriber import new_public_id
from pprmail.storage.insertion import insert_if_new
from pprmail.storage.tables import AuditEntry, Installation

_LINE: Final = insert(Record.metadata.tables[AuditEntry.__tablename__])


def note(
    session: Session, what: str, subject: str, *, who: str, now: datetime, **detail: Any
) -> None:
    """Add one line to the log, in the transaction of what it tells of."""
    line = {"at": now, "who": who, "what": what, "subject": subject, "detail": detail}
    note_line(session.connection(), line)


def note_line(rows: Connection, line: dict[str, Any]) -> None:
    """Add one line as it stands: when, who, what, the subject and the detail."""
    rows.execute(_LINE, line)


def last_noted(session: Session, what: str, subject: str) -> datetime | None:
    """Give the moment when something was last noted of a subject."""
    lines = (AuditEntry.what == what, AuditEntry.subject == subject)
    return session.scalar(select(func.max(AuditEntry.at)).where(*lines))


def last_line(session: Session, whats: Sequence[str], subject: str) -> AuditEntry | None:
    """Give the last line that tells one of several things of a subject."""
    lines = select(AuditEntry).where(AuditEntry.what.in_(whats), AuditEntry.subject == subject)
    return session.scalars(lines.order_by(AuditEntry.id.desc()).limit(1)).first()


def months_before(session: Session, slug: str) -> list[str]:
    """Name the months that a summary was moved out of by hand."""
    lines = (AuditEntry.what == "summary changed", AuditEntry.subject == slug)
    details = session.scalars(select(AuditEntry.detail).where(*lines))
    return [month for detail in details if (month := detail.get("before", {}).get("month"))]


def settlements(session: Session, issue: str, requests: Sequence[int]) -> Sequence[AuditEntry]:
    """Give the lines that tell how requests of an issue were settled, the oldest first.

    A line names its request in its subject or in its detail.
    """
    subjects = [issue, *map(str, requests)]
    lines = select(AuditEntry).where(
        AuditEntry.what.in_(["doubt settled", "orphan settled"]), AuditEntry.subject.in_(subjects)
    )
    return session.scalars(lines.order_by(AuditEntry.id)).all()


def who_noted(session: Session, what: str, subject: str, *, at: datetime) -> str | None:
    """Name who did something to a subject at a moment."""
    lines = (AuditEntry.what == what, AuditEntry.subject == subject, AuditEntry.at == at)
    return session.scalars(select(AuditEntry.who).where(*lines)).first()


def installation_id(session: Session, *, now: datetime) -> str:
    """Give this database's own name, made when it is first asked for."""
    row = {"id": 1, "public_id": new_public_id(), "created_at": now}
    insert_if_new(session, Installation, [row], returning=Installation.id)
    return session.scalars(select(Installation.public_id)).one()
