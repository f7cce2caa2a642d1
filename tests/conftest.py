"""What every test may ask for: databases of both kinds, a clock that stands, a workspace."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog

from postgres_server import binaries_found, running
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


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
    with running(binaries) as url:
        yield url


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """The address of an empty database of its own."""
    name = f"test_{uuid4().hex}"
    plain = postgres.replace("postgresql+psycopg://", "postgresql://")
    with closing(psycopg.connect(plain, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        base, _, query = postgres.partition("?")
        yield f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty database file of its own."""
    return f"sqlite:///{tmp_path / 'pprmail.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of either kind in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with tables, of either kind in turn."""
    database = Database.at(database_url, beside=Path("/"))
    ensure_schema(database)
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """A SQLite database with tables."""
    database = Database.at(sqlite_url, beside=Path("/"))
    ensure_schema(database)
    yield database
    database.close()
