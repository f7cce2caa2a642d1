"""Subscribers, in SQL."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, selectinload

from pprmail.model.reader import Reader
from pprmail.model.subscriber import SubscriberStatus, address_key
from pprmail.storage.tables import Delivery, Issue, Preference, Request, Subscriber

KEYS_AT_ONCE = 500
SHOWN: Final = (
    "public_id",
    "email",
    "name",
    "status",
    "follows_all",
    "no_match",
    "paused_until",
    "erased_at",
    "token_epoch",
)
"""What a page of a reader is made of."""

_CHOSEN = Preference.__table__.c
_KNOWN = Subscriber.__table__.c
_READER: Final = (
    select(*(_KNOWN[name] for name in SHOWN), _CHOSEN.topic)
    .outerjoin_from(
        Subscriber.__table__,
        Preference.__table__,
        and_(_CHOSEN.subscriber_id == _KNOWN.id, _CHOSEN.ended_at.is_(None)),
    )
    .where(_KNOWN.public_id == bindparam("public_id"))
    .order_by(_CHOSEN.id)
)


def subscriber_with_address(session: Session, address: str) -> Subscriber | None:
    """Find a subscriber by address, however it is spelled."""
    return subscriber_with_key(session, address_key(address))


def subscriber_with_key(session: Session, key: str) -> Subscriber | None:
    """Find a subscriber by the folded address."""
    named = select(Subscriber).where(Subscriber.address_key == key)
    return session.scalars(named).one_or_none()


def subscriber_with_public_id(session: Session, public_id: str) -> Subscriber | None:
    """Find a subscriber by the random name that links carry; the row is locked for a change."""
    named = select(Subscriber).where(Subscriber.public_id == public_id)
    return session.scalars(named.with_for_update(key_share=True)).one_or_none()


def reader_shown(session: Session, public_id: str) -> Reader | None:
    """Give a reader with what is chosen now, in one look, for a page that changes nothing."""
    rows = session.execute(_READER, {"public_id": public_id}).all()
    if not rows:
        return None
    chosen = [row[-1] for row in rows if row[-1] is not None]
    told = dict(zip(SHOWN, rows[0], strict=False))
    return Reader(**told, chosen_topics=chosen)


def subscribers_with_keys(session: Session, keys: Iterable[str]) -> dict[str, Subscriber]:
    """Find the subscribers among many address keys."""
    wanted, found = list(dict.fromkeys(keys)), dict[str, Subscriber]()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        some = (
            select(Subscriber)
            .where(Subscriber.address_key.in_(wanted[start : start + KEYS_AT_ONCE]))
            .options(selectinload(Subscriber.preferences))
        )
        found |= {s.address_key: s for s in session.scalars(some) if s.address_key}
    return found


def subscribers_for_change(session: Session, keys: Sequence[str]) -> Sequence[Subscriber]:
    """Find the subscribers among some address keys, locked, in the order that all lock them in."""
    named = select(Subscriber).where(Subscriber.address_key.in_(keys)).order_by(Subscriber.id)
    return session.scalars(named.with_for_update(key_share=True)).all()


def subscribers_in_pages(session: Session, *, after: int, size: int) -> Sequence[Subscriber]:
    """Give the next subscribers in the order they came."""
    page = select(Subscriber).where(Subscriber.id > after).order_by(Subscriber.id).limit(size)
    return session.scalars(page.options(selectinload(Subscriber.preferences))).all()


def subscribers_for_list(session: Session) -> Iterator[Subscriber]:
    """Give every subscriber with the topics chosen, page by page."""
    last = 0
    while page := subscribers_in_pages(session, after=last, size=KEYS_AT_ONCE):
        yield from page
        last = page[-1].id


def count_subscribers(session: Session) -> dict[str, int]:
    """Count subscribers by status, every status named."""
    counted = select(Subscriber.status, func.count()).group_by(Subscriber.status)
    counts = dict(session.execute(counted).all())
    return {status.value: counts.get(status, 0) for status in SubscriberStatus}


def topics_followed(session: Session) -> set[str]:
    """Name every slug that a reader follows today."""
    present = select(Preference.topic).where(Preference.ended_at.is_(None))
    return set(session.scalars(present.distinct()))


def deliveries_to(
    session: Session, subscriber: Subscriber
) -> Sequence[tuple[str, Delivery, Request | None]]:
    """Give a subscriber's deliveries with their issue's name and their request."""
    mine = (
        select(Issue.name, Delivery, Request)
        .join_from(Delivery, Issue)
        .outerjoin(Request, Request.id == Delivery.request_id)
        .where(Delivery.subscriber_id == subscriber.id)
        .order_by(Issue.month)
    )
    return [(name, delivery, request) for name, delivery, request in session.execute(mine)]
