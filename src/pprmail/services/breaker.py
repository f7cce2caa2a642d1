"""The breaker: a sending whose letters come back in masses rests until a person has looked.

After a person has let it go on, only what happened since then counts: that person has seen what
had happened before, and figures that stay bad trip it again as soon as there are enough new ones.
"""

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.breaker import reason_to_stop
from pprmail.model.issue import Issue
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import pause
from pprmail.storage.audit import last_noted
from pprmail.storage.figures import count_hard_bounces, count_outcomes
from pprmail.storage.issues import issues_sent_since, issues_under_way

LISTENS_FOR: Final = timedelta(days=7)
"""After an issue was sent; complaints come late."""

LOOKS_EVERY: Final = 10.0
EVER: Final = datetime.fromtimestamp(0, UTC)


@dataclass
class Breaker:
    """Looks at one issue's figures while it is being sent, now and then, for all its workers."""

    _not_before: float = 0
    _turn: Lock = field(default_factory=Lock)

    def look(self, postroom: Postroom, issue: Issue) -> None:
        """Pause the issue if its figures ask for it, unless they were looked at just now."""
        with self._turn:
            if time.monotonic() < self._not_before:
                return
            self._not_before = time.monotonic() + LOOKS_EVERY
        _pause_if_bad(postroom, issue)


def pause_storms(postroom: Postroom) -> None:
    """Pause every sending under way whose figures ask for it."""
    with postroom.database.read() as session:
        under_way = issues_under_way(session)
    for issue in under_way:
        _pause_if_bad(postroom, issue)


def storms_after_sending(postroom: Postroom, *, now: datetime) -> list[tuple[str, str]]:
    """Name the issues that were sent lately and are reported on badly, with the reason."""
    with postroom.database.read() as session:
        sent = issues_sent_since(session, now - LISTENS_FOR)
        found = [(issue.name, _reason(session, issue)) for issue in sent]
    return [(name, reason) for name, reason in found if reason is not None]


def _pause_if_bad(postroom: Postroom, issue: Issue) -> None:
    with postroom.database.read() as session:
        reason = _reason(session, issue)
    if reason is not None:
        pause(postroom, issue.id, reason=reason)


def _reason(session: Session, issue: Issue) -> str | None:
    since = last_noted(session, "issue resumed", issue.name) or EVER
    figures = count_outcomes(session, issue, since=since)
    if reason_to_stop(figures) is None:
        return None
    # Only single reports tell which bounces are for good; they are read when all together are many.
    hard = count_hard_bounces(session, issue, since=since)
    return reason_to_stop(replace(figures, bounced=hard))
