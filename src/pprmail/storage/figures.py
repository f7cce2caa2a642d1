"""Figures of an issue, in SQL: what was reported, by topic, and who ended since."""

from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from pprmail.model.breaker import Figures
from pprmail.model.event import EventKind
from pprmail.model.request import RequestState
from pprmail.model.tally import Tally
from pprmail.storage.tables import Delivery, Event, Issue, Request, Subscriber

FACTS = ("delivered", "bounced", "dropped", "deferred", "complained")


def count_facts(session: Session, issue: Issue) -> dict[str, int]:
    """Count what the provider reported of an issue's deliveries."""
    columns = [func.count(getattr(Delivery, f"{fact}_at")) for fact in FACTS]
    row = session.execute(select(*columns).where(Delivery.issue_id == issue.id)).one()
    return dict(zip(FACTS, row, strict=True))


def count_outcomes(session: Session, issue: Issue, *, since: datetime) -> Figures:
    """Count the letters of an issue that something happened to after a moment; every bounce counts."""
    happened = {fact: getattr(Delivery, f"{fact}_at") > since for fact in FACTS}
    counted = select(
        func.count(case((or_(*happened.values()), 1))),
        func.count(case((happened["bounced"], 1))),
        func.count(case((happened["complained"], 1))),
        func.count(case((happened["deferred"], 1))),
    )
    found = session.execute(counted.where(Delivery.issue_id == issue.id)).one()
    return Figures(found[0], found[1], found[2], found[3])


def count_hard_bounces(session: Session, issue: Issue, *, since: datetime) -> int:
    """Count the letters of an issue that bounced for good after a moment, not only this once."""
    bounced = (
        select(func.count(Event.delivery_id.distinct()))
        .join(Request, Request.public_id == Event.request_public_id)
        .where(
            Request.issue_id == issue.id,
            Event.kind == EventKind.BOUNCED,
            Event.at > since,
            Event.applied_at.is_not(None),
        )
    )
    return session.scalar(bounced) or 0


def count_ended(session: Session, issue: Issue) -> int:
    """Count the readers of an issue whose letters ended after its freeze."""
    ended = (
        select(func.count())
        .select_from(Delivery)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.issue_id == issue.id, Subscriber.ended_at >= issue.frozen_at)
    )
    return session.scalar(ended) or 0


def count_by_edition(session: Session, issue: Issue) -> dict[int, int]:
    """Count an issue's deliveries by edition."""
    counted = select(Delivery.edition_id, func.count()).where(Delivery.issue_id == issue.id)
    rows = session.execute(counted.group_by(Delivery.edition_id))
    return dict(rows.all())


def count_by_topic_bits(session: Session, issue: Issue) -> dict[int, int]:
    """Count an issue's deliveries by the topics that led to them."""
    counted = select(Delivery.topic_bits, func.count()).where(Delivery.issue_id == issue.id)
    return dict(session.execute(counted.group_by(Delivery.topic_bits)).all())


def tallies_of(session: Session, issue: Issue) -> dict[tuple[int, int], Tally]:
    """Tally an issue's deliveries by edition and by the topics that led there, in one pass."""
    is_accepted = and_(Delivery.outcome.is_(None), Request.state == RequestState.ACCEPTED)
    heard = (Delivery.delivered_at, Delivery.bounced_at, Delivery.dropped_at)
    columns = [
        func.count(),
        func.count(case((is_accepted, 1))),
        *(func.count(getattr(Delivery, f"{fact}_at")) for fact in FACTS),
        func.count(case((Subscriber.ended_at >= issue.frozen_at, 1))),
        func.count(case((and_(is_accepted, *(fact.is_(None) for fact in heard)), 1))),
    ]
    counted = (
        select(Delivery.edition_id, Delivery.topic_bits, *columns)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .outerjoin(Request, Request.id == Delivery.request_id)
        .where(Delivery.issue_id == issue.id)
        .group_by(Delivery.edition_id, Delivery.topic_bits)
    )
    return {(row[0], row[1]): Tally(*row[2:]) for row in session.execute(counted)}


def count_by_issue(session: Session) -> dict[int, Tally]:
    """Tally what was reported of every issue, with nothing that only single rows tell."""
    columns = [func.count(getattr(Delivery, f"{fact}_at")) for fact in FACTS]
    counted = select(Delivery.issue_id, func.count(), *columns).group_by(Delivery.issue_id)
    return {
        row[0]: Tally(readers=row[1], **dict(zip(FACTS, row[2:], strict=True)))
        for row in session.execute(counted)
    }
