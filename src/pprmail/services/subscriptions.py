"""Subscriptions: readers choose what they read, and leave; an editor may end them."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus
from pprmail.rendering.service_mail import WrittenMail
from pprmail.rendering.shelf import TemplateProblemError
from pprmail.services.correspondence import Correspondence
from pprmail.services.service_mails import queue
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.mails import drop_queued
from pprmail.storage.subscribers import subscriber_with_address, subscriber_with_public_id


def leave(database: Database, public_id: str, *, how: str, now: datetime) -> bool:
    """End a subscription at once, also in the middle of a sending; repeated, it stays ended.

    Gives False where nobody has this public id.
    """
    with database.write() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        if subscriber is None:
            return False
        if subscriber.end(EndReason.UNSUBSCRIBED, now=now):
            subscriber.updated_at = now
            note(session, "subscriber left", public_id, who="reader", now=now, how=how)
    return True


log = structlog.get_logger()


@dataclass(frozen=True)
class Choice:
    """What a reader wants: the slugs of topics, none for everything, and what a bare month brings."""

    topics: tuple[str, ...]
    no_match: NoMatch

    @property
    def sorted(self) -> "Choice":
        """The same choice, each topic once and in the order of slugs."""
        return Choice(tuple(sorted(set(self.topics))), self.no_match)

    @classmethod
    def of(cls, subscriber: Subscriber) -> "Choice":
        """Give what is chosen now."""
        return cls(tuple(sorted(subscriber.chosen_topics)), subscriber.no_match)


def choose(
    database: Database,
    public_id: str,
    choice: Choice,
    *,
    correspondence: Correspondence,
    now: datetime,
) -> bool:
    """Follow what is chosen from now on; a reader who chose otherwise before is told by mail.

    Gives False where nobody has this public id, or no letters go to whoever has it.
    """
    told = _written(database, public_id, choice, correspondence=correspondence, now=now)
    with database.write() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        if subscriber is None or subscriber.status is SubscriberStatus.ENDED:
            return False
        before = Choice.of(subscriber)
        subscriber.follow(list(choice.topics), now=now)
        subscriber.no_match = choice.no_match
        subscriber.updated_at = now
        note(session, "topics chosen", public_id, who="reader", now=now, topics=choice.topics)
        if told is not None and Choice.of(subscriber) != before:
            _tell(session, subscriber, told, now=now)
    return True


def _written(
    database: Database,
    public_id: str,
    choice: Choice,
    *,
    correspondence: Correspondence,
    now: datetime,
) -> WrittenMail | None:
    """Write the mail that tells of a change, if there is one; writing takes longer than a lock may."""
    with database.read() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        if subscriber is None or Choice.of(subscriber) == choice.sorted:
            return None
    try:
        return correspondence.preferences_changed(
            subscriber, choice.topics, choice.no_match, now=now
        )
    except TemplateProblemError as error:
        # What a reader wants counts, whatever has become of a template of the workspace.
        log.error("a reader is not told of changed topics", why=str(error))
        return None


def _tell(session: Session, subscriber: Subscriber, mail: WrittenMail, *, now: datetime) -> None:
    # Who never confirmed may be somebody else, and gets no mail but the one that asks.
    if subscriber.status is SubscriberStatus.ACTIVE and subscriber.email is not None:
        # Of several changes in a row the last one is worth a mail.
        drop_queued(session, mail.kind, to=subscriber.email)
        queue(session, mail, to=subscriber.email, now=now, reader=subscriber.public_id)


def reader(database: Database, public_id: str) -> Subscriber | None:
    """Give one reader with what was chosen and agreed to."""
    with database.read() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        return _loaded(subscriber) if subscriber else None


def end(database: Database, address: str, *, who: str, now: datetime) -> Subscriber:
    """End a subscription because an editor says so."""
    with database.write() as session:
        subscriber = subscriber_in(session, address)
        if subscriber.end(EndReason.EDITOR, now=now):
            subscriber.updated_at = now
            note(session, "subscriber ended", subscriber.public_id, who=who, now=now)
    return subscriber


def subscriber_in(session: Session, address: str) -> Subscriber:
    """Find a subscriber by address in a transaction that is under way."""
    try:
        subscriber = subscriber_with_address(session, address)
    except ValueError as error:
        raise NotFoundError(str(error)) from None
    if subscriber is None:
        raise NotFoundError(
            f"nobody has the address {address}", remedy="see: pprmail subscribers list"
        )
    return subscriber


def _loaded(subscriber: Subscriber) -> Subscriber:
    # Touched while the session is open, so that they can be read when it has ended.
    _ = subscriber.preferences, subscriber.consents
    return subscriber
