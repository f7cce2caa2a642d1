"""Why: one reader's story for one issue, from the freeze to what was reported last.

It is told from rows alone. A delivery knows its present request; those that carried it before are
told of only where a report of the provider's names them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from pprmail.model.audit import AuditEntry
from pprmail.model.delivery import Delivery
from pprmail.model.edition import Edition, name_of
from pprmail.model.event import Event
from pprmail.model.issue import Issue
from pprmail.model.personal import Personal
from pprmail.model.request import RELEASING, Request, RequestState
from pprmail.model.subscriber import Subscriber
from pprmail.sending.lines import one_line
from pprmail.services.newsroom import Newsroom
from pprmail.services.readers import outcome_of
from pprmail.services.subscriptions import subscriber_in
from pprmail.services.why_not import why_not
from pprmail.storage.audit import settlements
from pprmail.storage.deliveries import promise_to, requests_of
from pprmail.storage.events import events_of, requests_with
from pprmail.storage.issues import issue_named


@dataclass(frozen=True)
class Moment:
    """One thing that happened, in words, and when; None where the rows don't tell when."""

    at: datetime | None
    words: str


@dataclass(frozen=True)
class ReaderStory:
    """What became of one issue for one reader, in the order of time.

    `topics` are those of today; `reason` says why there is this letter, or why there is none.
    """

    issue: Issue
    subscriber: Subscriber
    topics: list[str]
    edition: str | None
    reason: str
    outcome: str
    moments: list[Moment]
    request: Request | None = None
    events: Sequence[Event] = field(default_factory=list)

    @property
    def doubt(self) -> int | None:
        """The number of the request whose outcome nobody knows, if this letter is in one."""
        in_doubt = self.request is not None and self.request.state is RequestState.UNKNOWN
        return self.request.id if self.request and in_doubt else None

    @property
    def standing(self) -> str:
        """What this reader is today."""
        ended = f" ({self.subscriber.end_reason})" if self.subscriber.end_reason else ""
        topics = ", ".join(self.topics)
        followed = "everything" if self.subscriber.follows_all else topics or "no topic"
        return f"{self.subscriber.status}{ended}, follows {followed}"

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `--json` prints."""
        return {
            "month": self.issue.name,
            "email": self.subscriber.email,
            "status": self.subscriber.status,
            "topics": self.topics,
            "frozen": self.edition is not None,
            "edition": self.edition,
            "why": self.reason,
            "outcome": self.outcome,
            "doubt": self.doubt,
            "request": _request_json(self.request) if self.request else None,
            "events": [_event_json(event) for event in self.events],
            "story": [{"at": _iso(m.at), "words": m.words} for m in self.moments],
        }


def why(newsroom: Newsroom, name: str, address: str) -> ReaderStory:
    """Tell from rows what became of an issue for the reader of an address."""
    with newsroom.database.read() as session:
        issue, subscriber = issue_named(session, name), subscriber_in(session, address)
        topics = newsroom.topics.names(subscriber.chosen_topics)
        found = promise_to(session, issue, subscriber)
        if found is None:
            reason = why_not(newsroom, issue, subscriber)
            moments = [Moment(None, reason), *_ending(subscriber)]
            return ReaderStory(issue, subscriber, topics, None, reason, "not promised", moments)
        delivery, edition, request = found
        events = events_of(session, delivery.id)
        return ReaderStory(
            issue=issue,
            subscriber=subscriber,
            topics=topics,
            edition=name_of(edition, issue),
            reason=_reason(issue, delivery, edition),
            outcome=outcome_of(delivery, request),
            moments=_in_order(_moments(session, subscriber, found, events)),
            request=request,
            events=events,
        )


def _reason(issue: Issue, delivery: Delivery, edition: Edition) -> str:
    personal = Personal(edition.words, edition.mark, issue.topics or [], edition.selection)
    return personal.why(delivery.topic_bits)


def _moments(
    session: Session,
    subscriber: Subscriber,
    promise: tuple[Delivery, Edition, Request | None],
    events: Sequence[Event],
) -> Iterator[Moment]:
    delivery, edition, request = promise
    issue = session.get_one(Issue, delivery.issue_id)
    promised = f"{name_of(edition, issue)} was promised. {_reason(issue, delivery, edition)}"
    yield Moment(issue.frozen_at, promised)
    told_of = requests_with(session, {e.request_public_id for e in events if e.request_public_id})
    carriers = {r.id: r for r in (*told_of.values(), *([request] if request else []))}
    for carrier in carriers.values():
        yield from _request_moments(carrier)
    yield from _settled(settlements(session, issue.name, sorted(carriers)), carriers)
    yield from _perhaps_carried(requests_of(session, issue), edition, carriers)
    yield from _own_outcome(delivery)
    yield from map(_reported, events)
    yield from _ending(subscriber)


def _request_moments(request: Request) -> Iterator[Moment]:
    yield Moment(request.created_at, f"put into request {request.id} of {request.size} letters")
    if request.state is RequestState.SUBMITTING:
        return
    status = f" (HTTP {request.http_status})" if request.http_status else ""
    said = f"request {request.id} is {request.state}{status}"
    yield Moment(request.finished_at, f"{said}: {request.detail}" if request.detail else said)


def _settled(lines: Sequence[AuditEntry], carriers: dict[int, Request]) -> Iterator[Moment]:
    for line in lines:
        number = line.detail.get("request") or line.subject
        if str(number) in map(str, carriers):
            what = line.detail.get("order") or line.detail.get("state")
            yield Moment(line.at, f"request {number} was settled as {what} by {line.who}")


def _perhaps_carried(
    requests: Sequence[Request], edition: Edition, carriers: dict[int, Request]
) -> Iterator[Moment]:
    # What was given up has let its deliveries go, and no row says which they were.
    for request in requests:
        same = request.edition_id == edition.id and request.id not in carriers
        if same and request.state in RELEASING:
            said = f"request {request.id} of this edition is {request.state}"
            yield Moment(request.created_at, f"{said}; whether it held this letter, no row tells")


def _own_outcome(delivery: Delivery) -> Iterator[Moment]:
    if delivery.outcome is not None:
        why_so = f": {delivery.outcome_reason}" if delivery.outcome_reason else ""
        yield Moment(None, f"the letter is {delivery.outcome.replace('_', ' ')}{why_so}")


def _reported(event: Event) -> Moment:
    detail = _detail(event)
    return Moment(event.at, f"the provider reported: {event.kind}" + (detail and f" ({detail})"))


def _ending(subscriber: Subscriber) -> Iterator[Moment]:
    if subscriber.ended_at is not None:
        yield Moment(subscriber.ended_at, f"the subscription ended: {subscriber.end_reason}")


def _in_order(moments: Iterator[Moment]) -> list[Moment]:
    told = list(moments)
    known = [moment for moment in told if moment.at is not None]
    return [*sorted(known, key=attrgetter("at")), *(m for m in told if m.at is None)]


def _detail(event: Event) -> str:
    said = event.payload.get("reason") or event.payload.get("response") or ""
    return "; ".join(part for part in (one_line(str(said)), event.problem or "") if part)


def _request_json(request: Request) -> dict[str, Any]:
    return {
        "number": request.id,
        "state": request.state,
        "created_at": _iso(request.created_at),
        "finished_at": _iso(request.finished_at),
        "http_status": request.http_status,
        "settled_by": request.settled_by,
        "detail": request.detail,
    }


def _event_json(event: Event) -> dict[str, Any]:
    return {"at": _iso(event.at), "kind": event.kind, "detail": _detail(event)}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
