"""What is needed no more is forgotten, once a night; no reader with a letter is ever deleted."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from making import (
    MASTHEAD,
    MONTH,
    NOW,
    TRAINING,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.model.confirmation import ConfirmationKind
from pprmail.model.editor import DeskSession, EditorLink, Role, SignInAttempt
from pprmail.model.event import EventKind
from pprmail.model.mail import MailState
from pprmail.model.record import Record
from pprmail.model.subscriber import EndReason, SubscriberStatus, new_public_id
from pprmail.services.dispatch.run import Run, send
from pprmail.services.people import Act
from pprmail.services.retention import Retention, forget_once_a_night
from pprmail.services.signing_in import LinkAsked
from pprmail.services.subscriptions import end
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import (
    AuditEntry,
    Confirmation,
    Consent,
    Delivery,
    Event,
    MailedLink,
    Preference,
    ServiceMail,
    Subscriber,
)
from services.staffing import GOOD, a_knock, a_staff, an_editor_row

DAY = timedelta(days=1)
ADA = "ada@example.org"
KEEPS = Retention.of(unconfirmed_days=0, ended_days=0)
FORGETS = Retention.of(unconfirmed_days=30, ended_days=60)


def forget(database: Database, now: datetime, retention: Retention = FORGETS) -> None:
    forget_once_a_night(database, retention, zone=MASTHEAD.zone, now=now)


def rows(database: Database, table: type[Record]) -> int:
    with database.read() as session:
        return len(session.scalars(select(table)).all())


def a_pending_reader(database: Database, address: str = ADA) -> str:
    return a_reader(database, address, TRAINING, status=SubscriberStatus.PENDING, agreed_at=None)


def ask(database: Database, *, at: datetime, used_at: datetime | None = None) -> None:
    with database.write() as session:
        found = subscriber_with_address(session, ADA)
        assert found is not None
        session.add(
            Confirmation(
                public_id=new_public_id(),
                subscriber_id=found.id,
                kind=ConfirmationKind.SIGN_UP,
                topics=[],
                how="form",
                wording="Yes",
                asked_at=at,
                good_until=at + 7 * DAY,
                used_at=used_at,
            )
        )


def test_who_never_confirmed_is_deleted_after_the_days_that_are_set(database: Database) -> None:
    a_pending_reader(database)
    ask(database, at=NOW)
    forget(database, NOW + 30 * DAY)
    assert rows(database, Subscriber) == 1
    forget(database, NOW + 31 * DAY)
    for table in (Subscriber, Confirmation, Preference):
        assert rows(database, table) == 0
    with database.read() as session:
        (noted,) = session.scalars(select(AuditEntry).where(AuditEntry.what == "forgotten"))
    assert noted.detail == {"unconfirmed": 1}


def test_who_asked_again_has_the_days_anew(database: Database) -> None:
    a_pending_reader(database)
    ask(database, at=NOW + 20 * DAY)
    forget(database, NOW + 49 * DAY)
    assert rows(database, Subscriber) == 1
    forget(database, NOW + 51 * DAY)
    assert rows(database, Subscriber) == 0


def test_zero_days_keep_everybody(database: Database) -> None:
    a_pending_reader(database)
    a_reader(database, "bo@example.org", name="Bo")
    end(database, "bo@example.org", who="test", now=NOW)
    forget(database, NOW + 4000 * DAY, KEEPS)
    assert rows(database, Subscriber) == 2
    with database.read() as session:
        bo = subscriber_with_address(session, "bo@example.org")
        assert bo is not None
        assert bo.name == "Bo"


def test_whoever_agreed_or_once_left_is_kept(database: Database) -> None:
    a_reader(database, ADA, status=SubscriberStatus.PENDING)
    a_pending_reader(database, "left@example.org")
    with database.write() as session:
        left = subscriber_with_address(session, "left@example.org")
        assert left is not None
        left.ended_before = EndReason.COMPLAINED
    forget(database, NOW + 400 * DAY)
    assert (rows(database, Subscriber), rows(database, Consent)) == (2, 1)


def test_a_reader_with_a_letter_is_never_deleted(database: Database, tmp_path: Path) -> None:
    a_sent_issue(database, tmp_path, agreed_at=None)
    with database.write() as session:
        ada = subscriber_with_address(session, ADA)
        assert ada is not None
        ada.status = SubscriberStatus.PENDING
    forget(database, NOW + 400 * DAY)
    assert (rows(database, Subscriber), rows(database, Delivery)) == (1, 1)


def test_what_is_known_of_readers_who_left_is_emptied_and_their_letters_stay(
    database: Database, tmp_path: Path
) -> None:
    a_sent_issue(database, tmp_path)
    with database.write() as session:
        letter = session.scalars(select(Delivery.id)).one()
        session.add(an_event(letter))
    end(database, ADA, who="test", now=NOW)
    forget(database, NOW + 60 * DAY)
    assert known(database) == ("Ada", [TRAINING], {"email": ADA})
    forget(database, NOW + 61 * DAY)
    assert known(database) == (None, [], {})
    assert (rows(database, Delivery), rows(database, Event), rows(database, Consent)) == (1, 1, 1)


def test_readers_who_stay_keep_everything(database: Database, tmp_path: Path) -> None:
    a_sent_issue(database, tmp_path)
    forget(database, NOW + 4000 * DAY)
    with database.read() as session:
        ada = subscriber_with_address(session, ADA)
        assert ada is not None
        assert (ada.name, ada.chosen_topics) == ("Ada", [TRAINING])


@pytest.mark.parametrize("used", [True, False])
def test_confirmations_are_deleted_a_month_after_they_were_used_or_over(
    database: Database, used: bool
) -> None:
    a_reader(database, ADA)
    ask(database, at=NOW, used_at=NOW if used else None)
    last = NOW + (30 if used else 37) * DAY
    forget(database, last)
    assert rows(database, Confirmation) == 1
    forget(database, last + DAY)
    assert rows(database, Confirmation) == 0


def test_counted_mails_are_deleted_after_a_month_and_finished_ones_after_three(
    database: Database,
) -> None:
    with database.write() as session:
        session.add(MailedLink(kind="sign_up", address="digest", client="digest", at=NOW))
        session.add(a_mail(MailState.SENT, finished_at=NOW))
        session.add(a_mail(MailState.QUEUED, finished_at=None))
    forget(database, NOW + 30 * DAY)
    assert rows(database, MailedLink) == 1
    forget(database, NOW + 31 * DAY)
    assert (rows(database, MailedLink), rows(database, ServiceMail)) == (0, 2)
    forget(database, NOW + 91 * DAY)
    with database.read() as session:
        assert session.scalars(select(ServiceMail)).one().state is MailState.QUEUED


def test_it_is_done_once_a_night(database: Database) -> None:
    forget(database, NOW + 31 * DAY)
    a_pending_reader(database)
    forget(database, NOW + 31 * DAY + timedelta(hours=2))
    assert rows(database, Subscriber) == 1
    forget(database, NOW + 32 * DAY)
    assert rows(database, Subscriber) == 0


def test_many_are_deleted_in_one_night(sqlite: Database) -> None:
    for number in range(3):
        a_pending_reader(sqlite, f"r{number}@example.org")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pprmail.storage.retention.ROWS_AT_ONCE", 2)
        forget(sqlite, NOW + 31 * DAY)
    assert rows(sqlite, Subscriber) == 0


def known(database: Database) -> tuple[object, ...]:
    with database.read() as session:
        ada = subscriber_with_address(session, ADA)
        assert ada is not None
        topics = [preference.topic for preference in ada.preferences]
        return ada.name, topics, session.scalars(select(Event.payload)).one()


def a_sent_issue(database: Database, folder: Path, *, agreed_at: datetime | None = NOW) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, ADA, TRAINING, name="Ada", agreed_at=agreed_at)
    an_approved_issue(newsroom, a_summary(topics=[TRAINING]))
    send(a_postroom(newsroom, folder, PaperSender()), MONTH, who="test", run=Run())


def an_event(delivery: int) -> Event:
    return Event(
        fact_key="fact",
        kind=EventKind.DELIVERED,
        at=NOW,
        delivery_id=delivery,
        payload={"email": ADA},
        received_at=NOW,
        applied_at=NOW,
    )


def a_mail(state: MailState, *, finished_at: datetime | None) -> ServiceMail:
    return ServiceMail(
        kind="welcome",
        recipient=ADA,
        subject="Hello",
        html="",
        text="",
        state=state,
        queued_at=NOW,
        finished_at=finished_at,
    )


def test_what_editors_need_no_more_is_deleted_and_the_rest_stays(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    for at in (NOW, NOW + timedelta(days=1, hours=20)):
        staff.sign_ins.by_password(ADA, GOOD, knock=a_knock(at))
        staff.sign_ins.by_password(ADA, "wrong", knock=a_knock(at))
        staff.sign_ins.mail_link(ADA, LinkAsked("nonce"), knock=a_knock(at))
    staff.people.invite("bo@example.org", Role.EDITOR, act=Act("cli", "", NOW))
    forget(sqlite, NOW + timedelta(days=1, hours=20))
    kept = [rows(sqlite, table) for table in (DeskSession, EditorLink, SignInAttempt)]
    assert kept == [1, 2, 2]
