"""One reader's story is told whole, and an editor's orders are noted with their reason."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from making import (
    EMPATHY,
    MONTH,
    NOW,
    SIGNER,
    TOPICS,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.errors import NotFoundError, PprmailError
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.services.adding import Front, add_and_invite, add_reader
from pprmail.services.dispatch.run import Run, send
from pprmail.services.ending import Ending, Why, end_reader
from pprmail.services.enrolment import Registrar
from pprmail.services.inviting import Asking, invite_reader
from pprmail.services.reader_story import ReaderStory, reader_story
from pprmail.services.readers import reader_json
from pprmail.services.rights import erase
from pprmail.services.taking_out import Kind, take_out
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Delivery, Subscriber
from services.signing import ADDRESS, DAY, found, mails, press, sent, sign_ups


@pytest.fixture
def database(sqlite: Database) -> Database:
    return sqlite


EDITH = "edith@example.org"
ASKED = Ending(Why.ASKED, "She wrote to office@example.org:\n“no more”")


def story(database: Database, public_id: str) -> ReaderStory:
    return reader_story(a_newsroom(database), public_id, now=NOW)


def lines(database: Database, what: str) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.what == what)))


def test_an_editor_ends_letters_with_a_reason_that_names_no_address(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY)
    assert end_reader(database, ada, ASKED, who=EDITH, now=NOW)
    assert not end_reader(database, ada, ASKED, who=EDITH, now=NOW)
    (line,) = lines(database, "subscriber ended")
    assert (line.who, line.subject) == (EDITH, ada)
    assert line.detail == {
        "before": {"status": "active", "end_reason": None},
        "after": {"status": "ended", "end_reason": "editor"},
        "reason": "asked",
        "words": "She wrote to … “no more”",
    }
    told = story(database, ada)
    assert (told.may_end, told.may_invite, told.is_release) == (False, True, False)
    assert told.topics == ["Empathy"]
    (happened,) = told.happened
    assert happened.what == "The letters were ended"
    assert (happened.by, happened.words) == (EDITH, "asked: She wrote to … “no more”")
    with pytest.raises(NotFoundError):
        end_reader(database, "nobody", ASKED, who=EDITH, now=NOW)


def test_who_complained_is_asked_again_with_a_reason_that_is_noted(database: Database) -> None:
    ada = a_reader(database, ADDRESS)
    with database.write() as session:
        session.merge(found(database)).end(EndReason.COMPLAINED, now=NOW - DAY)
    assert story(database, ada).is_release
    services = sign_ups(database)
    with pytest.raises(PprmailError, match="say why"):
        invite_reader(services, ada, Asking("Edith", EDITH), now=NOW)
    invite_reader(services, ada, Asking("Edith", EDITH, "pressed it by mistake"), now=NOW)
    (line,) = lines(database, "address released")
    assert (line.who, line.detail["reason"]) == (EDITH, "pressed it by mistake")
    assert line.detail["before"] == {"status": "ended", "end_reason": "complained"}
    assert line.detail["after"] == {"status": "pending", "end_reason": None}
    assert sent(database) == ["confirmation"]
    press(database, now=NOW + DAY)
    told = story(database, ada)
    assert (told.reader.status, told.may_end) == (SubscriberStatus.ACTIVE, True)
    assert told.is_suppressed
    assert [t.what for t in told.happened][:2] == ["Confirmed", "Was invited by mail"]
    assert {t.what for t in told.mails} >= {"Asked to confirm"}
    assert told.consents[-1].how.startswith("invited by Edith")


@pytest.mark.parametrize(("days", "is_kept"), [(-1, True), (2, False)])
def test_a_letter_that_arrived_since_shows_that_nothing_is_kept_any_more(
    database: Database, tmp_path: Path, days: int, is_kept: bool
) -> None:
    newsroom, ada = a_newsroom(database), a_reader(database, ADDRESS)
    an_approved_issue(newsroom, a_summary())
    send(a_postroom(newsroom, tmp_path, PaperSender()), MONTH, who="test", run=Run())
    with database.write() as session:
        session.merge(found(database)).end(EndReason.COMPLAINED, now=NOW)
    invite_reader(sign_ups(database), ada, Asking("Edith", EDITH, "by mistake"), now=NOW)
    assert story(database, ada).is_suppressed
    press(database, now=NOW + DAY)
    assert story(database, ada).is_suppressed
    with database.write() as session:
        session.execute(update(Delivery).values(delivered_at=NOW + days * DAY))
    assert story(database, ada).is_suppressed is is_kept
    assert bool(reader_json(newsroom, ADDRESS)["provider"]) is is_kept


def test_an_erased_reader_has_a_story_without_a_person(database: Database) -> None:
    ada = a_reader(database, ADDRESS)
    erase(database, ada, who=EDITH, signer=SIGNER, now=NOW)
    told = story(database, ada)
    assert (told.is_erased, told.may_invite, told.may_end) == (True, False, False)
    with pytest.raises(NotFoundError):
        invite_reader(sign_ups(database), ada, Asking("Edith", EDITH, "why not"), now=NOW)


def front(database: Database) -> Front:
    return Front(Registrar(database, SIGNER), sign_ups(database), TOPICS)


def test_who_has_agreed_is_added_with_where_and_how(database: Database) -> None:
    given = {"email": ADDRESS, "name": "Ada", "topics": EMPATHY, "consent_source": "our stand"}
    added = add_reader(front(database), given, who=EDITH, now=NOW)
    ada = found(database)
    assert (added.public_id, added.problem) == (ada.public_id, "")
    assert (ada.status, ada.chosen_topics) == (SubscriberStatus.ACTIVE, [EMPATHY])
    (consent,) = ada.consents
    assert (consent.how, consent.wording) == ("our stand", "as stated by an editor")
    again = add_reader(front(database), given, who=EDITH, now=NOW)
    assert (again.known, again.problem) == (ada.public_id, "This address is known already.")


def test_who_has_not_agreed_is_asked_by_mail(database: Database) -> None:
    asking = Asking("Edith", EDITH)
    added = add_and_invite(front(database), {"email": ADDRESS}, asking, now=NOW)
    assert added.public_id
    assert found(database).status is SubscriberStatus.PENDING
    assert [mail.kind for mail in mails(database)] == ["confirmation"]
    assert "Edith invites you" in mails(database)[0].text


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "Please write a whole email address"),
        ({"email": "nowhere"}, "Please write a whole email address"),
        ({"email": ADDRESS, "consent_source": "x", "consent_kind": "implied"}, "Implied consent"),
        ({"email": ADDRESS, "consent_at": "soon"}, "Consent_at"),
    ],
)
def test_what_is_wrong_adds_nobody(database: Database, given: dict[str, str], problem: str) -> None:
    added = add_reader(front(database), given, who=EDITH, now=NOW)
    assert (added.public_id, added.problem.startswith(problem)) == ("", True), added.problem
    with database.read() as session:
        assert session.query(Subscriber).count() == 0


def test_a_list_that_is_taken_out_is_noted_and_holds_no_formula(database: Database) -> None:
    a_reader(database, ADDRESS, EMPATHY, name="=1+1")
    newsroom = a_newsroom(database)
    readers = "".join(take_out(newsroom, Kind.READERS, who=EDITH, now=NOW))
    consents = "".join(take_out(newsroom, Kind.CONSENTS, who=EDITH, now=NOW + timedelta(1)))
    assert readers.startswith("\ufeffemail,name,topics")
    assert f"\r\n{ADDRESS},'=1+1,Empathy," in readers
    assert consents.count("\r\n") == 2
    told = [(line.who, line.subject) for line in lines(database, "list taken out")]
    assert told == [(EDITH, "readers"), (EDITH, "consents")]
