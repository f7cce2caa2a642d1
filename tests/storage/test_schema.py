from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import pprmail.storage
from pprmail.errors import StorageError
from pprmail.storage.database import Database
from pprmail.storage.schema import REVISIONS, ensure_schema, migrate
from pprmail.storage.tables import Record

FOLDER = Path(pprmail.storage.__file__).parent / "migrations"
META = Record.metadata


def test_the_migrations_make_exactly_the_tables_of_the_model(database: Database) -> None:
    with database.read() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Record.metadata) == []


def test_every_migration_is_listed_in_its_order() -> None:
    folder = Path(pprmail.storage.__file__).parent / "migrations"
    script = ScriptDirectory(str(folder))
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(revisions)) == REVISIONS


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database) == (REVISIONS[-1], REVISIONS[-1])


def test_a_database_of_the_first_version_waits_and_keeps_its_rows(empty_database_url: str) -> None:
    database = Database.at(empty_database_url, beside=Path("/"))
    upgrade(database, "0001")
    with database.write() as session:
        row = "INSERT INTO installations (id, public_id, created_at) VALUES (1, 'me', :now)"
        session.execute(text(row), {"now": "2026-11-23 14:00:00+00:00"})
    with pytest.raises(StorageError, match="older version"):
        ensure_schema(database)
    assert migrate(database) == ("0001", REVISIONS[-1])
    ensure_schema(database)
    with database.read() as session:
        assert session.scalar(text("SELECT public_id FROM installations")) == "me"
        assert compare_metadata(MigrationContext.configure(session.connection()), META) == []
    database.close()


def upgrade(database: Database, revision: str) -> None:
    with migrations_on(database) as config:
        command.upgrade(config, revision)


@contextmanager
def migrations_on(database: Database) -> Iterator[Config]:
    with database.write() as session:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = session.connection()
        yield config


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer version"):
        ensure_schema(database)
    with pytest.raises(StorageError, match="newer version"):
        migrate(database)


def test_a_database_of_something_else_is_refused_and_left_alone(empty_database_url: str) -> None:
    database = Database.at(empty_database_url, beside=Path("/"))
    with database.write() as session:
        session.execute(text("CREATE TABLE holidays (day TEXT)"))
    with pytest.raises(StorageError, match="something else"):
        ensure_schema(database)
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM holidays")) == 0
    database.close()
