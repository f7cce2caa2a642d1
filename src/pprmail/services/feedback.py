"""Feedback: what the provider reports is kept first, and then applied, in any order, any number of times."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from pprmail.model.delivery import Delivery
from pprmail.model.event import Event, EventKind
from pprmail.model.request import Request, RequestState
from pprmail.model.subscriber import Subscriber
from pprmail.sending.webhook import ReportedEvent
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.deliveries import move_request
from pprmail.storage.events import deliveries_with, events_to_apply, requests_with, store_events

AT_ONCE: Final = 500

FACTS: Final = {
    EventKind.DELIVERED: "delivered_at",
    EventKind.BOUNCED: "bounced_at",
    EventKind.BLOCKED: "bounced_at",
    EventKind.DROPPED: "dropped_at",
    EventKind.DEFERRED: "deferred_at",
    EventKind.COMPLAINED: "complained_at",
}
"""Which fact of a delivery an event is; a fact keeps the earliest moment it was reported for."""


def keep(database: Database, events: Sequence[ReportedEvent], *, now: datetime) -> int:
    """Keep reported events before anything is answered; give the number of new ones."""
    with database.write() as session:
        return store_events(session, [_row(event, now) for event in events])


def apply(database: Database, *, now: datetime) -> int:
    """Apply every event that waits; give their number."""
    total = 0
    while applied := _apply_some(database, now=now):
        total += applied
    return total


def _row(event: ReportedEvent, now: datetime) -> dict[str, Any]:
    return {
        "provider_key": event.provider_key,
        "fact_key": event.fact_key,
        "kind": event.kind,
        "at": event.at,
        "request_public_id": event.request,
        "delivery_id": event.delivery_id,
        "ends": event.ends,
        "payload": event.payload,
        "received_at": now,
    }


def _apply_some(database: Database, *, now: datetime) -> int:
    with database.write() as session:
        events = events_to_apply(session, limit=AT_ONCE)
        requests = requests_with(
            session, {e.request_public_id for e in events if e.request_public_id}
        )
        deliveries = deliveries_with(session, {e.delivery_id for e in events if e.delivery_id})
        for event in events:
            request = requests.get(event.request_public_id or "")
            pair = deliveries.get(event.delivery_id or 0)
            event.problem = _apply_one(session, event, request, pair, now=now)
            event.applied_at = now
    return len(events)


def _apply_one(
    session: Session,
    event: Event,
    request: Request | None,
    pair: tuple[Delivery, Subscriber] | None,
    *,
    now: datetime,
) -> str | None:
    # Both names must be ours and belong together: a report can't be evidence for what it
    # does not know.
    if request is None or pair is None or pair[0].request_id != request.id:
        return "belongs to no delivery of ours"
    delivery, subscriber = pair
    _take_for_evidence(session, request, event, now=now)
    _note_fact(delivery, event)
    if event.ends is not None and subscriber.end(event.ends, now=now):
        subscriber.updated_at = now
        note(
            session,
            "subscriber ended",
            subscriber.public_id,
            who="provider",
            now=now,
            why=event.ends,
        )
    return None


def _take_for_evidence(session: Session, request: Request, event: Event, *, now: datetime) -> None:
    # A request is taken whole or not at all, so that one letter's event proves all of it.
    if request.state in {RequestState.UNKNOWN, RequestState.SKIPPED}:
        facts = {
            "finished_at": now,
            "settled_by": "evidence",
            "detail": f"proved by “{event.kind}”",
        }
        move_request(session, request.id, RequestState.ACCEPTED, **facts)


def _note_fact(delivery: Delivery, event: Event) -> None:
    fact = FACTS.get(event.kind)
    if fact is not None:
        known: datetime | None = getattr(delivery, fact)
        setattr(delivery, fact, min(known, event.at) if known else event.at)
