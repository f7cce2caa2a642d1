"""Mails that forms asked for, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pprmail.storage.tables import MailedLink


def mailed_since(session: Session, addresses: Sequence[str], since: datetime) -> list[datetime]:
    """Say when an address, known by its digests, was written to because a form asked.

    Two who ask for one address at the same moment take turns, until the transaction ends.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(addresses[-1]))))
    mailed = select(MailedLink.at).where(MailedLink.address.in_(addresses), MailedLink.at > since)
    return sorted(session.scalars(mailed))


def forget_mailed(session: Session, addresses: Sequence[str]) -> None:
    """Forget that an address was written to."""
    session.execute(delete(MailedLink).where(MailedLink.address.in_(addresses)))
