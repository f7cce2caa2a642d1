"""Implied consent lapses after two years: the reader waits, and the operator is told."""

from datetime import UTC, datetime, timedelta

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
from pprmail.services.inviting import invite_again
from pprmail.services.signing_up import Wish
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.mails import claim_mail
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import AuditEntry, ServiceMail
from services.signing import sign_ups

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


def invited(_: Session, __: Subscriber, ___: datetime) -> bool:
    return True


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
    assert lapse_once_a_night(announcer, invited, now=NOW) == 1
    assert status(database, "over@example.org") is SubscriberStatus.PENDING
    assert status(database, "holds@example.org") is SubscriberStatus.ACTIVE
    assert status(database, "express@example.org") is SubscriberStatus.ACTIVE
    with database.read() as session:
        (noted,) = session.scalars(select(AuditEntry).where(AuditEntry.what == "consent lapsed"))
    assert noted.who == "scheduler"


def test_the_operator_is_told_who_is_invited_who_is_not_and_why(
    database: Database, announcer: Announcer
) -> None:
    # The clock stood still for a night: some consents are over, and no mail may ask any more.
    for number in range(NAMED + 2):
        an_implied_reader(database, f"r{number}@example.org", lapses_at=NOW - timedelta(hours=1))
    an_implied_reader(database, "at-once@example.org", lapses_at=NOW)
    an_implied_reader(database, "ada@example.org", lapses_at=TOMORROW)
    an_implied_reader(database, "bounded@example.org", lapses_at=TOMORROW)
    asked = []

    def invite(_: Session, reader: Subscriber, __: datetime) -> bool:
        asked.append(reader.email)
        return reader.email == "ada@example.org"

    assert lapse_once_a_night(announcer, invite, now=NOW) == NAMED + 5
    assert asked == ["ada@example.org", "bounded@example.org"]
    (mail,) = mails(database)
    assert (mail.recipient, mail.kind, mail.reader) == (OPERATOR, "consents_lapsed", None)
    assert mail.subject == f"{NAMED + 5} readers wait for a new consent"
    said = " ".join(mail.text.split())
    assert "An invitation goes to one reader, unless" in said
    assert (
        "again: pprmail subscribers show ada@example.org No invitation goes to one reader, because we have"
        in said
    )
    assert "whoever asks: pprmail subscribers show bounded@example.org" in said
    late = f"No invitation goes to {NAMED + 3} readers, because the consent was over"
    assert late in said
    assert said.count("r1@") + said.count("r19@") == 2
    assert "There are 3 more." in said
    with database.read() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.what == "consent lapsed"))
        told = [line.detail for line in noted]
    assert told.count({"invited": True, "too_late": False}) == 1
    assert told.count({"invited": False, "too_late": False}) == 1
    assert told.count({"invited": False, "too_late": True}) == NAMED + 3


def test_an_invitation_that_is_held_up_until_the_consent_is_over_never_goes_out(
    database: Database,
) -> None:
    services = sign_ups(database)
    for address in ("ada@example.org", "bo@example.org"):
        an_implied_reader(database, address, lapses_at=TOMORROW)
        with database.write() as session:
            reader = subscriber_with_address(session, address)
            assert reader is not None
            reader.lapse(now=TOMORROW)
            asked = invite_again(services, session, reader, invited_by="us", now=NOW)
            assert asked
    in_time = TOMORROW - timedelta(seconds=1)
    with database.write() as session:
        first = claim_mail(session, now=in_time)
        assert first is not None
        assert (first.kind, first.recipient) == ("consent_lapsing", "ada@example.org")
    with database.write() as session:
        assert claim_mail(session, now=TOMORROW) is None
    (_, late) = mails(database)
    assert (late.recipient, late.state, late.text) == ("bo@example.org", "failed", "")
    assert late.detail == "not sent: the consent that allowed it is over"


def test_the_bounds_keep_an_invitation_back(database: Database) -> None:
    an_implied_reader(database, "ada@example.org", lapses_at=TOMORROW)
    services = sign_ups(database)
    services.ask(Wish("ada@example.org"), network="n", now=NOW - timedelta(hours=1))
    with database.write() as session:
        reader = subscriber_with_address(session, "ada@example.org")
        assert reader is not None
        assert not invite_again(services, session, reader, invited_by="us", now=NOW)


def test_it_is_done_once_a_night_and_the_next_night_again(
    database: Database, announcer: Announcer
) -> None:
    assert lapse_once_a_night(announcer, invited, now=NOW) == 0
    an_implied_reader(database, "over@example.org", lapses_at=NOW)
    assert lapse_once_a_night(announcer, invited, now=NOW + timedelta(hours=1)) == 0
    assert status(database, "over@example.org") is SubscriberStatus.ACTIVE
    assert lapse_once_a_night(announcer, invited, now=TOMORROW) == 1
    assert lapse_once_a_night(announcer, invited, now=TOMORROW + timedelta(days=1)) == 0
    assert len(mails(database)) == 1


def test_each_reader_is_invited_in_the_transaction_of_the_lapse(
    database: Database, announcer: Announcer
) -> None:
    asked = []

    def invite(session: Session, reader: Subscriber, now: datetime) -> bool:
        assert session.in_transaction()
        asked.append((reader.email, now))
        return True

    an_implied_reader(database, "over@example.org", lapses_at=TOMORROW)
    lapse_once_a_night(announcer, invite, now=NOW)
    assert asked == [("over@example.org", NOW)]
    (mail,) = mails(database)
    assert "An invitation goes to one reader" in mail.text
    assert "No invitation" not in mail.text


def test_an_invitation_that_fails_lets_nobody_lapse_and_is_tried_again(
    database: Database, announcer: Announcer
) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("no template")

    an_implied_reader(database, "over@example.org", lapses_at=TOMORROW)
    with pytest.raises(RuntimeError):
        lapse_once_a_night(announcer, fail, now=NOW)
    assert status(database, "over@example.org") is SubscriberStatus.ACTIVE
    assert lapse_once_a_night(announcer, invited, now=NOW) == 1


def test_who_left_meanwhile_stays_ended(database: Database, announcer: Announcer) -> None:
    an_implied_reader(database, "gone@example.org", lapses_at=NOW)
    with database.write() as session:
        found = subscriber_with_address(session, "gone@example.org")
        assert found is not None
        found.status = SubscriberStatus.ENDED
    assert lapse_once_a_night(announcer, invited, now=NOW) == 0
    assert status(database, "gone@example.org") is SubscriberStatus.ENDED


@pytest.mark.parametrize(
    ("at", "until"), [("2024-02-29", "2026-02-28"), ("2023-11-23", "2025-11-23")]
)
def test_two_years_are_two_years_of_the_calendar(at: str, until: str) -> None:
    begun, ended = (datetime.fromisoformat(f"{day}T00:00+00:00") for day in (at, until))
    assert implied_until(begun) == ended


@pytest.mark.parametrize("written", ["2024-03-10T05:00+00:00", "2024-03-10T00:00-05:00"])
def test_two_years_end_at_one_time_however_their_begin_is_written(written: str) -> None:
    begun = datetime.fromisoformat(written)
    until = datetime(2026, 3, 10, 5, tzinfo=UTC)
    assert implied_until(begun) == implied_until(begun.astimezone(MASTHEAD.zone)) == until
