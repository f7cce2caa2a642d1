"""Announcing: the operator is told once that an issue is ready, was held back, or rests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from pprmail.model.calendar import MonthlyTime, in_words
from pprmail.model.issue import Issue, IssueState
from pprmail.model.occasion import IssueReady, Occasion, SendHeld, SendPaused
from pprmail.rendering.service_mail import ServiceMails, WrittenMail
from pprmail.rendering.shelf import TemplateProblemError
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import check
from pprmail.services.service_mails import queue
from pprmail.storage.audit import last_noted, note, who_noted
from pprmail.storage.issues import issue_for_change, issue_named

log = structlog.get_logger()

PAUSE_TOLD: Final = "pause told"
STORM_TOLD: Final = "storm told"


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
        issue = self._seen(name)
        mail = self.written(
            IssueReady(
                name=name,
                month_in_words=issue.month_in_words,
                summaries=tuple(summary.title for summary in issue.summaries),
                errors=tuple(f"{error.where}: {error.message}" for error in preflight.errors),
                send_at=self._in_words(self._next_time(now)),
            ),
            about=name,
        )
        with self.newsroom.database.write() as session:
            issue = issue_for_change(session, name)
            if issue.announced_at is not None or issue.state is not IssueState.DRAFT:
                return
            issue.announced_at = now
            note(session, "issue announced", name, who="scheduler", now=now)
            self.queue(session, mail, now=now)

    def held(self, name: str, *, reason: str, now: datetime) -> None:
        """Take an issue off the schedule, and say why it was not sent."""
        issue = self._seen(name)
        if issue.send_at is None:
            return
        due, month = self._in_words(issue.send_at), issue.month_in_words
        held = SendHeld(name=name, month_in_words=month, send_at=due, reason=reason)
        mail = self.written(held, about=name)
        with self.newsroom.database.write() as session:
            issue = issue_for_change(session, name)
            if issue.send_at is None:
                return
            issue.send_at = None
            note(session, "issue held back", name, who="scheduler", now=now, reason=reason)
            self.queue(session, mail, now=now)

    def paused(self, name: str, *, now: datetime) -> None:
        """Say once for each pause why an issue rests, if no person made it rest."""
        with self.newsroom.database.read() as session:
            issue = issue_named(session, name)
            if issue.paused_at is None or not _is_news(session, issue, issue.paused_at):
                return
        mail = self.written(_paused(issue, issue.pause_reason or ""), about=name)
        with self.newsroom.database.write() as session:
            issue = issue_for_change(session, name)
            if issue.paused_at is None or not _is_news(session, issue, issue.paused_at):
                return
            # Whoever paused it may have a clock that is ahead of this one.
            note(session, PAUSE_TOLD, name, who="scheduler", now=max(now, issue.paused_at))
            self.queue(session, mail, now=now)

    def storm(self, name: str, *, reason: str, now: datetime) -> None:
        """Say once of an issue that it was sent and is reported on badly."""
        with self.newsroom.database.read() as session:
            issue = issue_named(session, name)
            if last_noted(session, STORM_TOLD, name) is not None:
                return
        mail = self.written(_paused(issue, reason), about=name)
        with self.newsroom.database.write() as session:
            issue_for_change(session, name)
            if last_noted(session, STORM_TOLD, name) is not None:
                return
            note(session, STORM_TOLD, name, who="scheduler", now=now, reason=reason)
            self.queue(session, mail, now=now)

    def _seen(self, name: str) -> Issue:
        with self.newsroom.database.read() as session:
            return issue_named(session, name)

    def written(self, occasion: Occasion, *, about: str) -> WrittenMail | None:
        """Write a mail before anything is locked; a broken template keeps no step from being done."""
        if not self.operator:
            empty = "nobody is told: [operator] email is empty"
            log.warning(empty, kind=occasion.kind, about=about)
            return None
        try:
            return self.mails.write(occasion)
        except TemplateProblemError as error:
            log.error("nobody is told", kind=occasion.kind, about=about, why=str(error))
            return None

    def queue(self, session: Session, mail: WrittenMail | None, *, now: datetime) -> None:
        """Queue a mail to the operator in the transaction of what it tells of."""
        if mail is not None:
            queue(session, mail, to=self.operator, now=now)

    def _next_time(self, now: datetime) -> datetime:
        return self.usual_time.next_after(now, self.newsroom.masthead.zone)

    def _in_words(self, moment: datetime) -> str:
        return in_words(moment, self.newsroom.masthead.zone)


def _is_news(session: Session, issue: Issue, paused_at: datetime) -> bool:
    who = who_noted(session, "issue paused", issue.name, at=paused_at)
    told = last_noted(session, PAUSE_TOLD, issue.name)
    return who == "dispatch" and (told is None or told < paused_at)


def _paused(issue: Issue, reason: str) -> SendPaused:
    return SendPaused(
        name=issue.name,
        month_in_words=issue.month_in_words,
        reason=reason,
        is_sent=issue.state is IssueState.SENT,
    )
