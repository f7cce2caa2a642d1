"""Service mails, in SQL."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from pprmail.model.mail import WHILE_CONSENT_HOLDS, MailState
from pprmail.model.subscriber import SubscriberStatus
from pprmail.storage.tables import ServiceMail, Subscriber

TOO_LATE: Final = "not sent: the consent that allowed it is over"

_WAITING = ServiceMail.state == MailState.QUEUED


def claim_mail(session: Session, *, now: datetime) -> ServiceMail | None:
    """Take the oldest mail whose time has come, so that nobody else sends it; None if none waits.

    Mails about a subscription that has ended meanwhile are dropped, and given up where they may go
    out no more.
    """
    _give_up_the_late(session, now=now)
    ended = select(Subscriber.public_id).where(Subscriber.status == SubscriberStatus.ENDED)
    session.execute(delete(ServiceMail).where(_WAITING, ServiceMail.reader.in_(ended)))
    ripe = or_(ServiceMail.not_before.is_(None), ServiceMail.not_before <= now)
    oldest = select(ServiceMail).where(_WAITING, ripe).order_by(ServiceMail.id).limit(1)
    mail = session.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()
    if mail is not None:
        mail.state = MailState.SUBMITTING
    return mail


def _give_up_the_late(session: Session, *, now: datetime) -> None:
    over = select(Subscriber.public_id).where(Subscriber.lapses_at <= now)
    late = (ServiceMail.kind == WHILE_CONSENT_HOLDS, ServiceMail.reader.in_(over))
    given_up = {"state": MailState.FAILED, "detail": TOO_LATE, "finished_at": now}
    words = {"html": "", "text": ""}
    session.execute(update(ServiceMail).where(_WAITING, *late).values(given_up | words))


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
