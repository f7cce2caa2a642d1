import stat
from pathlib import Path

import pytest
from sqlalchemy import column, select, table, text

from pprmail.errors import ConfigError, DatabaseGoneError, StorageError
from pprmail.storage.database import Database
from pprmail.storage.engine import engine_for, journal_mode


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "DELETE"),
        ((3, 44, 5), "DELETE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "DELETE"),
        ((3, 50, 6), "DELETE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "DELETE"),
        ((3, 51, 3), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_wal_is_used_only_where_resetting_it_loses_nothing(
    version: tuple[int, ...], mode: str
) -> None:
    assert journal_mode(version) == mode


def test_every_sqlite_connection_has_the_settings_that_keep_its_promises(sqlite: Database) -> None:
    settings = {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000, "secure_delete": 1}
    for work in (sqlite.read, sqlite.write):
        with work() as session:
            for name, value in settings.items():
                assert session.scalar(text(f"PRAGMA {name}")) == value
            assert session.scalar(text("PRAGMA journal_mode")) == journal_mode().lower()


def test_a_new_database_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    Database.at("sqlite:///fresh.db", beside=tmp_path).close()
    assert stat.S_IMODE((tmp_path / "fresh.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "url",
    ["mysql://x@h/d", "sqlite://", "sqlite:///:memory:", "no address at all", "postgresql://h/d"],
)
def test_an_address_that_is_no_database_of_ours_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[database\] url"):
        engine_for(url, beside=tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere/pprmail\.db"):
        engine_for("sqlite:///nowhere/pprmail.db", beside=tmp_path)


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_database_file_that_is_gone_is_neither_written_nor_made_anew(
    tmp_path: Path, how: str
) -> None:
    path, away = tmp_path / "letter.db", tmp_path / "away.db"
    database = Database.at("sqlite:///letter.db", beside=tmp_path)
    with database.write() as session:
        session.execute(text("CREATE TABLE t (x)"))
    path.rename(away)
    if how == "replaced":
        path.write_bytes(away.read_bytes())
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(DatabaseGoneError, match="deleted or replaced"):
        database.glance(select(column("x")).select_from(table("t")))
    for _ in range(2):
        with pytest.raises(DatabaseGoneError, match=r"letter\.db.*deleted or replaced"):
            _insert(database)
        database.close()
    assert (path.read_bytes() if path.exists() else None) == before
    away.replace(path)
    _insert(database)
    database.close()


def _insert(database: Database) -> None:
    with database.write() as session:
        session.execute(text("INSERT INTO t VALUES (1)"))


@pytest.mark.parametrize(
    ("query", "patience"),
    [("", "15s"), ("?options=-c%20lock_timeout%3D2s", "2s"), ("?options=-c%20geqo%3Doff", "15s")],
)
def test_postgresql_waits_no_longer_for_a_lock_than_sqlite_unless_told(
    query: str, patience: str, postgres_url: str, tmp_path: Path
) -> None:
    joined = query.replace("?", "&") if "?" in postgres_url else query
    database = Database.at(postgres_url + joined, beside=tmp_path)
    with database.read() as session:
        assert session.scalar(text("SHOW lock_timeout")) == patience
    database.close()
