"""Mailed links, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pprmail.storage.tables import Installation, MailedLink


def take_turns(session: Session) -> None:
    """Let one transaction at a time count links and add one, so that two never share a place."""
    session.execute(select(Installation.id).with_for_update())


def links_to(
    session: Session, digests: Sequence[str], *, kinds: Sequence[str], since: datetime
) -> Sequence[datetime]:
    """Give the moments at which links of some kinds were mailed to an address, the newest first."""
    there = (MailedLink.address.in_(digests), MailedLink.kind.in_(kinds), MailedLink.at > since)
    return session.scalars(select(MailedLink.at).where(*there).order_by(MailedLink.at.desc())).all()


def count_links_for(session: Session, digests: Sequence[str], *, since: datetime) -> int:
    """Count the links that were mailed because one network asked."""
    asked = (MailedLink.client.in_(digests), MailedLink.at > since)
    return session.scalar(select(func.count()).select_from(MailedLink).where(*asked)) or 0


def count_links(session: Session, *, since: datetime) -> int:
    """Count the links that were mailed because anybody asked."""
    counted = select(func.count()).select_from(MailedLink).where(MailedLink.at > since)
    return session.scalar(counted) or 0


def forget_mailed(session: Session, addresses: Sequence[str]) -> None:
    """Forget that an address was written to."""
    session.execute(delete(MailedLink).where(MailedLink.address.in_(addresses)))
