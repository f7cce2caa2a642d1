"""Stopping: the most that is still possible, and what was no longer possible by name."""

from contextlib import suppress
from datetime import datetime

from pprmail.errors import StateError
from pprmail.model.issue import IssueState
from pprmail.model.request import RequestState
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import Undone, begin_undo, why_not_recalled
from pprmail.services.steering import unschedule
from pprmail.storage.deliveries import requests_of
from pprmail.storage.issues import issue_named


def stop(postroom: Postroom, name: str, *, who: str, now: datetime) -> Undone:
    """Begin no request any more, and take back what the provider still keeps.

    What has not begun comes off the schedule. The provider is asked afterwards: `finish_undo`.
    """
    with postroom.database.read() as session:
        issue = issue_named(session, name)
        kept = [r for r in requests_of(session, issue) if r.state is RequestState.ACCEPTED]
    if issue.state is IssueState.APPROVED:
        # If it began at this very moment, it is stopped like one that is under way.
        with suppress(StateError):
            return Undone(unschedule(postroom.newsroom, name, who=who, now=now))
    if issue.state is IssueState.SENT and all(why_not_recalled(postroom, r, now=now) for r in kept):
        raise StateError("all letters have left, so that there is nothing to stop any more")
    return begin_undo(postroom, name, who=who, now=now)
