"""Service mails, in SQL."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pprmail.model.mail import MailState
from pprmail.storage.tables import ServiceMail


def claim_mail(session: Session) -> ServiceMail | None:
    """Take the oldest queued mail, so that nobody else sends it; None when all are sent."""
    queued = select(ServiceMail).where(ServiceMail.state == MailState.QUEUED)
    mail = session.scalars(
        queued.order_by(ServiceMail.id).limit(1).with_for_update(skip_locked=True)
    ).one_or_none()
    if mail is not None:
        mail.state = MailState.SUBMITTING
    return mail


def drop_queued(session: Session, kind: str, *, to: str) -> None:
    """Drop the mails of a kind to one person that nobody has begun to send."""
    waiting = ServiceMail.state == MailState.QUEUED
    session.execute(
        delete(ServiceMail).where(waiting, ServiceMail.kind == kind, ServiceMail.recipient == to)
    )


def finish_mail(
    session: Session, mail_id: int, state: MailState, *, detail: str | None, now: datetime
) -> None:
    """Write down what became of a mail."""
    mail = session.get_one(ServiceMail, mail_id)
    mail.state, mail.detail, mail.finished_at = state, detail, now
