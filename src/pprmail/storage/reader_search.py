"""Finding readers, in SQL: a page at a time, and however many there are, in a bounded look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.storage.subscribers import subscriber_with_key
from pprmail.storage.tables import Preference, Subscriber

PAGE: Final = 50
LOOKED_THROUGH: Final = 300_000
"""So many addresses are looked through for a part of them before a page is shown."""

WITH_A_TOPIC: Final = 30_000
"""So many choices of a topic, each of which needs a look at its reader."""


@dataclass(frozen=True)
class Wanted:
    """Which readers: a part of address or name, where they stand, and what they chose.

    `topics` are the slugs under which one topic may be stored; none of them means any choice.
    `rests_after` is the month that a rest must be longer than.
    """

    part: str = ""
    status: SubscriberStatus | None = None
    end_reason: EndReason | None = None
    rests_after: str | None = None
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """Some readers in order, and after whom to look on; None where there is nobody more.

    `is_cut` where the look ended before the page was full.
    """

    readers: Sequence[Subscriber]
    go_on_after: str | None
    is_cut: bool = False


def find_readers(session: Session, wanted: Wanted, *, after: str | None) -> Found:
    """Give a page of readers who come after one: by address where a part is asked for, else newest.

    A whole address finds its reader alone, wherever that one stands. `after` is a public id.
    """
    last = _named(session, after) if after else None
    if not wanted.part:
        return _look_by_age(session, wanted, last)
    exactly = subscriber_with_key(session, wanted.part.lower())
    return Found([exactly], None) if exactly else _look_by_address(session, wanted, last)


def _look_by_address(session: Session, wanted: Wanted, last: Subscriber | None) -> Found:
    key, begun = Subscriber.address_key, last.address_key if last else ""
    onwards = select(key).where(key > (begun or "")).order_by(key)
    most = WITH_A_TOPIC if wanted.topics else LOOKED_THROUGH
    end = session.scalar(onwards.offset(most).limit(1))
    rows = (
        select(Subscriber.id).where(key > (begun or ""), *_filters(session, wanted)).order_by(key)
    )
    ids = _ids(session, rows if end is None else rows.where(key <= end))
    return _found(session, ids, subscriber_with_key(session, end) if end else None)


def _look_by_age(session: Session, wanted: Wanted, last: Subscriber | None) -> Found:
    if wanted.topics:
        return _look_by_topic(session, wanted, last)
    rows = select(Subscriber.id).where(*_filters(session, wanted)).order_by(Subscriber.id.desc())
    ids = _ids(session, rows.where(Subscriber.id < last.id) if last else rows)
    return _found(session, ids, None)


def _look_by_topic(session: Session, wanted: Wanted, last: Subscriber | None) -> Found:
    reader = Preference.subscriber_id
    chosen: list[ColumnElement[bool]] = [
        Preference.topic.in_(wanted.topics),
        Preference.ended_at.is_(None),
    ]
    if last:
        chosen.append(reader < last.id)
    end = session.scalar(
        select(reader).where(*chosen).order_by(reader.desc()).offset(WITH_A_TOPIC).limit(1)
    )
    rows = (
        select(reader)
        # Whoever followed two topics that were merged is there once.
        .distinct()
        .join(Subscriber, Subscriber.id == reader)
        .where(*chosen, *_standing(wanted))
        .order_by(reader.desc())
    )
    ids = _ids(session, rows if end is None else rows.where(reader >= end))
    return _found(session, ids, session.get(Subscriber, end) if end else None)


def _filters(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    # What the index of the look holds is asked first; then few rows have to be read for the rest.
    found = [_holds(session, wanted.part)] if wanted.part else []
    found += _standing(wanted)
    if wanted.topics:
        mine = Preference.subscriber_id == Subscriber.id
        chosen = Preference.topic.in_(wanted.topics) & Preference.ended_at.is_(None)
        found.append(exists().where(mine, chosen))
    return found


def _standing(wanted: Wanted) -> list[ColumnElement[bool]]:
    status: Any = Subscriber.status
    reason: Any = Subscriber.end_reason
    found: list[ColumnElement[bool]] = []
    if wanted.part or wanted.topics or wanted.rests_after:
        # Wrapped, so that their own indexes are not taken for the way to few rows.
        status, reason = func.coalesce(status, ""), func.coalesce(reason, "")
    if wanted.end_reason is not None:
        found.append(reason == wanted.end_reason)
    elif wanted.status is not None:
        found.append(status == wanted.status)
    if wanted.rests_after is not None:
        found.append(Subscriber.paused_until > wanted.rests_after)
    return found


def _holds(session: Session, part: str) -> ColumnElement[bool]:
    lower = part.lower()
    # Databases fold letters with an accent as they please, or not at all.
    spellings = [lower] if lower.isascii() else dict.fromkeys([lower, lower.title(), part])
    in_name = [_name_holds(session, spelling) for spelling in spellings]
    return or_(Subscriber.address_key.contains(lower, autoescape=True), *in_name)


def _name_holds(session: Session, part: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "sqlite":
        # It compares without regard to case; told to fold names first, it takes three times as long.
        return Subscriber.name.contains(part, autoescape=True)
    return Subscriber.name.icontains(part, autoescape=True)


def _ids(session: Session, rows: Select[Any]) -> list[int]:
    return list(session.scalars(rows.limit(PAGE + 1)))


def _found(session: Session, ids: list[int], cut_at: Subscriber | None) -> Found:
    shown, is_full = ids[:PAGE], len(ids) > PAGE
    named = select(Subscriber).where(Subscriber.id.in_(shown))
    by_id = {s.id: s for s in session.scalars(named.options(selectinload(Subscriber.preferences)))}
    readers = [by_id[number] for number in shown]
    if is_full:
        return Found(readers, readers[-1].public_id)
    return Found(readers, cut_at.public_id if cut_at else None, is_cut=cut_at is not None)


def _named(session: Session, public_id: str) -> Subscriber | None:
    return session.scalars(
        select(Subscriber).where(Subscriber.public_id == public_id)
    ).one_or_none()
