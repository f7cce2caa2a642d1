"""Confirmations, and the readers who are to confirm, in SQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from pprmail.model.confirmation import ConfirmationKind
from pprmail.storage.tables import Confirmation, Subscriber

# A new address is confirmed on a page of its own, by one who reads the letter already.
_BEGINS = Confirmation.kind != ConfirmationKind.ADDRESS


def reader_found_or_made(session: Session, row: dict[str, Any]) -> Subscriber:
    """Give the reader of an address, locked: who is known already stays as he is.

    Known or not, the same statements run, so that nobody learns from the time who reads the letter.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(Subscriber) if is_sqlite else postgresql.insert(Subscriber)
    made = insert.values(row)
    kept = made.on_conflict_do_update(
        index_elements=[Subscriber.address_key], set_={"address_key": made.excluded.address_key}
    )
    reader_id = session.scalars(kept.returning(Subscriber.id)).one()
    return session.get_one(Subscriber, reader_id)


def sign_up_with_public_id(
    session: Session, public_id: str, *, for_change: bool = False
) -> tuple[Confirmation, Subscriber] | None:
    """Find what would begin a subscription, with its reader; for a change both rows are locked."""
    named = (
        select(Confirmation, Subscriber)
        .join(Subscriber, Subscriber.id == Confirmation.subscriber_id)
        .where(Confirmation.public_id == public_id, _BEGINS)
    )
    if for_change:
        named = named.with_for_update(key_share=True)
    found = session.execute(named).one_or_none()
    return None if found is None else (found[0], found[1])


def close_sign_ups(session: Session, reader: Subscriber, *, now: datetime) -> None:
    """Let every link by which a reader would begin a subscription open nothing any more."""
    mine = (Confirmation.subscriber_id == reader.id, Confirmation.used_at.is_(None), _BEGINS)
    session.execute(update(Confirmation).where(*mine).values(used_at=now))


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
