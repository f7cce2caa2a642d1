"""Everything that is held about one reader, in SQL: to be shown, and to be forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, delete, func, or_, select, update
from sqlalchemy.orm import Session

from pprmail.model.mail import MailState
from pprmail.model.subscriber import Subscriber
from pprmail.storage.insertion import insert_if_new
from pprmail.storage.tables import (
    AuditEntry,
    Confirmation,
    Consent,
    Delivery,
    Edition,
    Event,
    Issue,
    IssueSummary,
    Preference,
    Request,
    ServiceMail,
    Summary,
    Suppression,
)

ERASED = "erased"


@dataclass(frozen=True)
class Letter:
    """A letter to one reader: the promise, and what it was made of and sent by."""

    issue: str
    delivery: Delivery
    edition: Edition
    request: Request | None


def letters_to(session: Session, reader: Subscriber) -> list[Letter]:
    """Give a reader's letters, the oldest first."""
    mine = (
        select(Issue.name, Delivery, Edition, Request)
        .join_from(Delivery, Issue, Issue.id == Delivery.issue_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .outerjoin(Request, Request.id == Delivery.request_id)
        .where(Delivery.subscriber_id == reader.id)
        .order_by(Issue.month, Delivery.id)
    )
    return [Letter(*row) for row in session.execute(mine)]


def titles_in(session: Session, issue_id: int) -> list[str]:
    """Give the titles of an issue's summaries, in its order."""
    ordered = (
        select(Summary.title)
        .join(IssueSummary, IssueSummary.summary_id == Summary.id)
        .where(IssueSummary.issue_id == issue_id)
        .order_by(IssueSummary.position)
    )
    return list(session.scalars(ordered))


def events_about(session: Session, reader: Subscriber) -> Sequence[Event]:
    """Give what was reported of a reader's letters, or of the address alone."""
    letters = select(Delivery.id).where(Delivery.subscriber_id == reader.id)
    is_named: ColumnElement[bool] = Event.delivery_id.in_(letters)
    if reader.email:
        payload = func.lower(cast(Event.payload, String))
        told = payload.contains(reader.email.lower(), autoescape=True)
        is_named = or_(is_named, Event.delivery_id.is_(None) & told)
    return session.scalars(select(Event).where(is_named).order_by(Event.at, Event.id)).all()


def mails_to(session: Session, reader: Subscriber) -> Sequence[ServiceMail]:
    """Give the mails to a reader, other than letters."""
    mine = select(ServiceMail).where(_is_to(reader)).order_by(ServiceMail.id)
    return session.scalars(mine).all()


def confirmations_of(session: Session, reader: Subscriber) -> Sequence[Confirmation]:
    """Give what a reader was asked to confirm."""
    mine = select(Confirmation).where(Confirmation.subscriber_id == reader.id)
    return session.scalars(mine.order_by(Confirmation.id)).all()


def notes_about(session: Session, reader: Subscriber) -> Sequence[AuditEntry]:
    """Give the lines of the log that tell of a reader."""
    mine = select(AuditEntry).where(AuditEntry.subject == reader.public_id)
    return session.scalars(mine.order_by(AuditEntry.id)).all()


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


def _forget_mails(session: Session, reader: Subscriber) -> int:
    is_to, is_queued = _is_to(reader), ServiceMail.state == MailState.QUEUED
    queued = delete(ServiceMail).where(is_to, is_queued).returning(ServiceMail.id)
    dropped = session.scalars(queued).all()
    # One that is being sent just now may come back into the queue, and is dropped there by name.
    emptied = {"recipient": "", "html": "", "text": "", "reader": reader.public_id}
    others = update(ServiceMail).where(is_to).values(emptied).returning(ServiceMail.id)
    return len(dropped) + len(session.scalars(others).all())


def _is_to(reader: Subscriber) -> ColumnElement[bool]:
    return or_(ServiceMail.reader == reader.public_id, ServiceMail.recipient == reader.email)


def _without(words: str | None, address: str | None) -> str | None:
    if words is None or address is None or address.lower() not in words.lower():
        return words
    return ERASED
