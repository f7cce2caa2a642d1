"""Announcing: the operator is told once that an issue is ready, or that it was held back."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from pprmail.model.calendar import MonthlyTime, in_words
from pprmail.model.issue import IssueState
from pprmail.model.occasion import IssueReady, SendHeld
from pprmail.rendering.service_mail import ServiceMails
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import check
from pprmail.services.service_mails import queue
from pprmail.storage.audit import note
from pprmail.storage.issues import issue_for_change

log = structlog.get_logger()


@dataclass(frozen=True)
class Announcer:
    """Who is told, and with which words."""

    newsroom: Newsroom
    mails: ServiceMails
    operator: str
    usual_time: MonthlyTime

    def ready(self, name: str, *, now: datetime) -> None:
        """Say once that an issue can be looked at, and what must be mended before."""
        preflight = check(self.newsroom, name, now=now)
        with self.newsroom.database.write() as session:
            issue = issue_for_change(session, name)
            if issue.announced_at is not None or issue.state is not IssueState.DRAFT:
                return
            issue.announced_at = now
            note(session, "issue announced", name, who="scheduler", now=now)
            occasion = IssueReady(
                name=name,
                month_in_words=issue.month_in_words,
                summaries=tuple(summary.title for summary in issue.summaries),
                errors=tuple(f"{error.where}: {error.message}" for error in preflight.errors),
                send_at=self._in_words(self._next_time(now)),
            )
            self._queue(session, occasion, now=now)

    def held(self, name: str, *, reason: str, now: datetime) -> None:
        """Take an issue off the schedule, and say why it was not sent."""
        with self.newsroom.database.write() as session:
            issue = issue_for_change(session, name)
            due, issue.send_at = issue.send_at, None
            if due is None:
                return
            note(session, "issue held back", name, who="scheduler", now=now, reason=reason)
            occasion = SendHeld(
                name=name,
                month_in_words=issue.month_in_words,
                send_at=self._in_words(due),
                reason=reason,
            )
            self._queue(session, occasion, now=now)

    def _queue(self, session: Session, occasion: IssueReady | SendHeld, *, now: datetime) -> None:
        if self.operator:
            queue(session, self.mails.write(occasion), to=self.operator, now=now)
        else:
            empty = "nobody is told: [operator] email is empty"
            log.warning(empty, kind=occasion.kind, issue=occasion.name)

    def _next_time(self, now: datetime) -> datetime:
        return self.usual_time.next_after(now, self.newsroom.masthead.zone)

    def _in_words(self, moment: datetime) -> str:
        return in_words(moment, self.newsroom.masthead.zone)
