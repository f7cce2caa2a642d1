"""As a given reader: which edition of an issue one reader gets, and why, or why none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.delivery import Delivery
from pprmail.model.edition import Edition
from pprmail.model.issue import Issue
from pprmail.model.month import month_in_words, parse_month
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.services.newsroom import Newsroom
from pprmail.services.subscriptions import subscriber_in
from pprmail.services.why_not import why_not
from pprmail.storage.audience import Reader, selected_for
from pprmail.storage.issues import issue_named
from pprmail.storage.subscribers import deliveries_to, subscriber_with_public_id

NO_READER: Final = "nobody has such a name"


@dataclass(frozen=True)
class GivenReader:
    """A reader of an issue; without a `reader`, this one gets no letter, and `why_not` says why."""

    public_id: str
    email: str
    name: str | None
    reader: Reader | None
    why_not: str = ""


def found_by_address(newsroom: Newsroom, name: str, address: str, *, now: datetime) -> GivenReader:
    """Find a reader by the address; nobody of that address is an error."""
    with newsroom.database.read() as session:
        return _given(newsroom, session, name, subscriber_in(session, address), now)


def found_by_name(newsroom: Newsroom, name: str, public_id: str, *, now: datetime) -> GivenReader:
    """Find a reader by the random name, which may stand in an address of a page."""
    with newsroom.database.read() as session:
        subscriber = subscriber_with_public_id(session, public_id)
        if subscriber is None:
            raise NotFoundError(NO_READER)
        return _given(newsroom, session, name, subscriber, now)


def _given(
    newsroom: Newsroom, session: Session, name: str, subscriber: Subscriber, now: datetime
) -> GivenReader:
    issue = issue_named(session, name)
    if issue.frozen_at is None:
        selection, bits = _selected(newsroom, session, issue, subscriber, now)
        why = _gets_nothing(subscriber, issue, selection, now)
    else:
        selection, bits = _promised(session, issue, subscriber)
        why = why_not(newsroom, issue, subscriber) if selection is None else ""
    reader = None if why or selection is None else _reader(subscriber, selection, bits)
    email = subscriber.email or ""
    return GivenReader(subscriber.public_id, email, subscriber.name, reader, why)


def _selected(
    newsroom: Newsroom, session: Session, issue: Issue, subscriber: Subscriber, now: datetime
) -> tuple[int | None, int]:
    matching = newsroom.matching(issue)
    if not issue.is_monthly:
        # Who holds a letter is told by its delivery, and not by what is chosen.
        return selected_for(session, matching, subscriber.id, now=now) or (None, 0)
    return matching.for_reader(
        subscriber.chosen_topics,
        follows_all=subscriber.follows_all,
        no_match=subscriber.no_match,
    )


def _gets_nothing(
    subscriber: Subscriber, issue: Issue, selection: int | None, now: datetime
) -> str:
    if subscriber.status is SubscriberStatus.PENDING:
        return "has not confirmed the subscription yet"
    if subscriber.status is SubscriberStatus.ENDED:
        return "gets no letters any more"
    if subscriber.lapses_at is not None and subscriber.lapses_at <= now:
        return "has agreed for a time that is over"
    if issue.is_monthly and (subscriber.paused_until or "") > issue.month:
        until = month_in_words(parse_month(subscriber.paused_until or ""))
        return f"lets letters rest until {until}"
    return "" if selection is not None else _NO_SELECTION[issue.is_monthly]


_NO_SELECTION: Final = {
    True: "asked for nothing in a month without any of the chosen topics",
    False: "holds no letter with this summary in full",
}


def _promised(session: Session, issue: Issue, subscriber: Subscriber) -> tuple[int | None, int]:
    promised: dict[str, Delivery] = {
        issue.name: delivery for issue, delivery, _ in deliveries_to(session, subscriber)
    }
    delivery = promised.get(issue.name)
    if delivery is None:
        return None, 0
    edition = session.get_one(Edition, delivery.edition_id)
    return edition.selection, delivery.topic_bits


def _reader(subscriber: Subscriber, selection: int, bits: int) -> Reader:
    return Reader(
        subscriber_id=subscriber.id,
        public_id=subscriber.public_id,
        email=subscriber.email or "",
        name=subscriber.name,
        selection=selection,
        topic_bits=bits,
    )
