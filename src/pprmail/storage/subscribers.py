"""Subscribers, in SQL."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, cast

from sqlalchemy import Table, and_, bindparam, func, select
from sqlalchemy.orm import Session, selectinload

from pprmail.model.audience import NoMatch
from pprmail.model.reader import Reader
from pprmail.model.subscriber import SubscriberStatus, address_key
from pprmail.storage.database import Database
from pprmail.storage.lists import fill, places_of
from pprmail.storage.tables import (
    Consent,
    Delivery,
    Issue,
    Preference,
    Request,
    Subscriber,
    Suppression,
)

KEYS_AT_ONCE = 500
SHOWN: Final = (
    "public_id",
    "email",
    "name",
    "status",
    "follows_all",
    "no_match",
    "paused_until",
    "token_epoch",
)
"""What a page of a reader is made of."""

_CHOSEN = Preference.__table__.c
_KNOWN = Subscriber.__table__.c
_READER: Final = (
    select(*(_KNOWN[name] for name in SHOWN), _KNOWN.erased_at.is_not(None), _CHOSEN.topic)
    .outerjoin_from(
        Subscriber.__table__,
        Preference.__table__,
        and_(_CHOSEN.subscriber_id == _KNOWN.id, _CHOSEN.ended_at.is_(None)),
    )
    .where(_KNOWN.public_id == bindparam("public_id"))
    .order_by(_CHOSEN.id)
)


# Lists are long, and the tables themselves are filled twice as fast as through the nouns.
_SUBSCRIBERS, _PREFERENCES, _CONSENTS = (
    cast("Table", noun.__table__) for noun in (Subscriber, Preference, Consent)
)


class NewRows(Protocol):
    """A reader who is not known yet: the row, the topics chosen, and what was agreed to."""

    @property
    def row(self) -> dict[str, Any]:
        """The reader's own row."""

    @property
    def topics(self) -> list[str]:
        """The slugs of the topics."""

    @property
    def consent(self) -> dict[str, Any] | None:
        """The line of the ledger, without the reader."""


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


def reader_shown(database: Database, public_id: str) -> Reader | None:
    """Give a reader with what is chosen now, in one look, for a page that changes nothing."""
    rows = database.glance(_READER, public_id=public_id)
    if not rows:
        return None
    name, email, called, status, follows_all, no_match, paused, epoch, is_erased, _ = rows[0]
    return Reader(
        public_id=name,
        email=email,
        name=called,
        status=SubscriberStatus(status),
        follows_all=bool(follows_all),
        no_match=NoMatch(no_match),
        paused_until=paused,
        is_erased=bool(is_erased),
        token_epoch=epoch,
        chosen_topics=[row[-1] for row in rows if row[-1] is not None],
    )


def subscribers_with_keys(
    session: Session, keys: Iterable[str], *, for_change: bool = False
) -> dict[str, Subscriber]:
    """Find the subscribers among many address keys; for a change they are locked."""
    wanted, found = list(dict.fromkeys(keys)), dict[str, Subscriber]()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        some = (
            select(Subscriber)
            .where(Subscriber.address_key.in_(wanted[start : start + KEYS_AT_ONCE]))
            .order_by(Subscriber.id)
            .options(selectinload(Subscriber.preferences))
        )
        # Who leaves at this very moment is not to be made active again by a list.
        some = some.with_for_update(key_share=True) if for_change else some
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


def readers_for_export(session: Session, *, after: int, size: int) -> Sequence[Subscriber]:
    """Give the next subscribers who have an address, with what they chose and agreed to."""
    page = (
        select(Subscriber)
        .where(Subscriber.id > after, Subscriber.email.is_not(None))
        .order_by(Subscriber.id)
        .limit(size)
        .options(selectinload(Subscriber.preferences), selectinload(Subscriber.consents))
    )
    return session.scalars(page).all()


def consents_in_pages(session: Session, *, after: int, size: int) -> Sequence[tuple[str, Consent]]:
    """Give the next lines of the ledger in the order they came, each with its reader's address."""
    page = (
        select(Subscriber.email, Consent)
        .join_from(Consent, Subscriber)
        .where(Consent.id > after, Subscriber.email.is_not(None))
        .order_by(Consent.id)
        .limit(size)
    )
    return [(email, consent) for email, consent in session.execute(page) if email]


def count_readers(session: Session) -> int:
    """Count the subscribers who have an address."""
    named = select(func.count()).where(Subscriber.email.is_not(None))
    return session.scalar(named) or 0


def count_consents(session: Session) -> int:
    """Count the lines of the ledger whose reader has an address."""
    named = select(func.count(Consent.id)).join_from(Consent, Subscriber)
    return session.scalar(named.where(Subscriber.email.is_not(None))) or 0


def subscribers_for_list(session: Session) -> Iterator[Subscriber]:
    """Give every subscriber with the topics chosen, page by page."""
    last = 0
    while page := subscribers_in_pages(session, after=last, size=KEYS_AT_ONCE):
        yield from page
        last = page[-1].id


def add_readers(session: Session, readers: Sequence[NewRows]) -> None:
    """Add readers who are not known yet, with what they chose and agreed to."""
    if not readers:
        return
    rows = [reader.row for reader in readers]
    fill(session, _SUBSCRIBERS, rows)
    # Asked for afterwards: a statement that gives them back grows with every row, and is slow to parse.
    ids = places_of(session, [row["public_id"] for row in rows])
    chosen = [
        {
            "subscriber_id": ids[new.row["public_id"]],
            "topic": topic,
            "begun_at": new.row["created_at"],
        }
        for new in readers
        for topic in new.topics
    ]
    agreed = [
        {"subscriber_id": ids[new.row["public_id"]], **new.consent}
        for new in readers
        if new.consent
    ]
    fill(session, _PREFERENCES, chosen)
    fill(session, _CONSENTS, agreed)


def any_erased(session: Session) -> bool:
    """Tell whether anybody was erased."""
    return session.scalar(select(Suppression.id).limit(1)) is not None


def digests_present(session: Session, digests: Iterable[str]) -> set[str]:
    """Find the digests of erased addresses among many."""
    wanted, found = list(digests), set[str]()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        some = Suppression.digest.in_(wanted[start : start + KEYS_AT_ONCE])
        found |= set(session.scalars(select(Suppression.digest).where(some)))
    return found


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
) -> Sequence[tuple[Issue, Delivery, Request | None]]:
    """Give a subscriber's deliveries with their issue and their request, the oldest first."""
    mine = (
        select(Issue, Delivery, Request)
        .join_from(Delivery, Issue)
        .outerjoin(Request, Request.id == Delivery.request_id)
        .where(Delivery.subscriber_id == subscriber.id)
        .order_by(Issue.month, Issue.id)
    )
    return [(issue, delivery, request) for issue, delivery, request in session.execute(mine)]
