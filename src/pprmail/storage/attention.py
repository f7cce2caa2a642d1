"""What needs a person's attention, counted in SQL."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pprmail.model.mail import MailState
from pprmail.model.request import RequestState
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.storage.tables import Issue, Request, ServiceMail, Subscriber


def doubts_by_issue(session: Session) -> list[tuple[Issue, int, int]]:
    """Give the issues with requests in doubt: how many, and how many letters they hold."""
    counted = (
        select(Request.issue_id, func.count(), func.sum(Request.size))
        .where(Request.state == RequestState.UNKNOWN)
        .group_by(Request.issue_id)
        .order_by(Request.issue_id)
    )
    rows = session.execute(counted).all()
    return [(session.get_one(Issue, issue), count, letters) for issue, count, letters in rows]


def count_unconfirmed(session: Session) -> int:
    """Count the sign-ups and invitations that nobody has confirmed yet."""
    return _count(session, Subscriber.status == SubscriberStatus.PENDING)


def count_suppressed(session: Session) -> int:
    """Count those who wait for a confirmation that the provider most likely keeps to itself."""
    kept = Subscriber.ended_before.in_([EndReason.BOUNCED, EndReason.COMPLAINED])
    return _count(session, Subscriber.status == SubscriberStatus.PENDING, kept)


def count_ended_by(session: Session, reason: EndReason, *, since: datetime) -> int:
    """Count the readers whose letters ended for a reason after a moment."""
    ended = Subscriber.status == SubscriberStatus.ENDED
    return _count(session, ended, Subscriber.end_reason == reason, Subscriber.ended_at > since)


def count_failed_mails(session: Session, *, since: datetime) -> int:
    """Count the service mails that could not be sent after a moment."""
    failed = select(func.count()).where(
        ServiceMail.state == MailState.FAILED, ServiceMail.finished_at > since
    )
    return session.scalar(failed) or 0


def _count(session: Session, *conditions: object) -> int:
    counted = select(func.count()).select_from(Subscriber).where(*conditions)  # type: ignore[arg-type]
    return session.scalar(counted) or 0
