"""Readers as an editor sees them: one by one, with what was chosen, agreed to and sent."""

from typing import Any, Final

from pprmail.model.delivery import Delivery
from pprmail.model.request import Request, RequestState
from pprmail.model.subscriber import Subscriber
from pprmail.services.newsroom import Newsroom
from pprmail.services.subscriptions import subscriber_in
from pprmail.storage.subscribers import deliveries_to, subscribers_for_list

SUPPRESSED: Final = (
    "The mail service most likely keeps all mail from this address, because it bounced or its reader "
    "complained: remove it from the provider's suppression lists (in SendGrid: Suppressions, then "
    "Bounces, Invalid and Spam Reports), or no confirmation and no letter arrives."
)


def readers_listed(newsroom: Newsroom) -> list[dict[str, Any]]:
    """Give every subscriber in short."""
    with newsroom.database.read() as session:
        return [_in_short(newsroom, s) for s in subscribers_for_list(session)]


def reader_json(newsroom: Newsroom, address: str) -> dict[str, Any]:
    """Give the shape that `--json` prints; nobody of that address is an error."""
    with newsroom.database.read() as session:
        subscriber = subscriber_in(session, address)
        consents = [
            {"at": c.at.isoformat(), "how": c.how, "wording": c.wording}
            for c in subscriber.consents
        ]
        promised = deliveries_to(session, subscriber)
        deliveries = [
            {"month": issue.name, "outcome": outcome_of(delivery, request)}
            for issue, delivery, request in promised
        ]
        arrivals = [delivery.delivered_at for _, delivery, _ in promised]
        return _in_short(newsroom, subscriber) | {
            "consents": consents,
            "deliveries": deliveries,
            "provider": SUPPRESSED if subscriber.is_suppressed_outside(arrivals) else "",
        }


def outcome_of(delivery: Delivery, request: Request | None) -> str:
    """Say in one word what became of a letter, the latest that is known."""
    for fact in ("complained", "bounced", "dropped", "delivered"):
        if getattr(delivery, f"{fact}_at") is not None:
            return fact
    if delivery.outcome is not None:
        return delivery.outcome
    if request is None:
        return "pending"
    return "in doubt" if request.state is RequestState.UNKNOWN else request.state


def _in_short(newsroom: Newsroom, subscriber: Subscriber) -> dict[str, Any]:
    return {
        "email": subscriber.email,
        "name": subscriber.name,
        "status": subscriber.status,
        "end_reason": subscriber.end_reason,
        "topics": newsroom.topics.names(subscriber.chosen_topics),
        "no_match": subscriber.no_match,
    }
