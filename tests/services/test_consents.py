"""Implied consent lapses after two years: the reader waits, and the operator is told."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from making import MASTHEAD, NOW, a_newsroom, a_reader
from pprmail.model.calendar import MonthlyTime
from pprmail.model.subscriber import Subscriber, SubscriberStatus, implied_until
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.services.announcing import Announcer
from pprmail.services.consents import NAMED, lapse_once_a_night
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import AuditEntry, ServiceMail

OPERATOR = "operator@example.org"
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def announcer(database: Database) -> Announcer:
    mails = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
    usual = MonthlyTime.parse("2nd tue 09:00")
    return Announcer(a_newsroom(database), mails, OPERATOR, usual)


def an_implied_reader(database: Database, address: str, *, lapses_at: datetime) -> None:
    a_reader(database, address)
    with database.write() as session:
        found = subscriber_with_address(session, address)
        assert found is not None
        found.lapses_at = lapses_at


def status(database: Database, address: str) -> SubscriberStatus:
    with database.read() as session:
        found = subscriber_with_address(session, address)
        assert found is not None
        return found.status


def mails(database: Database) -> list[ServiceMail]:
    with database.read() as session:
        return list(session.scalars(select(ServiceMail)))


def test_a_reader_whose_implied_consent_ends_by_the_next_night_waits_and_others_do_not(
    database: Database, announcer: Announcer
) -> None:
    # While it holds, the mail that asks for another consent is allowed.
    an_implied_reader(database, "over@example.org", lapses_at=TOMORROW)
    an_implied_reader(database, "holds@example.org", lapses_at=TOMORROW + timedelta(seconds=1))
    a_reader(database, "express@example.org")
    assert lapse_once_a_night(announcer, None, now=NOW) == 1
    assert status(database, "over@example.org") is SubscriberStatus.PENDING
    assert status(database, "holds@example.org") is SubscriberStatus.ACTIVE
    assert status(database, "express@example.org") is SubscriberStatus.ACTIVE
    with database.read() as session:
        (noted,) = session.scalars(select(AuditEntry).where(AuditEntry.what == "consent lapsed"))
    assert noted.who == "scheduler"


def test_the_operator_is_told_how_many_and_what_to_do(
    database: Database, announcer: Announcer
) -> None:
    for number in range(NAMED + 2):
        an_implied_reader(database, f"r{number}@example.org", lapses_at=NOW)
    lapse_once_a_night(announcer, None, now=NOW)
    (mail,) = mails(database)
    assert (mail.recipient, mail.kind, mail.reader) == (OPERATOR, "consents_lapsed", None)
    assert mail.subject == f"{NAMED + 2} readers wait for a new consent"
    assert mail.text.count("pprmail subscribers invite r") == NAMED
    assert "There are 2 more" in mail.text


def test_it_is_done_once_a_night_and_the_next_night_again(
    database: Database, announcer: Announcer
) -> None:
    assert lapse_once_a_night(announcer, None, now=NOW) == 0
    an_implied_reader(database, "over@example.org", lapses_at=NOW)
    assert lapse_once_a_night(announcer, None, now=NOW + timedelta(hours=1)) == 0
    assert status(database, "over@example.org") is SubscriberStatus.ACTIVE
    assert lapse_once_a_night(announcer, None, now=TOMORROW) == 1
    assert lapse_once_a_night(announcer, None, now=TOMORROW + timedelta(days=1)) == 0
    assert len(mails(database)) == 1


def test_each_reader_is_invited_in_the_transaction_of_the_lapse(
    database: Database, announcer: Announcer
) -> None:
    invited = []

    def invite(session: Session, reader: Subscriber, now: datetime) -> None:
        assert session.in_transaction()
        invited.append((reader.email, now))

    an_implied_reader(database, "over@example.org", lapses_at=NOW)
    lapse_once_a_night(announcer, invite, now=NOW)
    assert invited == [("over@example.org", NOW)]
    (mail,) = mails(database)
    assert "sent one invitation" in mail.text
    assert "pprmail subscribers" not in mail.text


def test_an_invitation_that_fails_lets_nobody_lapse_and_is_tried_again(
    database: Database, announcer: Announcer
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no template")

    an_implied_reader(database, "over@example.org", lapses_at=NOW)
    with pytest.raises(RuntimeError):
        lapse_once_a_night(announcer, fail, now=NOW)
    assert status(database, "over@example.org") is SubscriberStatus.ACTIVE
    assert lapse_once_a_night(announcer, None, now=NOW) == 1


def test_who_left_meanwhile_stays_ended(database: Database, announcer: Announcer) -> None:
    an_implied_reader(database, "gone@example.org", lapses_at=NOW)
    with database.write() as session:
        found = subscriber_with_address(session, "gone@example.org")
        assert found is not None
        found.status = SubscriberStatus.ENDED
    assert lapse_once_a_night(announcer, None, now=NOW) == 0
    assert status(database, "gone@example.org") is SubscriberStatus.ENDED


@pytest.mark.parametrize(
    ("at", "until"), [("2024-02-29", "2026-02-28"), ("2023-11-23", "2025-11-23")]
)
def test_two_years_are_two_years_of_the_calendar(at: str, until: str) -> None:
    assert implied_until(datetime.fromisoformat(at)) == datetime.fromisoformat(until)
