"""Corrections, in SQL: notes on summaries that were sent, and the letters that tell of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.audience import HOLDERS
from pprmail.model.issue import IssueKind, IssueState
from pprmail.storage.tables import Correction, Issue, IssueSummary, Summary


def correction_for_change(session: Session, number: int) -> Correction:
    """Give a note by its number, locked."""
    locked = select(Correction).where(Correction.id == number).with_for_update()
    found = session.scalars(locked, execution_options={"populate_existing": True}).one_or_none()
    if found is None:
        raise NotFoundError(f"there is no note {number}")
    return found


def notes_on(session: Session, summary_ids: Sequence[int]) -> Sequence[Correction]:
    """Give the notes on some summaries, those taken down too, the oldest first."""
    told = select(Correction).where(Correction.summary_id.in_(summary_ids))
    return session.scalars(told.order_by(Correction.noted_at, Correction.id)).all()


def note_behind(session: Session, issue: Issue) -> Correction | None:
    """Give the note that a correction letter tells of."""
    return session.scalars(select(Correction).where(Correction.letter_id == issue.id)).one_or_none()


def letter_about(
    session: Session, month: Issue, summary: Summary, *, kind: IssueKind, now: datetime
) -> Issue:
    """Make the next correction of a month, whose issue the caller holds locked."""
    mine = select(func.count()).where(Issue.month == month.month, Issue.kind != IssueKind.MONTHLY)
    number = (session.scalar(mine) or 0) + 1
    letter = Issue(
        name=f"{month.month}-c{number}",
        kind=kind,
        month=month.month,
        state=IssueState.DRAFT,
        introduction="",
        notices="",
        audience=HOLDERS | {"summary": summary.slug},
        created_at=now,
        updated_at=now,
    )
    letter.entries = [IssueSummary(summary=summary, position=0)]
    session.add(letter)
    session.flush()
    return letter
