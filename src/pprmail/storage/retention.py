"""What is kept no longer than it is needed, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    CursorResult,
    Delete,
    Text,
    Update,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from pprmail.model.subscriber import SubscriberStatus
from pprmail.storage.tables import (
    Confirmation,
    Consent,
    Delivery,
    Event,
    MailedLink,
    Preference,
    ServiceMail,
    Subscriber,
)

ROWS_AT_ONCE = 500


def lapsing_for_change(session: Session, *, now: datetime) -> Sequence[Subscriber]:
    """Find the active readers whose implied consent is over, locked."""
    is_over = (Subscriber.status == SubscriberStatus.ACTIVE, Subscriber.lapses_at <= now)
    lapsing = select(Subscriber).where(*is_over).order_by(Subscriber.id)
    return session.scalars(lapsing.with_for_update(key_share=True)).all()


def delete_unconfirmed(session: Session, *, before: datetime) -> int:
    """Delete those who never confirmed, with what they had asked for; give their number.

    Nobody is deleted to whom a letter was ever promised, who ever agreed, or who once had left.
    """
    deleted = 0
    while ids := _unconfirmed(session, before):
        for table in (Confirmation, Preference):
            session.execute(delete(table).where(table.subscriber_id.in_(ids)))
        session.execute(delete(Subscriber).where(Subscriber.id.in_(ids)))
        deleted += len(ids)
    return deleted


def empty_ended(session: Session, *, before: datetime) -> int:
    """Forget names, topics and reports of readers who ended before a moment; give their number."""
    ended = (Subscriber.status == SubscriberStatus.ENDED, Subscriber.ended_at < before)
    theirs = select(Subscriber.id).where(*ended)
    letters = select(Delivery.id).where(Delivery.subscriber_id.in_(theirs))
    told = (Event.applied_at.is_not(None), cast_to(Event.payload, Text) != "{}")
    has_topics = exists().where(Preference.subscriber_id == Subscriber.id)
    known = or_(Subscriber.name.is_not(None), has_topics)
    emptied = update(Subscriber).where(*ended, known).values(name=None, follows_all=True)
    count = _rows(session, emptied)
    session.execute(delete(Preference).where(Preference.subscriber_id.in_(theirs)))
    session.execute(update(Event).where(Event.delivery_id.in_(letters), *told).values(payload={}))
    return count


def delete_mailed_links(session: Session, *, before: datetime) -> int:
    """Delete what was counted to keep a stranger's form within bounds."""
    return _rows(session, delete(MailedLink).where(MailedLink.at < before))


def delete_confirmations(session: Session, *, before: datetime) -> int:
    """Delete the confirmations that were used, or whose time was over, before a moment."""
    is_done = or_(Confirmation.used_at < before, Confirmation.good_until < before)
    return _rows(session, delete(Confirmation).where(is_done))


def delete_finished_mails(session: Session, *, before: datetime) -> int:
    """Delete the rows of mails to single persons that were finished before a moment."""
    return _rows(session, delete(ServiceMail).where(ServiceMail.finished_at < before))


def _unconfirmed(session: Session, before: datetime) -> Sequence[int]:
    waiting = (
        Subscriber.status == SubscriberStatus.PENDING,
        Subscriber.created_at < before,
        Subscriber.ended_before.is_(None),
        Subscriber.erased_at.is_(None),
        *(~exists().where(table.subscriber_id == Subscriber.id) for table in (Consent, Delivery)),
        ~exists().where(
            Confirmation.subscriber_id == Subscriber.id, Confirmation.asked_at >= before
        ),
    )
    some = select(Subscriber.id).where(*waiting).order_by(Subscriber.id).limit(ROWS_AT_ONCE)
    locked = session.scalars(some.with_for_update(skip_locked=True)).all()
    # Asked again once they are locked: somebody may have signed up anew just before.
    return session.scalars(select(Subscriber.id).where(Subscriber.id.in_(locked), *waiting)).all()


def _rows(session: Session, statement: Delete | Update) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
