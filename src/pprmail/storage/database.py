"""Sessions: short, and either for reading or for writing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from pprmail.errors import StorageError
from pprmail.storage.engine import WRITES, engine_for


@dataclass(frozen=True)
class Database:
    """The one way to the rows: `with database.write() as session`, or `database.read()`.

    Neither is ever held open while the network is used, or while a person is asked.
    """

    engine: Engine
    _turn: Lock = field(default_factory=Lock)
    _worded: dict[Select[*tuple[Any, ...]], tuple[str, list[str] | None]] = field(
        default_factory=dict, repr=False
    )

    @classmethod
    def at(cls, url: str, *, beside: Path) -> "Database":
        """Open a database by its address; relative paths are taken from `beside`."""
        return cls(engine_for(url, beside=beside))

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Do all of it or nothing, alone (SQLite) or on rows that are locked (PostgreSQL)."""
        engine = self.engine.execution_options(**{WRITES: True})
        # SQLite lets one writer in at a time and has the others look again and again; threads of
        # one process wait more quietly here.
        turn: AbstractContextManager[object] = self._turn if self.is_sqlite else nullcontext()
        with (
            turn,
            self._mended_driver(),
            _mended_errors(),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def write_rows(self) -> Iterator[Connection]:
        """Do the same without nouns, for what is done very often: a session takes twice as long."""
        turn: AbstractContextManager[object] = self._turn if self.is_sqlite else nullcontext()
        engine = self.engine.execution_options(**{WRITES: True})
        with turn, self._mended_driver(), _mended_errors(), engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See one moment's rows; objects may be used after the session has ended."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        engine = self.engine.execution_options(**options)
        with _mended_errors(), Session(engine, expire_on_commit=False) as session:
            yield session

    def glance(self, statement: Select[*tuple[Any, ...]], **values: object) -> list[Any]:
        """See what one statement finds, as the driver gives it: no instants, no booleans, no nouns.

        It is for the few pages that are asked for very often: a session takes ten times as long.
        """
        words, places = self._worded.get(statement) or self._wording(statement)
        given = values if places is None else [values[name] for name in places]
        with _mended_errors(), self._mended_driver(), closing(self.engine.raw_connection()) as wire:
            cursor = wire.cursor()
            try:
                cursor.execute(words, given)
                return list(cursor.fetchall())
            finally:
                cursor.close()

    def _wording(self, statement: Select[*tuple[Any, ...]]) -> tuple[str, list[str] | None]:
        compiled = statement.compile(dialect=self.engine.dialect)
        places = list(compiled.positiontup or ()) if compiled.positional else None
        return self._worded.setdefault(statement, (str(compiled), places))

    @contextmanager
    def _mended_driver(self) -> Iterator[None]:
        try:
            yield
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise _refusal(str(error)) from error

    def settle(self) -> None:
        """Leave what was overwritten in no log of SQLite's either, unless somebody is reading it."""
        if self.is_sqlite:
            with _mended_errors(), self.engine.connect() as connection:
                wire = connection.connection.cursor()
                # Without such a log it does nothing.
                wire.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                wire.close()

    @property
    def is_sqlite(self) -> bool:
        """Tell which of the two engines this is."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def _mended_errors() -> Iterator[None]:
    try:
        yield
    except StaleDataError as error:
        raise StorageError(
            "somebody else changed this at the same moment, so nothing was written",
            remedy="look at it again and repeat the step",
        ) from error
    except DBAPIError as error:
        first = _first_of(error)
        raise _refusal(str(first.orig)) from error
    except SQLAlchemyError as error:
        raise _refusal(str(error)) from error


def _first_of(error: DBAPIError) -> DBAPIError:
    # On a full disk SQLite gives the savepoint up as well; going back to it then fails, too.
    first, before = error, error.__context__
    while before is not None:
        first = before if isinstance(before, DBAPIError) else first
        before = before.__context__
    return first


def _refusal(cause: str) -> StorageError:
    first = cause.strip().split("\n", maxsplit=1)[0]
    return StorageError(f"the database refuses: {first}", remedy=_remedy(cause))


def _remedy(cause: str) -> str:
    remedies = {
        "disk is full": "free some space and run the command again; nothing was half done",
        "No space left": "free some space and run the command again; nothing was half done",
        "duplicate key": "somebody else added the same at this moment; run the command again",
        "lock timeout": "another process holds the database; run the command again when it has ended",
        "deadlock": "run the command again; nothing was half done",
        "disk I/O error": "check the disk; nothing was half done",
        "readonly": "check that this user may write the database file and its folder",
        "unable to open": "check that this user may write the database file and its folder",
        "locked": "another process holds the database; run the command again when it has ended",
        "onnection": "check that the database server runs and that [database] url leads to it",
        "not a database": "this file is something else; check [database] url",
        "malformed": "the file is damaged; restore the last backup",
    }
    return next((remedy for sign, remedy in remedies.items() if sign in cause), "")
