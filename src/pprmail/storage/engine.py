"""Engines with the settings under which SQLite and PostgreSQL keep what they promise."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from pprmail.errors import ConfigError, DatabaseGoneError, StorageError

BUSY_MILLISECONDS: Final = 15_000
"""How long a lock is waited for, on either database, before an error says who holds it up."""

WRITES: Final = "pprmail_writes"


def engine_for(url: str, *, beside: Path) -> Engine:
    """Make an engine; a relative SQLite path is taken from the folder of the configuration."""
    address = _parsed(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, beside)
    if address.drivername == "postgresql+psycopg":
        return create_engine(_impatient(address), pool_pre_ping=True)
    raise ConfigError(
        f"{address.drivername} is no database that pprmail knows",
        where="[database] url",
        remedy="write sqlite:///pprmail.db or postgresql+psycopg://USER@HOST/NAME",
    )


def journal_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """Choose WAL where it is safe, else the rollback journal.

    SQLite 3.7.0 to 3.51.2 can lose commits when a WAL is reset under several connections; the
    mend is in 3.51.3 and was carried back to 3.50.7 and 3.44.6.
    """
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51)
    carried_back = (3, 44, 6) <= version < (3, 45)
    return "WAL" if mended or carried_back else "DELETE"


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            "this is no database address",
            where="[database] url",
            remedy="write sqlite:///pprmail.db or postgresql+psycopg://USER@HOST/NAME",
        ) from error


def _impatient(address: URL) -> URL:
    """Let PostgreSQL say after a while, as SQLite does, that somebody holds a lock."""
    given = address.query.get("options", ())
    options = [given] if isinstance(given, str) else list(given)
    # What an address sets itself comes last, and holds.
    wanted = " ".join([f"-c lock_timeout={BUSY_MILLISECONDS}", *options])
    return address.update_query_dict({"options": wanted})


def _sqlite(address: URL, beside: Path) -> Engine:
    path = sqlite_path(address, beside=beside)
    _keep_private(path)
    engine = create_engine(address.set(database=str(path)))
    refuse_another = _refusing_another(path)
    # A new connection would make an empty file in the place of one that is gone, and an old one
    # would go on writing into a file that nobody will ever open again.
    event.listen(engine, "do_connect", refuse_another)
    event.listen(engine, "begin", refuse_another)
    # What only looks, by the driver alone, begins nothing.
    event.listen(engine, "checkout", refuse_another)
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def sqlite_path(address: URL, *, beside: Path) -> Path:
    """Give the file that a SQLite address means."""
    if not address.database or address.database == ":memory:":
        raise ConfigError(
            "a database in memory would forget the letters it sent",
            where="[database] url",
            remedy="write sqlite:///pprmail.db",
        )
    return beside / address.database


def _keep_private(path: Path) -> None:
    # The file holds addresses: nobody else on this machine is to read it.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageError(
            f"the database file can't be opened for writing: {error.strerror}",
            where=str(path),
            remedy="check that its folder exists and that this user may write there",
        ) from error


def _refusing_another(path: Path) -> Callable[..., None]:
    opened = _identity(path)

    def refuse_another(*_: object) -> None:
        if _identity(path) != opened:
            raise DatabaseGoneError(
                "the database file was deleted or replaced while it was open; nothing was written",
                where=str(path),
                remedy="put the file back that was there, or end every pprmail and start anew",
            )

    return refuse_another


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _set_up_connection(connection: Any, _: object) -> None:
    # The driver's own transaction control starts them too late, and never around DDL.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.execute(f"PRAGMA journal_mode = {journal_mode()}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten: an address that was erased is in no free page of the file.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that first reads and then writes would fail, or lose an update, if it did
    # not take the write lock at its start.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
