"""Deliveries and requests, in SQL: claiming, recording, and the equation counted from rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    CursorResult,
    Result,
    String,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from pprmail.errors import StorageError
from pprmail.model.delivery import DeliveryOutcome, Equation
from pprmail.model.issue import IssueState
from pprmail.model.request import RELEASING, RequestState
from pprmail.model.subscriber import SubscriberStatus
from pprmail.storage.tables import Delivery, Edition, Issue, Request, Subscriber


class Waiting(NamedTuple):
    """A delivery that waits to be claimed, with what its envelope needs."""

    id: int
    edition_id: int
    topic_bits: int
    public_id: str
    email: str | None
    name: str | None
    may_receive: bool
    token_epoch: int


def issue_to_claim_from(session: Session, issue_id: int) -> Issue | None:
    """Give the issue if it may send now; a pause waits until this transaction has ended."""
    held = select(Issue).where(
        Issue.id == issue_id, Issue.state == IssueState.SENDING, Issue.paused_at.is_(None)
    )
    return session.scalars(held.with_for_update(read=True, of=Issue)).one_or_none()


def waiting_deliveries(
    session: Session, issue_id: int, *, limit: int, at: datetime, without: Collection[int] = ()
) -> list[Waiting]:
    """Lock and give the next waiting deliveries of one edition, with what became of the readers.

    Who is active may receive, unless consent is over `at` the moment when the letter leaves.
    `without` are deliveries to leave for later.
    """
    holds = or_(Subscriber.lapses_at.is_(None), Subscriber.lapses_at > at)
    may_receive = case((and_(Subscriber.status == SubscriberStatus.ACTIVE, holds), 1), else_=0)
    next_ones = (
        select(*_WAITING, may_receive, Subscriber.token_epoch)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(
            Delivery.issue_id == issue_id,
            Delivery.request_id.is_(None),
            Delivery.outcome.is_(None),
            Delivery.id.not_in(without),
        )
        .order_by(Delivery.edition_id, Delivery.id)
        .limit(limit)
        # Two workers never wait for each other, and a reader who is leaving at this very moment
        # is left for the next round, when that is known.
        .with_for_update(of=[Delivery, Subscriber], key_share=True, skip_locked=True)
    )
    rows = [Waiting(*row) for row in session.execute(next_ones)]
    return [row for row in rows if row.edition_id == rows[0].edition_id]


_WAITING = (
    Delivery.id,
    Delivery.edition_id,
    Delivery.topic_bits,
    Subscriber.public_id,
    Subscriber.email,
    Subscriber.name,
)


def put_into_request(session: Session, request: Request, delivery_ids: Sequence[int]) -> None:
    """Bind deliveries to a request; each must still be free."""
    free = update(Delivery).where(
        Delivery.id.in_(delivery_ids), Delivery.request_id.is_(None), Delivery.outcome.is_(None)
    )
    bound = session.execute(free.values(request_id=request.id))
    if _rows(bound) != len(delivery_ids):
        raise StorageError("a delivery was claimed by somebody else; nothing was written")


def give_outcome(
    session: Session, delivery_ids: Sequence[int], outcome: DeliveryOutcome, *, reason: str
) -> None:
    """Give deliveries an outcome of their own, apart from any request's."""
    own = update(Delivery).where(Delivery.id.in_(delivery_ids))
    session.execute(own.values(outcome=outcome, outcome_reason=reason, request_id=None))


def promise_to(
    session: Session, issue: Issue, subscriber: Subscriber
) -> tuple[Delivery, Edition, Request | None] | None:
    """Give the one delivery of an issue to a subscriber, with its edition and its request."""
    mine = (
        select(Delivery, Edition, Request)
        .join(Edition, Edition.id == Delivery.edition_id)
        .outerjoin(Request, Request.id == Delivery.request_id)
        .where(Delivery.issue_id == issue.id, Delivery.subscriber_id == subscriber.id)
    )
    found = session.execute(mine).one_or_none()
    return (found[0], found[1], found[2]) if found else None


def promises_of(
    session: Session, issue: Issue
) -> Sequence[tuple[Delivery, Subscriber, Request | None]]:
    """Give every delivery of an issue, with its reader and its request."""
    all_of_them = (
        select(Delivery, Subscriber, Request)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .outerjoin(Request, Request.id == Delivery.request_id)
        .where(Delivery.issue_id == issue.id)
        .order_by(Delivery.id)
    )
    return [(d, s, r) for d, s, r in session.execute(all_of_them)]


def cancel_waiting(session: Session, issue: Issue) -> int:
    """Cancel every delivery that no request has taken; give their number."""
    waiting = update(Delivery).where(
        Delivery.issue_id == issue.id, Delivery.request_id.is_(None), Delivery.outcome.is_(None)
    )
    return _rows(session.execute(waiting.values(outcome=DeliveryOutcome.CANCELLED)))


def move_request(
    session: Session, request_id: int, state: RequestState, **facts: Any
) -> RequestState | None:
    """Record what became of a request, once; give the state it was in, or None if it had it.

    Its deliveries go free if nobody got anything.
    """
    request = session.get_one(Request, request_id, with_for_update={"key_share": True})
    before = request.state
    if not request.move_to(state):
        return None
    for name, value in facts.items():
        setattr(request, name, value)
    if state in RELEASING:
        _release(session, request)
    return before


def _release(session: Session, request: Request) -> None:
    """Let a request's deliveries wait again; those of an issue that was cancelled are, too."""
    is_cancelled = session.get_one(Issue, request.issue_id).state is IssueState.CANCELLED
    bound = update(Delivery).where(
        Delivery.issue_id == request.issue_id, Delivery.request_id == request.id
    )
    outcome = DeliveryOutcome.CANCELLED if is_cancelled else None
    session.execute(bound.values(request_id=None, outcome=outcome))


def requests_in(session: Session, state: RequestState) -> Sequence[Request]:
    """Give the requests of all issues that are in a state."""
    return session.scalars(select(Request).where(Request.state == state).order_by(Request.id)).all()


def last_request_at(session: Session, issue: Issue) -> datetime | None:
    """Give the moment when an issue's last request was written down."""
    return session.scalar(select(func.max(Request.created_at)).where(Request.issue_id == issue.id))


def requests_known(session: Session, public_ids: set[str]) -> set[str]:
    """Give those of some names that requests of this database have."""
    known = select(Request.public_id).where(Request.public_id.in_(public_ids))
    return set(session.scalars(known))


def open_recalls(session: Session) -> Sequence[Request]:
    """Give the recalled requests whose order to discard still stands at the provider."""
    standing = select(Request).where(
        Request.state == RequestState.RECALLED,
        Request.batch_id.is_not(None),
        Request.batch_freed_at.is_(None),
    )
    return session.scalars(standing.order_by(Request.id)).all()


def requests_of(session: Session, issue: Issue) -> Sequence[Request]:
    """Give an issue's requests, the first one first."""
    mine = select(Request).where(Request.issue_id == issue.id).order_by(Request.id)
    return session.scalars(mine).all()


def count_requests(session: Session, issue: Issue) -> dict[str, int]:
    """Count an issue's requests by state, every state named."""
    counted = select(Request.state, func.count()).where(Request.issue_id == issue.id)
    counts = dict(session.execute(counted.group_by(Request.state)).all())
    return {state.value: counts.get(state, 0) for state in RequestState}


def equation_of(session: Session, issue: Issue) -> Equation:
    """Count the equation from rows, but for the number that the freeze wrote down."""
    standing = case(
        (Delivery.outcome.is_not(None), type_coerce(Delivery.outcome, String)),
        (Delivery.request_id.is_(None), "pending"),
        else_=type_coerce(Request.state, String),
    )
    counted = (
        select(standing, func.count())
        .join_from(Delivery, Request, Request.id == Delivery.request_id, isouter=True)
        .where(Delivery.issue_id == issue.id)
        .group_by(standing)
    )
    totals: dict[str, int] = {}
    for where, count in session.execute(counted):
        term = _TERMS.get(where, where)
        totals[term] = totals.get(term, 0) + count
    known = {
        term: totals.get(term, 0) for term in Equation.__dataclass_fields__ if term != "frozen"
    }
    return Equation(frozen=issue.frozen_readers or 0, **known)


_TERMS = {
    RequestState.SUBMITTING: "in_flight",
    RequestState.UNKNOWN: "held",
    RequestState.SKIPPED: "held",
}


def first_deliveries(
    session: Session, issue: Issue, *, count: int
) -> Sequence[tuple[Delivery, Subscriber, Edition, Request | None]]:
    """Give the first delivery of each edition of an issue, up to a number."""
    firsts = select(func.min(Delivery.id)).where(Delivery.issue_id == issue.id)
    chosen = (
        select(Delivery, Subscriber, Edition, Request)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .outerjoin(Request, Request.id == Delivery.request_id)
        .where(Delivery.id.in_(firsts.group_by(Delivery.edition_id)))
        .order_by(Delivery.id)
        .limit(count)
    )
    return [(d, s, e, r) for d, s, e, r in session.execute(chosen)]


def uneven_requests(session: Session, issue: Issue) -> Sequence[int]:
    """Name the requests whose deliveries are not as many as were written down at the claim."""
    holding = select(Delivery.request_id, func.count().label("held")).group_by(Delivery.request_id)
    held = holding.where(Delivery.issue_id == issue.id).subquery()
    uneven = (
        select(Request.id)
        .outerjoin(held, held.c.request_id == Request.id)
        .where(
            Request.issue_id == issue.id,
            Request.state.not_in([*RELEASING, RequestState.REJECTED]),
            func.coalesce(held.c.held, 0) != Request.size,
        )
    )
    return session.scalars(uneven).all()


def _rows(result: Result[Any]) -> int:
    return cast("CursorResult[Any]", result).rowcount
