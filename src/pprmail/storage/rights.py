"""Everything that is held about one reader, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import Session

from pprmail.model.subscriber import Subscriber
from pprmail.storage.tables import (
    AuditEntry,
    Confirmation,
    Delivery,
    Edition,
    Event,
    Issue,
    IssueSummary,
    LetterTest,
    Request,
    ServiceMail,
    Summary,
)


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
    mine = select(ServiceMail).where(is_to(reader)).order_by(ServiceMail.id)
    return session.scalars(mine).all()


def trials_to(session: Session, reader: Subscriber) -> Sequence[LetterTest]:
    """Give the tests of letters that went to a reader's address, because it is an editor's, too."""
    mine = select(LetterTest).where(is_trial_for(reader)).order_by(LetterTest.id)
    return session.scalars(mine).all()


def confirmations_of(session: Session, reader: Subscriber) -> Sequence[Confirmation]:
    """Give what a reader was asked to confirm."""
    mine = select(Confirmation).where(Confirmation.subscriber_id == reader.id)
    return session.scalars(mine.order_by(Confirmation.id)).all()


def notes_about(session: Session, reader: Subscriber) -> Sequence[AuditEntry]:
    """Give the lines of the log that tell of a reader."""
    mine = select(AuditEntry).where(AuditEntry.subject == reader.public_id)
    return session.scalars(mine.order_by(AuditEntry.id)).all()


def is_to(reader: Subscriber) -> ColumnElement[bool]:
    """Tell which mails are to a reader, or about one."""
    return or_(ServiceMail.reader == reader.public_id, ServiceMail.recipient == reader.email)


def is_trial_for(reader: Subscriber) -> ColumnElement[bool]:
    """Tell which tests went to a reader's address."""
    return func.lower(LetterTest.recipient) == (reader.email or "").lower()
