"""Tests of letters, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pprmail.storage.tables import Issue, LetterTest


def last_tests(session: Session, issue: Issue, *, limit: int) -> Sequence[LetterTest]:
    """Give the last tests of an issue, the newest first."""
    mine = select(LetterTest).where(LetterTest.issue_id == issue.id)
    return session.scalars(mine.order_by(LetterTest.id.desc()).limit(limit)).all()


def count_tests(session: Session, *, since: datetime) -> int:
    """Count everybody's tests after a moment."""
    counted = select(func.count()).select_from(LetterTest).where(LetterTest.at > since)
    return session.scalar(counted) or 0
