"""Events, in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pprmail.storage.insertion import insert_if_new
from pprmail.storage.tables import Delivery, Event, Request, Subscriber


def store_events(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Keep the events that were not reported before; give their number."""
    return len(insert_if_new(session, Event, rows, returning=Event.id))


def events_to_apply(session: Session, *, limit: int) -> Sequence[Event]:
    """Lock and give the oldest events that have not been applied."""
    waiting = select(Event).where(Event.applied_at.is_(None)).order_by(Event.id).limit(limit)
    return session.scalars(waiting.with_for_update(skip_locked=True)).all()


def events_of(session: Session, delivery_id: int) -> Sequence[Event]:
    """Give what was reported of a delivery, in the order in which it happened."""
    told = select(Event).where(Event.delivery_id == delivery_id)
    return session.scalars(told.order_by(Event.at, Event.id)).all()


def requests_with(session: Session, public_ids: set[str]) -> dict[str, Request]:
    """Find requests by the names that the provider knows them under."""
    named = select(Request).where(Request.public_id.in_(public_ids)).order_by(Request.id)
    return {request.public_id: request for request in session.scalars(named)}


def deliveries_with(session: Session, ids: set[int]) -> dict[int, tuple[Delivery, Subscriber]]:
    """Find deliveries and their subscribers, locked for a change."""
    named = (
        select(Delivery, Subscriber)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.id.in_(ids))
        .order_by(Subscriber.id, Delivery.id)
        .with_for_update(of=[Delivery, Subscriber], key_share=True)
    )
    return {delivery.id: (delivery, reader) for delivery, reader in session.execute(named)}
