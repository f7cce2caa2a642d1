"""A year's issues, in SQL."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pprmail.storage.tables import Issue


def issues_of_year(session: Session, year: int) -> Sequence[Issue]:
    """Give the issues of a year that were sent, or begun to be, in their order."""
    mine = Issue.month.startswith(f"{year:04d}-"), Issue.frozen_at.is_not(None)
    return session.scalars(select(Issue).where(*mine).order_by(Issue.month, Issue.id)).all()


def years_of_issues(session: Session) -> tuple[int, int] | None:
    """Give the first and the last year that issues are of, if there is any."""
    first, last = session.execute(select(func.min(Issue.month), func.max(Issue.month))).one()
    return (int(first[:4]), int(last[:4])) if first else None
