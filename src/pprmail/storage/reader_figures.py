"""Figures of all readers, in SQL: each statement reads an index and no row of a reader."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from pprmail.model.growth import Span
from pprmail.model.month import Month
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.storage.tables import Preference, Subscriber

# Wrapped, so that the index of the states is not taken: the others hold all that is asked for.
_READS = func.coalesce(Subscriber.status, "") == SubscriberStatus.ACTIVE
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def count_by_reason(session: Session) -> dict[EndReason, int]:
    """Count those whose letters have ended, by reason; every reason is named."""
    reason = Subscriber.end_reason
    counted = select(reason, func.count()).where(reason.is_not(None)).group_by(reason)
    counts = dict(session.execute(counted).all())
    return {each: counts.get(each, 0) for each in EndReason}


def count_resting(session: Session, month: str) -> int:
    """Count the readers whose letters rest beyond a month."""
    resting = select(func.count()).where(Subscriber.paused_until > month, _READS)
    return session.scalar(resting) or 0


def count_following_all(session: Session) -> int:
    """Count the readers who follow everything."""
    # Whoever came whenever: with this condition it is the index of the months that answers.
    everything = (Subscriber.created_at > _EVER, _READS, Subscriber.follows_all.is_(True))
    return session.scalar(select(func.count()).where(*everything)) or 0


def count_by_topic(session: Session) -> dict[str, int]:
    """Count the readers who chose each topic, by its slug; who gets no letters is left out."""
    chosen = select(Preference.topic, func.count()).where(Preference.ended_at.is_(None))
    everybody = dict(session.execute(chosen.group_by(Preference.topic)).all())
    # Most choices are of readers: to count the others and take them off needs fewer looks.
    others = (
        chosen.join_from(Preference, Subscriber, Subscriber.id == Preference.subscriber_id)
        .where(or_(*(Subscriber.status == s for s in SubscriberStatus if s != "active")))
        .group_by(Preference.topic)
    )
    without = dict(session.execute(others).all())
    return {topic: count - without.get(topic, 0) for topic, count in everybody.items()}


def count_changes(session: Session, spans: Iterable[Span]) -> Sequence[tuple[Month, int, int]]:
    """Count who came and who went in each month, as the rows tell it today.

    Whoever waits has not come yet, and whom a list brought in as ended has neither come nor gone.
    """
    return [(span.month, _gained(session, span), _left(session, span)) for span in spans]


def _gained(session: Session, span: Span) -> int:
    came = Subscriber.created_at >= span.begins, Subscriber.created_at < span.ends
    counted = select(func.count()).where(*came, Subscriber.status != SubscriberStatus.PENDING)
    never = select(func.count()).where(*_ended(span), Subscriber.ended_at == Subscriber.created_at)
    return (session.scalar(counted) or 0) - (session.scalar(never) or 0)


def _left(session: Session, span: Span) -> int:
    went = select(func.count()).where(*_ended(span), Subscriber.ended_at > Subscriber.created_at)
    return session.scalar(went) or 0


def _ended(span: Span) -> tuple[ColumnElement[bool], ...]:
    return Subscriber.ended_at >= span.begins, Subscriber.ended_at < span.ends
