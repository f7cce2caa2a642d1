"""Why: one reader's story for one issue, from the freeze to what was reported last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from pprmail.model.audience import NoMatch
from pprmail.model.delivery import Delivery
from pprmail.model.edition import Edition, name_of
from pprmail.model.event import Event
from pprmail.model.issue import Issue
from pprmail.model.personal import Personal
from pprmail.model.request import Request, RequestState
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.services.newsroom import Newsroom
from pprmail.services.readers import outcome_of
from pprmail.services.subscriptions import subscriber_in
from pprmail.storage.deliveries import promise_to
from pprmail.storage.events import events_of
from pprmail.storage.issues import issue_named


@dataclass(frozen=True)
class Moment:
    """One thing that happened, in words, and when; None where the rows don't tell when."""

    at: datetime | None
    words: str


@dataclass(frozen=True)
class ReaderStory:
    """What became of one issue for one reader, in the order of time."""

    issue: Issue
    subscriber: Subscriber
    edition: str | None
    outcome: str
    moments: list[Moment]
    doubt: int | None

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `--json` prints."""
        return {
            "month": self.issue.name,
            "email": self.subscriber.email,
            "status": self.subscriber.status,
            "edition": self.edition,
            "outcome": self.outcome,
            "doubt": self.doubt,
            "story": [
                {"at": m.at.isoformat() if m.at else None, "words": m.words} for m in self.moments
            ],
        }


def why(newsroom: Newsroom, name: str, address: str) -> ReaderStory:
    """Tell from rows what became of an issue for the reader of an address."""
    with newsroom.database.read() as session:
        issue, subscriber = issue_named(session, name), subscriber_in(session, address)
        found = promise_to(session, issue, subscriber)
        if found is None:
            words = _without_promise(issue, subscriber)
            moments = [Moment(None, words), *_ending(subscriber)]
            return ReaderStory(issue, subscriber, None, "not promised", moments, None)
        delivery, edition, request = found
        moments = [
            Moment(issue.frozen_at, _promise(issue, delivery, edition)),
            *(_request_moments(request) if request else ()),
            *_own_outcome(delivery),
            *_reported(events_of(session, delivery.id)),
            *_ending(subscriber),
        ]
    in_doubt = request is not None and request.state is RequestState.UNKNOWN
    return ReaderStory(
        issue=issue,
        subscriber=subscriber,
        edition=name_of(edition, issue),
        outcome=outcome_of(delivery, request),
        moments=_in_order(moments),
        doubt=request.id if request and in_doubt else None,
    )


def _without_promise(issue: Issue, subscriber: Subscriber) -> str:
    frozen = issue.frozen_at
    if frozen is None:
        return f"the issue is {issue.state}: its readers are counted when it begins to be sent"
    if subscriber.created_at > frozen:
        return "joined after the readers had been counted; the next issue is the first"
    if subscriber.ended_at is not None and subscriber.ended_at <= frozen:
        return "had left before the readers were counted"
    if subscriber.status is SubscriberStatus.PENDING:
        return "has not confirmed the subscription"
    if subscriber.no_match is NoMatch.SKIP and not subscriber.follows_all:
        return "asked for nothing in a month without any of the chosen topics"
    return "was not among the readers when they were counted; what was so then is not known now"


def _promise(issue: Issue, delivery: Delivery, edition: Edition) -> str:
    personal = Personal(edition.words, edition.mark, issue.topics or [], edition.selection)
    return f"{name_of(edition, issue)} was promised. {personal.why(delivery.topic_bits)}"


def _request_moments(request: Request) -> Iterator[Moment]:
    yield Moment(request.created_at, f"put into request {request.id} of {request.size} letters")
    if request.state is RequestState.SUBMITTING:
        return
    said = f"request {request.id} is {request.state}"
    yield Moment(request.finished_at, f"{said}: {request.detail}" if request.detail else said)


def _own_outcome(delivery: Delivery) -> Iterator[Moment]:
    if delivery.outcome is not None:
        why_so = f": {delivery.outcome_reason}" if delivery.outcome_reason else ""
        yield Moment(None, f"the letter is {delivery.outcome.replace('_', ' ')}{why_so}")


def _reported(events: Sequence[Event]) -> Iterator[Moment]:
    for event in events:
        problem = f" ({event.problem})" if event.problem else ""
        yield Moment(event.at, f"the provider reported: {event.kind}{problem}")


def _ending(subscriber: Subscriber) -> Iterator[Moment]:
    if subscriber.ended_at is not None:
        yield Moment(subscriber.ended_at, f"the subscription ended: {subscriber.end_reason}")


def _in_order(moments: list[Moment]) -> list[Moment]:
    known = [moment for moment in moments if moment.at is not None]
    return [*sorted(known, key=attrgetter("at")), *(m for m in moments if m.at is None)]
