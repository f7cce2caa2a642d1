"""Service mails: what the system itself has to say is queued with its cause, and sent afterwards."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.mail import MailState, ServiceMail
from pprmail.rendering.service_mail import WrittenMail
from pprmail.sending.envelope import Answer, Envelope, Recipient, Sender
from pprmail.sending.outbox import Outbox
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.mails import claim_mail, finish_mail

NOT_SENT: Final = frozenset({Answer.BUSY, Answer.UNREACHABLE, Answer.FORBIDDEN})
LONGEST_QUEUE: Final = timedelta(days=1)


def queue(session: Session, mail: WrittenMail, *, to: str, now: datetime) -> None:
    """Queue one mail in the transaction of what it tells of."""
    session.add(
        ServiceMail(
            kind=mail.kind,
            recipient=to,
            subject=mail.words.subject,
            html=mail.words.html,
            text=mail.words.text,
            state=MailState.QUEUED,
            queued_at=now,
        )
    )


def send_queued(postroom: Postroom) -> int:
    """Send what is queued, each mail once; give the number of mails that went out."""
    sent = 0
    while (mail := _claimed(postroom)) is not None:
        state = _send(postroom, mail)
        if state is MailState.QUEUED:
            return sent
        sent += state is MailState.SENT
    return sent


def _claimed(postroom: Postroom) -> ServiceMail | None:
    with postroom.database.write() as session:
        return claim_mail(session)


def _send(postroom: Postroom, mail: ServiceMail) -> MailState:
    receipt = _sender_for(postroom, mail).send(_envelope(postroom, mail))
    now = postroom.clock()
    state = _state_after(receipt.answer, waited=now - mail.queued_at)
    with postroom.database.write() as session:
        finish_mail(session, mail.id, state, detail=receipt.detail or None, now=now)
    return state


def _state_after(answer: Answer, *, waited: timedelta) -> MailState:
    if answer is Answer.ACCEPTED:
        return MailState.SENT
    # It goes back into the queue only where it is certain that nothing left, and not for ever.
    may_try_again = answer in NOT_SENT and waited < LONGEST_QUEUE
    return MailState.QUEUED if may_try_again else MailState.FAILED


def _sender_for(postroom: Postroom, mail: ServiceMail) -> Sender:
    if postroom.is_rehearsal or not postroom.rules.allows(mail.recipient):
        folder = postroom.outbox.folder / "service-mails" / f"{mail.id}-{mail.kind}"
        return Outbox(folder, postroom.clock)
    return postroom.sender


def _envelope(postroom: Postroom, mail: ServiceMail) -> Envelope:
    masthead = postroom.newsroom.masthead
    return Envelope(
        from_name=masthead.from_name,
        from_email=masthead.from_email,
        reply_to=masthead.reply_to,
        subject=mail.subject,
        html=mail.html,
        text=mail.text,
        recipients=[Recipient(email=mail.recipient)],
        categories=("service",),
    )
