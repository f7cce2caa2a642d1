"""One reader's story: all that is known, in the words in which an editor would tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pprmail.errors import NotFoundError
from pprmail.model.audit import AuditEntry
from pprmail.model.delivery import Delivery
from pprmail.model.issue import Issue
from pprmail.model.mail import MailState, ServiceMail
from pprmail.model.month import month_at
from pprmail.model.reader import pause_after
from pprmail.model.request import Request
from pprmail.model.subscriber import Consent, Subscriber, SubscriberStatus
from pprmail.services.newsroom import Newsroom
from pprmail.services.readers import outcome_of
from pprmail.storage.rights import mails_to, notes_about
from pprmail.storage.subscribers import deliveries_to, subscriber_with_public_id

Promised = Sequence[tuple[Issue, Delivery, Request | None]]

OUTCOMES: Final = {
    "delivered": "arrived",
    "accepted": "was taken by the mail service; nothing was heard of it yet",
    "bounced": "came back",
    "dropped": "was held back by the mail service",
    "complained": "arrived, and was marked as spam",
    "rejected": "was refused by the mail service",
    "suppressed_late": "was not sent, because the letters had ended by then",
    "cancelled": "was not sent, because the sending was stopped",
    "pending": "waits to be sent",
    "submitting": "is being sent",
    "in doubt": "may have left; this is not known yet",
    "skipped": "may have left; it was given up",
    "recalled": "was recalled before it left",
    "reordered": "is sent again",
    "not_sent": "was not sent; it is tried again",
}
MAILS: Final = {
    "confirmation": "Asked to confirm",
    "already_subscribed": "Told that the letters come already",
    "welcome": "Welcome",
    "preferences_changed": "Told of changed choices",
    "fresh_link": "A link to the choices",
    "address_to_confirm": "Asked to confirm a new address",
    "address_changed": "Told of a new address",
}
MAIL_STATES: Final = {
    MailState.QUEUED: "waits to be sent",
    MailState.SUBMITTING: "is being sent",
    MailState.SENT: "sent",
    MailState.FAILED: "could not be sent",
}
HAPPENED: Final = {
    "address asked for": "Asked for another address",
    "address changed": "Changed the address",
    "address released": "Was asked to come back",
    "consent lapsed": "The implied consent was over",
    "links made void": "Made older links void",
    "reader invited": "Was invited by mail",
    "reason for leaving told": "Told a reason for leaving",
    "subscriber ended": "The letters were ended",
    "subscriber erased": "Everything personal was erased",
    "subscriber left": "Left",
    "subscription confirmed": "Confirmed",
    "topics chosen": "Chose topics",
    "way back mailed": "Was mailed a way back",
}
BY: Final = {
    "reader": "the reader",
    "scheduler": "the system",
    "provider": "the mail service’s lists",
    "cli": "the operator",
}


@dataclass(frozen=True)
class Told:
    """One thing that happened: what, when, by whom, and what was said about it."""

    what: str
    at: datetime | None
    by: str = ""
    words: str = ""


@dataclass(frozen=True)
class Letter:
    """A letter, as its issue is called, and what became of it."""

    issue: str
    outcome: str


@dataclass(frozen=True)
class ReaderStory:
    """All of it; `rests_until` is a month, or nothing. Letters and mails: the newest first.

    `is_suppressed` where the provider most likely keeps all mail from the address.
    """

    reader: Subscriber
    topics: Sequence[str]
    rests_until: str
    consents: Sequence[Consent]
    letters: Sequence[Letter]
    mails: Sequence[Told]
    happened: Sequence[Told]
    is_suppressed: bool

    @property
    def may_end(self) -> bool:
        """Tell whether there are letters to end, or an ending to make."""
        return self.reader.status is not SubscriberStatus.ENDED

    @property
    def may_invite(self) -> bool:
        """Tell whether a mail that asks for a yes makes sense."""
        return not self.is_erased and self.reader.status is not SubscriberStatus.ACTIVE

    @property
    def is_release(self) -> bool:
        """Tell whether inviting opens an address again that had to be closed."""
        return self.reader.is_closed

    @property
    def is_erased(self) -> bool:
        """Tell whether nothing personal is left."""
        return self.reader.erased_at is not None


def reader_story(newsroom: Newsroom, public_id: str, *, now: datetime) -> ReaderStory:
    """Tell one reader's story; nobody of this name is an error."""
    with newsroom.database.read() as session:
        reader = subscriber_with_public_id(session, public_id)
        if reader is None:
            raise NotFoundError("there is no such reader")
        promised = deliveries_to(session, reader)
        return ReaderStory(
            reader=reader,
            topics=newsroom.topics.names(reader.chosen_topics),
            rests_until=pause_after(reader, month_at(now, newsroom.masthead.zone)),
            consents=list(reader.consents),
            letters=_letters(promised),
            mails=[_mail(mail) for mail in reversed(mails_to(session, reader))],
            happened=[_happened(line) for line in reversed(notes_about(session, reader))],
            is_suppressed=reader.is_suppressed_outside(d.delivered_at for _, d, _ in promised),
        )


def _letters(promised: Promised) -> list[Letter]:
    told = [
        Letter(issue.in_words, OUTCOMES.get(outcome := outcome_of(delivery, request), outcome))
        for issue, delivery, request in promised
    ]
    return told[::-1]


def _mail(mail: ServiceMail) -> Told:
    what = MAILS.get(mail.kind, mail.kind.replace("_", " "))
    return Told(what, mail.finished_at or mail.queued_at, words=MAIL_STATES[mail.state])


def _happened(line: AuditEntry) -> Told:
    said = [str(line.detail[name]) for name in ("reason", "words") if line.detail.get(name)]
    by = BY.get(line.who) or line.who.replace("cli: ", "the operator, for ")
    return Told(HAPPENED.get(line.what, line.what), line.at, by, ": ".join(said))
