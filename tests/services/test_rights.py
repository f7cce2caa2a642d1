import json
from pathlib import Path

import pytest
from sqlalchemy import select, text

from making import EMPATHY, MASTHEAD, NOW, SIGNER, TOPICS, TRAINING, a_reader, an_issue
from pprmail.errors import NotFoundError
from pprmail.model.event import Event, EventKind
from pprmail.model.letter_test import LetterTestState
from pprmail.model.record import Record
from pprmail.model.subscriber import new_public_id
from pprmail.services.changing_address import ask_address
from pprmail.services.ending import Why
from pprmail.services.enrolment import Registrar
from pprmail.services.fresh_links import Asked, mail_link_to
from pprmail.services.leaving import leave
from pprmail.services.rights import Erasing, erase, erase_address, erase_reader, held
from pprmail.sources.subscriber_list import Origin, one_subscriber
from pprmail.storage import engine
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema
from pprmail.storage.tables import AuditEntry, Consent, LetterTest, Suppression
from services.signing import DAY, ask, press, sign_ups
from services.test_subscriptions import CORRESPONDENCE, chosen, stored

ADDRESS = "ada.lovelace@example.org"


@pytest.fixture
def ada(database: Database) -> str:
    """A reader about whom something is held everywhere."""
    ada = a_reader(database, ADDRESS, EMPATHY, name="Ada Lovelace")
    chosen(database, ada, TRAINING)
    asked = Asked(client="192.0.2.0/24", now=NOW)
    mail_link_to(database, ADDRESS, asked=asked, correspondence=CORRESPONDENCE)
    new = "ada@elsewhere.example.net"
    ask_address(sign_ups(database), ada, new, asked=asked)
    with database.write() as session:
        told = {"event": "processed", "email": ADDRESS, "timestamp": 1}
        session.add(
            Event(fact_key="f", kind=EventKind.PROCESSED, at=NOW, payload=told, received_at=NOW)
        )
        session.add(an_issue())
        session.flush()
        session.add(
            LetterTest(
                issue_id=1,
                edition="edition 1",
                fingerprint="f",
                recipient=ADDRESS.title(),
                who="editor@example.org",
                state=LetterTestState.REFUSED,
                detail=f"no such mailbox: {ADDRESS}",
                at=NOW,
            )
        )
    return ada


def test_everything_that_is_held_is_told_in_a_form_that_programs_read(
    database: Database, ada: str
) -> None:
    told = json.loads(json.dumps(held(database, ada)))
    assert told["subscriber"]["email"] == ADDRESS
    assert told["subscriber"]["name"] == "Ada Lovelace"
    assert [p["topic"] for p in told["preferences"]] == [EMPATHY, TRAINING]
    assert told["preferences"][0]["ended_at"] is not None
    assert told["consents"][0]["wording"] == "test"
    assert {m["kind"] for m in told["mails"]} == {
        "preferences_changed",
        "fresh_link",
        "address_to_confirm",
    }
    assert told["confirmations"][0]["email"] == "ada@elsewhere.example.net"
    assert told["events"][0]["kind"] == "processed"
    assert told["tests"][0]["edition"] == "edition 1"
    assert {line["what"] for line in told["log"]} >= {"topics chosen", "address asked for"}


def test_nothing_is_told_of_nobody(database: Database) -> None:
    with pytest.raises(NotFoundError):
        held(database, new_public_id())


def test_after_erasure_no_row_names_the_person(database: Database, ada: str) -> None:
    erased = erase(database, ada, who="reader", signer=SIGNER, now=NOW)
    assert erased["addresses"] == 1
    assert erased["topics"] == 2
    whole = everything(database).lower()
    for word in ("lovelace", "ada@", TRAINING, EMPATHY):
        assert word not in whole
    found = stored(database, ada)
    assert (found.status, found.email, found.name, found.address_key) == ("ended", None, None, None)
    assert found.erased_at == NOW


def test_what_was_agreed_to_and_when_is_kept(database: Database, ada: str) -> None:
    erase(database, ada, who="reader", signer=SIGNER, now=NOW)
    with database.read() as session:
        consent = session.scalars(select(Consent)).one()
    assert (consent.at, consent.wording, consent.how) == (NOW, "test", "erased")


def test_a_digest_stays_so_that_no_list_brings_the_address_back(
    database: Database, ada: str
) -> None:
    erase(database, ada, who="reader", signer=SIGNER, now=NOW)
    with database.read() as session:
        kept = session.scalars(select(Suppression.digest)).one()
    assert kept == SIGNER.digest("erased", ADDRESS)


def test_erasing_again_changes_nothing_and_old_links_still_leave(
    database: Database, ada: str
) -> None:
    erase(database, ada, who="reader", signer=SIGNER, now=NOW)
    before = everything(database)
    assert erase(database, ada, who="reader", signer=SIGNER, now=NOW) == {}
    assert leave(database, ada, how="page", now=NOW)
    assert everything(database) == before


def test_the_reason_of_an_editor_is_all_that_the_log_has_of_who_was_erased(
    database: Database, ada: str
) -> None:
    with database.write() as session:
        note(session, "subscriber ended", ada, who="edith", now=NOW, words="she moved to Ottawa")
    erase_reader(database, ada, Erasing("edith", SIGNER, Why.UNREACHABLE), now=NOW)
    with database.read() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.subject == ada))
        details = {line.what: line.detail for line in lines}
    assert details["subscriber erased"] == {"reason": "unreachable"}
    assert details["subscriber ended"] == {}


def test_an_editor_erases_by_address_and_an_unknown_one_is_an_error(
    database: Database, ada: str
) -> None:
    erase_address(database, ADDRESS.upper(), who="cli", signer=SIGNER, now=NOW)
    assert stored(database, ada).email is None
    with pytest.raises(NotFoundError):
        erase_address(database, ADDRESS, who="cli", signer=SIGNER, now=NOW)


def test_the_address_may_sign_up_anew_in_a_row_of_its_own(database: Database, ada: str) -> None:
    erase(database, ada, who="reader", signer=SIGNER, now=NOW)
    assert a_reader(database, ADDRESS) != ada


def test_who_was_erased_and_confirms_anew_is_known_to_no_digest_and_barred_by_no_list(
    database: Database, ada: str
) -> None:
    erase(database, ada, who="reader", signer=SIGNER, now=NOW)
    ask(database, ADDRESS, now=NOW + DAY)
    assert kept_digests(database) == [SIGNER.digest("erased", ADDRESS)]
    press(database, now=NOW + DAY)
    assert kept_digests(database) == []
    line = one_subscriber(
        {"email": ADDRESS, "name": "Ada L."}, TOPICS, zone=MASTHEAD.zone, origin=Origin.LIST
    )
    result = Registrar(database, SIGNER).enrol(line, who="test", now=NOW + DAY)
    assert (result.changed, result.refused) == ([ADDRESS], [])
    assert stored(database, ada).email is None


def kept_digests(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Suppression.digest)))


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_after_erasure_no_byte_of_the_file_names_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(engine, "journal_mode", lambda: mode)
    database = Database.at("sqlite:///letter.db", beside=tmp_path)
    ensure_schema(database)
    # Enough of them that pages are filled, split and set free.
    for number in range(200):
        a_reader(database, f"reader{number}@example.org", TRAINING, name=f"Reader {number}")
    ada = a_reader(database, ADDRESS, EMPATHY, name="Ada Lovelace")
    chosen(database, ada, TRAINING)
    asked = Asked(client="192.0.2.0/24", now=NOW)
    mail_link_to(database, ADDRESS, asked=asked, correspondence=CORRESPONDENCE)
    assert any(b"ada.lovelace" in path.read_bytes() for path in tmp_path.iterdir())
    erase(database, ada, who="reader", signer=SIGNER, now=NOW)
    for path in tmp_path.iterdir():
        held = path.read_bytes().lower()
        assert b"lovelace" not in held, path.name
    assert (tmp_path / "letter.db-wal").exists() is (mode == "WAL")
    database.close()


def everything(database: Database) -> str:
    names = [table.name for table in Record.metadata.sorted_tables]
    with database.read() as session:
        return "\n".join(
            str(tuple(row)) for n in names for row in session.execute(text(f"SELECT * FROM {n}"))
        )
