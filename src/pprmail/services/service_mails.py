"""Service mails: what the system itself has to say is queued with its cause, and sent afterwards."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.mail import MailState, ServiceMail
from pprmail.rendering.service_mail import WrittenMail
from pprmail.sending.envelope import Answer, Envelope, Recipient, Sender
from pprmail.sending.outbox import Outbox
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.mails import claim_mail, finish_mail, put_back

NOTHING_LEAVES: Final = frozenset({Answer.UNREACHABLE, Answer.FORBIDDEN})
NOT_SENT: Final = NOTHING_LEAVES | {Answer.BUSY}
SHORTEST_WAIT: Final = timedelta(seconds=30)
LONGEST_QUEUE: Final = timedelta(days=1)


def queue(
    session: Session, mail: WrittenMail, *, to: str, now: datetime, reader: str | None = None
) -> None:
    """Queue one mail in the transaction of what it tells of.

    `reader` is the public id of the subscriber it is about: it is dropped if he leaves first.
    """
    session.add(
        ServiceMail(
            kind=mail.kind,
            recipient=to,
            reader=reader,
            subject=mail.words.subject,
            html=mail.words.html,
            text=mail.words.text,
            state=MailState.QUEUED,
            queued_at=now,
        )
    )


def send_queued(postroom: Postroom) -> int:
    """Send what is queued, each mail once; give the number of mails that went out.

    Where nothing can be sent at all the others wait too; a mailbox that is busy holds up nobody.
    """
    sent = 0
    while (mail := _claimed(postroom)) is not None:
        answer = _send(postroom, mail)
        if answer in NOTHING_LEAVES:
            return sent
        sent += answer is Answer.ACCEPTED
    return sent


def _claimed(postroom: Postroom) -> ServiceMail | None:
    with postroom.database.write() as session:
        return claim_mail(session, now=postroom.clock())


def _send(postroom: Postroom, mail: ServiceMail) -> Answer:
    receipt = _sender_for(postroom, mail).send(_envelope(postroom, mail))
    now, detail = postroom.clock(), receipt.detail or None
    state = MailState.SENT if receipt.answer is Answer.ACCEPTED else MailState.FAILED
    with postroom.database.write() as session:
        # It goes back into the queue only where it is certain that nothing left, and not for ever.
        if receipt.answer in NOT_SENT and now - mail.queued_at < LONGEST_QUEUE:
            later = now + max(timedelta(seconds=receipt.wait_seconds), SHORTEST_WAIT)
            put_back(session, mail.id, not_before=later, detail=detail)
        else:
            finish_mail(session, mail.id, state, detail=detail, now=now)
    return receipt.answer


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
