"""Why not: what the rows tell of a reader to whom an issue was not promised."""

from datetime import datetime

from pprmail.model.issue import Issue
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.services.newsroom import Newsroom


def why_not(newsroom: Newsroom, issue: Issue, subscriber: Subscriber) -> str:
    """Say why a reader was promised nothing, as far as rows tell; call it in a session."""
    if issue.frozen_at is None:
        return f"the issue is {issue.state}: its readers are counted when it begins to be sent"
    if not issue.is_monthly:
        return "holds no accepted letter with the summary that this one is about, or had left"
    return _was_no_reader(subscriber, issue.frozen_at) or (
        "asked for nothing in a month without any of the chosen topics"
        if _matched_nothing(newsroom, issue, subscriber, issue.frozen_at)
        else "was not among the readers when they were counted; why not, no row tells"
    )


def _was_no_reader(subscriber: Subscriber, frozen: datetime) -> str | None:
    if subscriber.created_at > frozen:
        return "joined after the readers had been counted; the next issue is the first"
    if subscriber.ended_at is not None and subscriber.ended_at <= frozen:
        return "had left before the readers were counted"
    if subscriber.status is SubscriberStatus.PENDING:
        return "has not confirmed the subscription"
    recorded = [consent.recorded_at for consent in subscriber.consents]
    if recorded and min(recorded) > frozen:
        return "confirmed the subscription only after the readers had been counted"
    return None


def _matched_nothing(
    newsroom: Newsroom, issue: Issue, subscriber: Subscriber, frozen: datetime
) -> bool:
    chosen = [
        choice.topic
        for choice in subscriber.preferences
        if choice.begun_at <= frozen and (choice.ended_at is None or choice.ended_at > frozen)
    ]
    selection, _ = newsroom.matching(issue).for_reader(
        chosen, follows_all=subscriber.follows_all, no_match=subscriber.no_match
    )
    return selection is None
