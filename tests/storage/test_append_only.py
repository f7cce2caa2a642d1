"""The ledger of consents and the log are only added to: the database itself refuses anything else."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from making import NOW, a_reader
from pprmail.errors import StorageError
from pprmail.model.subscriber import Consent
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.erasure import forget_rows
from pprmail.storage.schema import REVISIONS, migrate
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import AuditEntry
from storage.test_schema import migrations_on, upgrade

ADA = "ada@example.org"
LEDGER = "the ledger of consents is only added to"
LOG = "the log is only added to"


@pytest.fixture
def database(database: Database) -> Database:
    """One reader, who agreed, and of whom the log tells."""
    ada = a_reader(database, ADA)
    with database.write() as session:
        note(session, "subscriber ended", ada, who="edith", now=NOW, words="moved to Ottawa")
    return database


def by_hand(database: Database, statement: str) -> None:
    with database.write() as session:
        session.execute(text(statement))


def rows(database: Database) -> tuple[list[Consent], list[AuditEntry]]:
    with database.read() as session:
        return session.query(Consent).all(), session.query(AuditEntry).all()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM consents", LEDGER),
        ("UPDATE consents SET wording = 'yes, all of it'", LEDGER),
        ("UPDATE consents SET at = recorded_at, recorded_at = '2020-01-01 00:00:00'", LEDGER),
        ("UPDATE consents SET subscriber_id = subscriber_id + 1", LEDGER),
        ("UPDATE consents SET kind = 'implied'", LEDGER),
        ("UPDATE consents SET confirmed_at = recorded_at", LEDGER),
        ("UPDATE consents SET ends_at = recorded_at", LEDGER),
        ("UPDATE consents SET wording_version = 'x'", LEDGER),
        ("UPDATE consents SET id = id + 100", LEDGER),
        ("UPDATE consents SET how = 'at our stand'", LEDGER),
        ("UPDATE consents SET page = 'https://elsewhere.example.org'", LEDGER),
        ("UPDATE consents SET how = 'erased', kind = 'implied'", LEDGER),
        ("DELETE FROM audit_entries", LOG),
        ("UPDATE audit_entries SET who = 'somebody else'", LOG),
        ("UPDATE audit_entries SET what = 'nothing'", LOG),
        ("UPDATE audit_entries SET subject = ''", LOG),
        ("UPDATE audit_entries SET at = '2020-01-01 00:00:00'", LOG),
        ("UPDATE audit_entries SET id = id + 100", LOG),
        ('UPDATE audit_entries SET detail = \'{"words": "other"}\'', LOG),
        ("UPDATE audit_entries SET detail = '{}', who = 'x'", LOG),
    ],
)
def test_what_was_written_is_neither_changed_nor_deleted_by_hand(
    database: Database, statement: str, says: str
) -> None:
    with pytest.raises(StorageError, match=says):
        by_hand(database, statement)
    (consent,), (line,) = rows(database)
    assert (consent.how, consent.wording, consent.at) == ("test", "test", NOW)
    assert (line.who, line.detail) == ("edith", {"words": "moved to Ottawa"})


@pytest.mark.parametrize("table", ["consents", "audit_entries"])
def test_postgresql_empties_no_such_table_at_once(postgres_url: str, table: str) -> None:
    database = Database.at(postgres_url, beside=Path("/"))
    with pytest.raises(StorageError, match="is only added to"):
        by_hand(database, f"TRUNCATE {table}")
    database.close()


def test_erasing_empties_what_it_has_to_also_twice(database: Database) -> None:
    for _ in range(2):
        with database.write() as session:
            ada = subscriber_with_address(session, ADA)
            assert ada is not None
            assert forget_rows(session, ada)["consents"] == 1
    (consent,), (line,) = rows(database)
    assert (consent.how, consent.page, consent.wording) == ("erased", None, "test")
    assert (line.what, line.who, line.detail) == ("subscriber ended", "edith", {})


def test_what_changes_nothing_is_no_change(database: Database) -> None:
    by_hand(database, "UPDATE consents SET wording = wording, page = page, ends_at = ends_at")
    by_hand(database, "UPDATE audit_entries SET detail = detail, who = who")


def test_an_older_database_is_guarded_once_it_is_migrated_and_not_after_a_step_back(
    empty_database_url: str,
) -> None:
    database = Database.at(empty_database_url, beside=Path("/"))
    upgrade(database, "0009")
    with database.write() as session:
        note(session, "one", "x", who="cli", now=NOW)
    assert migrate(database) == ("0009", REVISIONS[-1])
    with pytest.raises(StorageError, match=LOG):
        by_hand(database, "DELETE FROM audit_entries")
    with migrations_on(database) as config:
        command.downgrade(config, "0009")
    by_hand(database, "DELETE FROM audit_entries")
    assert migrate(database) == ("0009", REVISIONS[-1])
    database.close()
