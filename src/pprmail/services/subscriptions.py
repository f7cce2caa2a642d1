"""Subscriptions: readers choose what they read, and leave; an editor may end them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.audience import NoMatch
from pprmail.model.reader import Chooser, Reader, pause_after
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus
from pprmail.model.topic import Topics
from pprmail.rendering.service_mail import WrittenMail
from pprmail.rendering.shelf import TemplateProblemError
from pprmail.services.correspondence import Correspondence
from pprmail.services.service_mails import queue
from pprmail.storage.audit import last_noted, note
from pprmail.storage.database import Database
from pprmail.storage.mails import drop_queued
from pprmail.storage.subscribers import (
    reader_shown,
    subscriber_with_address,
    subscriber_with_public_id,
)

log = structlog.get_logger()

REASON_TOLD: Final = "reason for leaving told"
_AN_ADDRESS: Final = re.compile(r"\S+@\S+")


@dataclass(frozen=True)
class Choice:
    """What a reader wants: the slugs of topics, none for everything, and what a bare month brings.

    A `name` and a month of `paused_until` that are None stay as they are; empty, they go.
    `offered` are the topics that could be chosen or not; others stay as they are. None: all.
    """

    topics: tuple[str, ...]
    no_match: NoMatch
    name: str | None = None
    paused_until: str | None = None
    offered: tuple[str, ...] | None = None

    @classmethod
    def of(cls, subscriber: Chooser, *, month: str) -> "Choice":
        """Give what is chosen now; a pause that is over in this month is none."""
        topics = tuple(sorted(subscriber.chosen_topics))
        pause = pause_after(subscriber, month)
        return cls(topics, subscriber.no_match, subscriber.name or "", pause)

    def settled(self, subscriber: Chooser, topics: Topics, *, month: str) -> "Choice":
        """Say all of it: what this choice leaves open is as it was.

        A retired topic is kept or given up, and begun by nobody.
        """
        now = Choice.of(subscriber, month=month)
        had = {topics.find(slug) for slug in now.topics}
        wanted = {s for s in self.topics if not _is_retired(s, topics) or topics.find(s) in had}
        if self.topics and self.offered is not None:
            offered = {topics.find(slug) for slug in self.offered}
            wanted |= {slug for slug in now.topics if topics.find(slug) not in offered}
        name = now.name if self.name is None else self.name
        pause = now.paused_until if self.paused_until is None else self.paused_until
        return Choice(tuple(sorted(wanted)), self.no_match, name, pause)


def _is_retired(slug: str, topics: Topics) -> bool:
    topic = topics.find(slug)
    return topic is not None and topic.retired


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
    month = correspondence.month_at(now)
    with database.write() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        if subscriber is None or subscriber.status is SubscriberStatus.ENDED:
            return False
        before = Choice.of(subscriber, month=month)
        wanted = choice.settled(subscriber, correspondence.topics, month=month)
        _take(subscriber, wanted, now=now)
        note(session, "topics chosen", public_id, who="reader", now=now, topics=wanted.topics)
        if told is not None and wanted != before:
            _tell(session, subscriber, told, now=now)
    return True


def _take(subscriber: Subscriber, wanted: Choice, *, now: datetime) -> None:
    subscriber.follow(list(wanted.topics), now=now)
    subscriber.no_match = wanted.no_match
    subscriber.name = wanted.name or None
    subscriber.paused_until = wanted.paused_until or None
    subscriber.updated_at = now


def _written(
    database: Database,
    public_id: str,
    choice: Choice,
    *,
    correspondence: Correspondence,
    now: datetime,
) -> WrittenMail | None:
    """Write the mail that tells of a change, if there is one; writing takes longer than a lock may."""
    month = correspondence.month_at(now)
    with database.read() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        if subscriber is None:
            return None
        before = Choice.of(subscriber, month=month)
    wanted = choice.settled(subscriber, correspondence.topics, month=month)
    if wanted == before:
        return None
    try:
        return correspondence.preferences_changed(
            subscriber, wanted, has_new_name=wanted.name != before.name, now=now
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


def topics_followed(subscriber: Chooser, topics: Topics) -> list[str]:
    """Name the topics that a reader gets, as they are listed now: the chosen ones, or all."""
    if subscriber.follows_all:
        return [topic.slug for topic in topics.choosable]
    found = [topics.find(slug) for slug in subscriber.chosen_topics]
    return list(dict.fromkeys(topic.slug for topic in found if topic is not None))


def give_up(
    database: Database,
    public_id: str,
    slugs: Sequence[str],
    *,
    correspondence: Correspondence,
    now: datetime,
) -> list[str] | None:
    """Follow all but these topics from now on; give those that are left.

    Where none would be left nothing changes: to get no letters is said in another way. Gives None
    where nobody has this public id, or no letters go there.
    """
    found = reader_for_page(database, public_id)
    if found is None or found.status is SubscriberStatus.ENDED:
        return None
    followed = topics_followed(found, correspondence.topics)
    left = [slug for slug in followed if slug not in slugs]
    if left and left != followed:
        wanted = Choice(tuple(left), found.no_match)
        choose(database, public_id, wanted, correspondence=correspondence, now=now)
    return left


def tell_why(database: Database, public_id: str, reason: str, words: str, *, now: datetime) -> None:
    """Write down why a reader left, once for each time, and without any address."""
    with database.write() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        if subscriber is None or subscriber.ended_at is None or subscriber.erased_at is not None:
            return
        told = last_noted(session, REASON_TOLD, public_id)
        if told is None or told < subscriber.ended_at:
            said = {"reason": reason, "words": _AN_ADDRESS.sub("…", " ".join(words.split()))}
            note(session, REASON_TOLD, public_id, who="reader", now=now, **said)


def reader_for_page(database: Database, public_id: str) -> Reader | None:
    """Give one reader with what is chosen now, and nothing else, as quickly as can be."""
    return reader_shown(database, public_id)


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
