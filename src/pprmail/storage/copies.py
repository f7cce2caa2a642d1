"""Copies: a whole database once more, under another address."""

from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from pprmail.errors import StorageError
from pprmail.storage.engine import sqlite_path

MAINTENANCE = "postgres"
"""The database that is there on every server, to give orders from that are about the others."""


def copy_database(url: str, name: str, *, beside: Path, folder: Path) -> str:
    """Copy a database under a name of its own; give its address.

    A SQLite file is copied into `folder`. PostgreSQL makes the copy on the same server, for a user
    who may, while nobody else is connected.
    """
    address = make_url(url)
    try:
        if address.get_backend_name() == "sqlite":
            return _copied_file(sqlite_path(address, beside=beside), folder / f"{name}.db")
        return _copied_on_server(address, name, template=str(address.database))
    except DBAPIError as error:
        raise StorageError(
            f"the database can't be copied: {str(error.orig).strip().splitlines()[0]}",
            remedy="end what is connected to it; a PostgreSQL user needs the right CREATEDB",
        ) from error


def empty_database(url: str, name: str, *, folder: Path) -> str:
    """Make an empty database of the same kind, under a name of its own; give its address."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return f"sqlite:///{folder / name}.db"
    return _copied_on_server(address, name, template="template0")


def drop_database(url: str) -> None:
    """Remove a database that was made here."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        Path(address.database or "").unlink(missing_ok=True)
        return
    with _in_charge(address.set(database=MAINTENANCE)) as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{address.database}" WITH (FORCE)'))


def _copied_file(source: Path, target: Path) -> str:
    with _in_charge(URL.create("sqlite", database=str(source))) as connection:
        connection.execute(text("VACUUM INTO :target"), {"target": str(target)})
    target.chmod(0o600)
    return f"sqlite:///{target}"


def _copied_on_server(address: URL, name: str, *, template: str) -> str:
    with _in_charge(address.set(database=MAINTENANCE)) as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    return address.set(database=name).render_as_string(hide_password=False)


def _in_charge(address: URL) -> Connection:
    # Such orders can't be given inside a transaction.
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    return engine.connect()
