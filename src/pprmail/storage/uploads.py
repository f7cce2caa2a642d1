"""Uploaded lists, in SQL."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pprmail.storage.tables import Upload


def keep_upload(session: Session, upload: Upload) -> None:
    """Keep a list in the place of the one that the same sign-in sent before."""
    session.execute(delete(Upload).where(Upload.owner == upload.owner))
    session.add(upload)


def upload_of(session: Session, owner: str, *, now: datetime) -> Upload | None:
    """Give the list that a sign-in has sent, while its time lasts."""
    mine = select(Upload).where(Upload.owner == owner, Upload.good_until > now)
    return session.scalars(mine).one_or_none()


def drop_uploads(session: Session, owner: str, *, now: datetime) -> None:
    """Forget what a sign-in has sent, and every other list whose time is over."""
    session.execute(delete(Upload).where(or_(Upload.owner == owner, Upload.good_until <= now)))


def any_upload_over(session: Session, *, now: datetime) -> bool:
    """Tell whether the time of a list is over."""
    over = select(Upload.id).where(Upload.good_until <= now).limit(1)
    return session.scalar(over) is not None


def drop_uploads_over(session: Session, *, now: datetime) -> None:
    """Forget every list whose time is over."""
    session.execute(delete(Upload).where(Upload.good_until <= now))
