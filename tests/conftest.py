"""What every test may ask for: databases of both kinds, a clock that stands, a workspace."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog

from one_session import watched
from postgres_server import binaries_found, running, scratch
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema

os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(scratch()))

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="session")
def one_session_at_a_time() -> Iterator[None]:
    """No thread of the program opens a session inside of another."""
    with watched():
        yield


@pytest.fixture
def now() -> datetime:
    """A Monday in November, 9 o'clock in Toronto."""
    return NOW


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    yield
    # A command that ran in this process logs to a stream that was that test's alone.
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PPRMAIL_") and name != "PPRMAIL_TEST_PG_URL":
            monkeypatch.delenv(name)
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server that is this test run's own."""
    given = os.environ.get("PPRMAIL_TEST_PG_URL")
    if given:
        yield given
        return
    binaries = binaries_found()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL server found")
        pytest.skip(
            "no PostgreSQL server: install the dev requirements, or set PPRMAIL_TEST_PG_URL"
        )
    with running(binaries, rows=scratch()) as url:
        yield url


@pytest.fixture(scope="session")
def ready_postgres(postgres: str) -> Iterator[str]:
    """The name of a database with tables that others are copied from."""
    with a_database(postgres) as url:
        _set_up(url)
        yield _name_of(url)


@pytest.fixture
def postgres_url(postgres: str, ready_postgres: str) -> Iterator[str]:
    """The address of a database of its own, with tables and without rows."""
    with a_database(postgres, template=ready_postgres) as url:
        yield url


@pytest.fixture(scope="session")
def ready_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with tables that others are copied from."""
    path = tmp_path_factory.mktemp("ready") / "pprmail.db"
    _set_up(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, ready_sqlite: Path) -> str:
    """The address of a database file of its own, with tables and without rows."""
    path = tmp_path / "pprmail.db"
    shutil.copy(ready_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with tables, of either kind in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, of either kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with a_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with tables, of either kind in turn."""
    database = Database.at(database_url, beside=Path("/"))
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """A SQLite database with tables."""
    database = Database.at(sqlite_url, beside=Path("/"))
    yield database
    database.close()


@contextmanager
def a_database(server: str, *, template: str = "template0") -> Iterator[str]:
    """Make a database on a PostgreSQL server, as a copy of another, and drop it at the end."""
    name = f"test_{uuid4().hex}"
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    with closing(psycopg.connect(plain, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        base, _, query = server.partition("?")
        yield f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _set_up(url: str) -> None:
    database = Database.at(url, beside=Path("/"))
    ensure_schema(database)
    database.close()


def _name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
