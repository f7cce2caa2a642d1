"""Erasure, in SQL: the one place where what a reader agreed to is changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from pprmail.model.mail import MailState
from pprmail.model.subscriber import Subscriber
from pprmail.storage.insertion import insert_if_new
from pprmail.storage.rights import events_about, is_to, is_trial_for, letters_to
from pprmail.storage.tables import (
    AuditEntry,
    Confirmation,
    Consent,
    LetterTest,
    Preference,
    ServiceMail,
    Suppression,
)

ERASED: Final = "erased"
"""What is put in the place of words that are gone, and what the digest of an address is for."""


def forget_rows(session: Session, reader: Subscriber) -> dict[str, int]:
    """Delete or empty all that only tells of this person; give how many rows it was, by kind."""
    topics = delete(Preference).where(Preference.subscriber_id == reader.id)
    asked = delete(Confirmation).where(Confirmation.subscriber_id == reader.id)
    agreed = update(Consent).where(Consent.subscriber_id == reader.id).values(how=ERASED, page=None)
    counted = {
        "topics": len(session.scalars(topics.returning(Preference.id)).all()),
        "confirmations": len(session.scalars(asked.returning(Confirmation.id)).all()),
        "consents": len(session.scalars(agreed.returning(Consent.id)).all()),
    }
    # What was noted of a choice would be its history; that it was noted stays.
    notes = update(AuditEntry).where(AuditEntry.subject == reader.public_id)
    session.execute(notes.values(detail={}))
    return counted | {"mails": _forget_mails(session, reader)}


def forget_reports(session: Session, reader: Subscriber) -> int:
    """Take the address out of what was reported of a reader's letters; give the number of events."""
    told = events_about(session, reader)
    for event in told:
        event.forget()
    for letter in letters_to(session, reader):
        letter.delivery.outcome_reason = _without(letter.delivery.outcome_reason, reader.email)
        if letter.request is not None:
            letter.request.detail = _without(letter.request.detail, reader.email)
    return len(told)


def remember_erased(session: Session, digest: str, *, now: datetime) -> None:
    """Keep a digest of the address, so that no list brings it back."""
    row = {"digest": digest, "at": now}
    insert_if_new(session, Suppression, [row], returning=Suppression.id)


def take_back(session: Session, digests: Sequence[str]) -> None:
    """Forget that an address was erased, since its owner has come again."""
    session.execute(delete(Suppression).where(Suppression.digest.in_(digests)))


def _forget_mails(session: Session, reader: Subscriber) -> int:
    mine, is_queued = is_to(reader), ServiceMail.state == MailState.QUEUED
    queued = delete(ServiceMail).where(mine, is_queued).returning(ServiceMail.id)
    dropped = session.scalars(queued).all()
    # One that is being sent just now may come back into the queue, and is dropped there by name.
    emptied = {"recipient": "", "html": "", "text": "", "reader": reader.public_id}
    tests = update(LetterTest).where(is_trial_for(reader), LetterTest.recipient != "")
    session.execute(tests.values(recipient="", detail=None))
    others = update(ServiceMail).where(mine).values(emptied).returning(ServiceMail.id)
    return len(dropped) + len(session.scalars(others).all())


def _without(words: str | None, address: str | None) -> str | None:
    if words is None or address is None or address.lower() not in words.lower():
        return words
    return ERASED
