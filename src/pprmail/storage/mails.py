"""Service mails, in SQL."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pprmail.model.mail import MailState
from pprmail.model.subscriber import SubscriberStatus
from pprmail.storage.tables import ServiceMail, Subscriber

_WAITING = ServiceMail.state == MailState.QUEUED


def claim_mail(session: Session, *, now: datetime) -> ServiceMail | None:
    """Take the oldest mail whose time has come, so that nobody else sends it; None if none waits.

    Mails about a subscription that has ended meanwhile are dropped.
    """
    ended = select(Subscriber.public_id).where(Subscriber.status == SubscriberStatus.ENDED)
    session.execute(delete(ServiceMail).where(_WAITING, ServiceMail.reader.in_(ended)))
    ripe = or_(ServiceMail.not_before.is_(None), ServiceMail.not_before <= now)
    oldest = select(ServiceMail).where(_WAITING, ripe).order_by(ServiceMail.id).limit(1)
    mail = session.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()
    if mail is not None:
        mail.state = MailState.SUBMITTING
    return mail


def drop_queued(session: Session, kind: str, *, to: str) -> None:
    """Drop the mails of a kind to one person that nobody has begun to send."""
    mine = (ServiceMail.kind == kind, ServiceMail.recipient == to)
    session.execute(delete(ServiceMail).where(_WAITING, *mine))


def put_back(session: Session, mail_id: int, *, not_before: datetime, detail: str | None) -> None:
    """Let a mail that was certainly not sent wait for another try."""
    mail = session.get_one(ServiceMail, mail_id)
    mail.state, mail.not_before, mail.detail = MailState.QUEUED, not_before, detail


def finish_mail(
    session: Session, mail_id: int, state: MailState, *, detail: str | None, now: datetime
) -> None:
    """Write down what became of a mail, and forget its words: they hold links that still open."""
    mail = session.get_one(ServiceMail, mail_id)
    mail.state, mail.detail, mail.finished_at = state, detail, now
    mail.html = mail.text = ""
