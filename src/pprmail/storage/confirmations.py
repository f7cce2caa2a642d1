"""Confirmations of a change of address, in SQL."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pprmail.model.confirmation import ConfirmationKind
from pprmail.storage.tables import Confirmation


def confirmation_with_public_id(
    session: Session, public_id: str, kind: ConfirmationKind
) -> Confirmation | None:
    """Find what a link asks to confirm."""
    named = select(Confirmation).where(
        Confirmation.public_id == public_id, Confirmation.kind == kind
    )
    return session.scalars(named).one_or_none()


def addresses_asked_for(session: Session, subscriber_id: int, *, since: datetime) -> int:
    """Count the changes of address that a subscriber asked for after a moment."""
    mine = (
        Confirmation.subscriber_id == subscriber_id,
        Confirmation.kind == ConfirmationKind.ADDRESS,
        Confirmation.asked_at > since,
    )
    counted = select(func.count()).select_from(Confirmation).where(*mine)
    return session.scalar(counted) or 0


def close_confirmations(session: Session, subscriber_id: int, *, now: datetime) -> None:
    """Let no open change of address of a subscriber be confirmed any more."""
    mine = (
        Confirmation.subscriber_id == subscriber_id,
        Confirmation.kind == ConfirmationKind.ADDRESS,
        Confirmation.used_at.is_(None),
    )
    session.execute(update(Confirmation).where(*mine).values(used_at=now))
