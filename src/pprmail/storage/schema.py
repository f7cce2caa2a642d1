"""The schema's version: an empty database is set up, an older one waits, a newer one is refused."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from pprmail.errors import StorageError
from pprmail.storage.database import Database

REVISIONS: Final = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
)
"""Every revision there is, oldest first; the last one is what this version works with."""

_ONE_MIGRATION_AT_A_TIME: Final = 7_704_616_946
"""The key of PostgreSQL's advisory lock; SQLite's write lock does the same."""


def ensure_schema(database: Database) -> None:
    """Set up an empty database silently; refuse one that this version can't work with."""
    with database.read() as session:
        present = _revision(session.connection())
    if present == REVISIONS[-1]:
        return
    if present is None:
        migrate(database)
        return
    if present in REVISIONS:
        raise StorageError(
            f"the database is of an older version ({present}, not {REVISIONS[-1]})",
            remedy="make a copy of it, then run: pprmail migrate",
        )
    raise _from_a_newer_version(present)


def migrate(database: Database) -> tuple[str | None, str]:
    """Bring the schema to this version in one transaction; give the versions before and after."""
    with database.write() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_MIGRATION_AT_A_TIME})"))
        before = _revision(connection)
        if before is not None and before not in REVISIONS:
            raise _from_a_newer_version(before)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, REVISIONS[-1]


def _revision(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(revision) if revision else None
    if tables:
        raise StorageError(
            "this database holds tables of something else",
            remedy="give pprmail a database of its own in [database] url",
        )
    return None


def _from_a_newer_version(revision: str) -> StorageError:
    return StorageError(
        f"the database is of a newer version ({revision}) than this pprmail knows",
        remedy="install the version of pprmail that wrote it",
    )
