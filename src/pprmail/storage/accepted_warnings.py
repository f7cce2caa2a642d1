"""Warnings that were accepted by name, in SQL."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pprmail.storage.tables import AcceptedWarning, Issue


def warnings_accepted(session: Session, issue: Issue) -> Sequence[AcceptedWarning]:
    """Give what was accepted of an issue, the oldest first."""
    mine = select(AcceptedWarning).where(AcceptedWarning.issue_id == issue.id)
    return session.scalars(mine.order_by(AcceptedWarning.id)).all()


def take_back(session: Session, issue: Issue, digests: Collection[str]) -> None:
    """Let these be accepted no longer."""
    mine = (AcceptedWarning.issue_id == issue.id, AcceptedWarning.digest.in_(digests))
    session.execute(delete(AcceptedWarning).where(*mine))
