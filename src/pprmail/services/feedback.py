"""Feedback: what the provider reports is kept first, and then applied, in any order, any number of times."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session

from pprmail.errors import StateError
from pprmail.model.delivery import Delivery
from pprmail.model.event import Event, EventKind
from pprmail.model.request import HTTP_ACCEPTED, RELEASING, Request, RequestState
from pprmail.model.subscriber import Subscriber
from pprmail.sending.webhook import ReportedEvent
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.deliveries import move_request
from pprmail.storage.events import deliveries_with, events_to_apply, requests_with, store_events

log = structlog.get_logger()

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

TO_SETTLE: Final = {RequestState.SUBMITTING, RequestState.UNKNOWN, RequestState.SKIPPED}
"""An event may come before its request's answer is recorded, or instead of it after a crash."""


class _Case(NamedTuple):
    event: Event
    request: Request
    delivery: Delivery
    reader: Subscriber


def keep(database: Database, events: Sequence[ReportedEvent], *, now: datetime) -> int:
    """Keep reported events before anything is answered; give the number of new ones."""
    rows = [_row(event, now) for event in events]
    with database.write() as session:
        try:
            with session.begin_nested():
                return store_events(session, rows)
        except DataError:
            return sum(_keep_alone(session, row) for row in rows)


def apply(database: Database, *, now: datetime) -> int:
    """Apply every event that waits; give their number.

    One that can't be applied is marked with its problem and holds up no other.
    """
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


def _keep_alone(session: Session, row: dict[str, Any]) -> int:
    try:
        with session.begin_nested():
            return store_events(session, [row])
    except DataError:
        # What was read out of it is what counts; its wording is lost.
        return store_events(session, [row | {"payload": {}}])


def _apply_some(database: Database, *, now: datetime) -> int:
    with database.write() as session:
        events = events_to_apply(session, limit=AT_ONCE)
        try:
            _apply_together(session, events, now=now)
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 - one of them is spoilt, and is found by trying each
            for event in events:
                _apply_alone(session, event, now=now)
        for event in events:
            event.applied_at = now
    return len(events)


def _apply_together(session: Session, events: Sequence[Event], *, now: datetime) -> None:
    with session.begin_nested():
        for case in _cases(session, events):
            _take_for_evidence(session, case, now=now)
            _note_fact(case.delivery, case.event)
            _end(session, case, now=now)
            if case.reader.erased_at is not None:
                # What is reported of a letter after its reader was erased holds the address again.
                case.event.forget()


def _apply_alone(session: Session, event: Event, *, now: datetime) -> None:
    try:
        _apply_together(session, [event], now=now)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - a person must look at it; the others go on
        event.problem = f"could not be applied: {type(error).__name__}"
        log.error("event not applied", number=event.id, kind=type(error).__name__)


def _cases(session: Session, events: Sequence[Event]) -> list[_Case]:
    # Deliveries first, which locks them: who gives a request up also lets its deliveries go.
    deliveries = deliveries_with(session, {e.delivery_id for e in events if e.delivery_id})
    requests = requests_with(session, {e.request_public_id for e in events if e.request_public_id})
    cases = []
    for event in events:
        request = requests.get(event.request_public_id or "")
        pair = deliveries.get(event.delivery_id or 0)
        if request and pair and _belong_together(request, pair[0]):
            cases.append(_Case(event, request, *pair))
        else:
            event.problem = "belongs to no delivery of ours"
    return cases


def _belong_together(request: Request, delivery: Delivery) -> bool:
    """Both names must be ours: a report can't be evidence for what it does not know.

    A request that was given up holds no delivery any more, but its letters may have arrived.
    """
    if request.state in RELEASING:
        return (request.issue_id, request.edition_id) == (delivery.issue_id, delivery.edition_id)
    return delivery.request_id == request.id


def _take_for_evidence(session: Session, case: _Case, *, now: datetime) -> None:
    # A request is taken whole or not at all, so that one letter's event proves all of it.
    if case.request.state in RELEASING:
        case.event.problem = f"its request was given up as {case.request.state}"
    if case.request.state in TO_SETTLE:
        _settle(session, case, now=now)


def _settle(session: Session, case: _Case, *, now: datetime) -> None:
    request = session.get_one(Request, case.request.id, with_for_update={"key_share": True})
    if request.is_being_recalled and case.event.kind is EventKind.PROCESSED:
        # That it was taken is no proof that it was not discarded afterwards.
        request.learn_late(http_status=HTTP_ACCEPTED, message_id=None)
        return
    facts = {"finished_at": now, "settled_by": "evidence", "detail": "proved by an event"}
    # Settled otherwise a moment ago, it is left at that.
    with suppress(StateError):
        move_request(session, request.id, RequestState.ACCEPTED, **facts)


def _note_fact(delivery: Delivery, event: Event) -> None:
    fact = FACTS.get(event.kind)
    if fact is not None:
        known: datetime | None = getattr(delivery, fact)
        setattr(delivery, fact, min(known, event.at) if known else event.at)


def _end(session: Session, case: _Case, *, now: datetime) -> None:
    why = case.event.ends
    if why is not None and case.reader.end(why, now=now):
        case.reader.updated_at = now
        name = case.reader.public_id
        note(session, "subscriber ended", name, who="provider", now=now, why=why)
