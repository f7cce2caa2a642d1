"""A list that is uploaded does exactly what was shown, for the sign-in that sent it, within an hour."""

from datetime import timedelta

import pytest

from making import EMPATHY, MASTHEAD, NOW, SIGNER, TOPICS, a_reader
from pprmail.errors import NotFoundError, SourceError
from pprmail.model.subscriber import SubscriberStatus
from pprmail.services.enrolment import Registrar
from pprmail.services.subscriptions import end
from pprmail.services.uploading import (
    DryRun,
    Reception,
    bring_in,
    dry_run,
    forget_uploads,
    take_in,
    understand,
)
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import AuditEntry, Consent, Subscriber, Upload
from services.signing import count


@pytest.fixture
def database(sqlite: Database) -> Database:
    return sqlite


FRENCH = (
    "Courriel;Prénom;Nom;Sujets;Remarques\r\n"
    "zoe@example.org;Zoé;Lefèvre;Empathy;a\r\n"
    "ada@example.org;Ada;Roy;;b\r\n"
    "nowhere;;;;c\r\n"
).encode("cp1252")


def reception(database: Database, owner: str = "mine") -> Reception:
    return Reception(Registrar(database, SIGNER), TOPICS, MASTHEAD.zone, owner)


def shown(database: Database, content: bytes = b"", owner: str = "mine") -> DryRun:
    desk = reception(database, owner)
    if content:
        take_in(desk, "C:\\lists\\readers.csv", content, now=NOW)
    found = dry_run(desk, now=NOW)
    assert found is not None
    return found


def test_a_list_of_another_system_is_understood_and_shown_before_it_does_anything(
    database: Database,
) -> None:
    a_reader(database, "ada@example.org", name="Ada")
    found = shown(database, FRENCH)
    assert (found.name, found.found) == (
        "readers.csv",
        "Windows-1252, semicolon between columns",
    )
    told = [(c.header, c.taken_for, c.examples[0]) for c in found.columns]
    assert told == [
        ("Courriel", "email", "zoe@example.org"),
        ("Prénom", "name", "Zoé"),
        ("Nom", "name", "Lefèvre"),
        ("Sujets", "topics", "Empathy"),
        ("Remarques", "", "a"),
    ]
    result = found.result
    assert (result.new, result.changed) == (["zoe@example.org"], ["ada@example.org"])
    assert [refused.where for refused in result.refused] == ["readers.csv:line 4"]
    assert (found.problem, found.names_consent) == ("", False)
    assert count(database, Subscriber) == 1


def test_what_was_shown_is_done_once_and_the_list_is_forgotten(database: Database) -> None:
    desk, mark = reception(database), shown(database, FRENCH).result.mark
    done = bring_in(desk, mark, who="edith@example.org", now=NOW)
    assert done is not None
    assert done.new == ["zoe@example.org", "ada@example.org"]
    with database.read() as session:
        zoe = subscriber_with_address(session, "zoe@example.org")
        assert zoe is not None
        assert (zoe.name, zoe.chosen_topics) == ("Zoé Lefèvre", [EMPATHY])
        assert zoe.status is SubscriberStatus.PENDING
        line = session.query(AuditEntry).filter_by(what="subscribers imported").one()
    assert (line.who, line.subject) == ("edith@example.org", "2 new, 0 changed")
    assert count(database, Upload) == 0
    with pytest.raises(NotFoundError, match="not kept any more"):
        bring_in(desk, mark, who="edith@example.org", now=NOW)


def test_a_list_that_would_do_otherwise_by_now_does_nothing(database: Database) -> None:
    a_reader(database, "ada@example.org", name="Ada")
    mark = shown(database, FRENCH).result.mark
    end(database, "ada@example.org", who="test", now=NOW)
    assert bring_in(reception(database), mark, who="test", now=NOW) is None
    assert (count(database, Subscriber), count(database, Upload)) == (1, 1)
    assert shown(database).result.mark != mark


def test_an_editor_says_what_columns_hold_and_where_readers_agreed(database: Database) -> None:
    found = shown(database, b"who,name,note\nzoe@example.org,Zoe,her card\n")
    assert found.problem.startswith("None of these columns is taken for the address")
    desk = reception(database)
    mapping = {"who": "email", "note": "consent_source", "evil": "email", "name": "nonsense"}
    understand(desk, mapping, "", now=NOW)
    found = shown(database)
    assert [c.taken_for for c in found.columns] == ["email", "", "consent_source"]
    assert found.names_consent
    understand(desk, {"who": "email", "note": "email"}, "", now=NOW)
    assert shown(database).problem.startswith("Two columns are taken for the same")
    understand(desk, {"who": "email"}, "  our stand at\nthe congress ", now=NOW)
    done = bring_in(desk, shown(database).result.mark, who="test", now=NOW)
    assert done is not None
    with database.read() as session:
        zoe = subscriber_with_address(session, "zoe@example.org")
        assert zoe is not None
        assert (zoe.name, zoe.status) == (None, SubscriberStatus.ACTIVE)
        (consent,) = session.query(Consent)
    assert (consent.how, consent.wording) == ("our stand at the congress", "as stated by an editor")


def test_what_is_said_of_the_list_is_no_consent_of_who_left_or_waits(database: Database) -> None:
    lines = b"email,status\nada@example.org,unsubscribed\nbo@example.org,pending\n"
    shown(database, lines)
    understand(reception(database), {"email": "email", "status": "status"}, "fair", now=NOW)
    bring_in(reception(database), shown(database).result.mark, who="test", now=NOW)
    assert (count(database, Subscriber), count(database, Consent)) == (2, 0)


def test_a_list_is_of_its_sign_in_alone_and_of_one_hour(database: Database) -> None:
    shown(database, FRENCH)
    shown(database, b"email\nbo@example.org\n", owner="another")
    assert shown(database).result.new == ["zoe@example.org", "ada@example.org"]
    assert dry_run(reception(database, "nobody"), now=NOW) is None
    forget_uploads(database, now=NOW + timedelta(minutes=59))
    assert count(database, Upload) == 2
    assert dry_run(reception(database), now=NOW + timedelta(hours=1)) is None
    forget_uploads(database, now=NOW + timedelta(hours=1))
    assert count(database, Upload) == 0


def test_what_is_no_list_is_refused_at_once(database: Database) -> None:
    for content in (b"", b"PK\x03\x04xl/", b"\x00\x01"):
        with pytest.raises(SourceError):
            take_in(reception(database), "list.xlsx", content, now=NOW)
    assert count(database, Upload) == 0
