"""Chores, in SQL: each is taken on by one at a time."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pprmail.storage.insertion import insert_if_new
from pprmail.storage.tables import Chore


def take_on(session: Session, name: str, *, unless_since: datetime, now: datetime) -> bool:
    """Take a chore on, unless somebody has done so at or after a moment."""
    if insert_if_new(session, Chore, [{"name": name, "done_at": now}], returning=Chore.id):
        return True
    stale = select(Chore.id).where(Chore.name == name, Chore.done_at < unless_since)
    found = session.scalars(stale.with_for_update(skip_locked=True)).one_or_none()
    if found is None:
        return False
    session.execute(update(Chore).where(Chore.id == found).values(done_at=now))
    return True


def last_done(session: Session, name: str) -> datetime | None:
    """Give the moment up to which a chore was done last."""
    return session.scalar(select(Chore.done_at).where(Chore.name == name))


def mark_done(session: Session, name: str, *, now: datetime) -> None:
    """Write down that a chore is done up to a moment; it never goes back."""
    if not insert_if_new(session, Chore, [{"name": name, "done_at": now}], returning=Chore.id):
        older = update(Chore).where(Chore.name == name, Chore.done_at < now)
        session.execute(older.values(done_at=now))
