import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import column, select, table, text

from making import NOW, a_reader
from pprmail.errors import StorageError
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema
from pprmail.storage.subscribers import reader_shown
from pprmail.storage.tables import Installation, Subscriber

FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from sqlalchemy import text
from pprmail.errors import StorageError
from pprmail.storage.database import Database
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
database = Database.at("sqlite:///pprmail.db", beside=Path(sys.argv[1]))
try:
    with database.write() as session:
        session.execute(text("UPDATE installations SET public_id = :x"), {"x": "y" * 2_000_000})
except StorageError as error:
    print(error)
"""


def test_no_update_is_lost_when_many_read_and_then_write(database: Database) -> None:
    public_id = a_reader(database, "counted@example.org", name="0")

    def count_one_up(_: int) -> None:
        with database.write() as session:
            named = select(Subscriber).where(Subscriber.public_id == public_id)
            reader = session.scalars(named.with_for_update()).one()
            reader.name = str(int(reader.name or "0") + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_one_up, range(100)))
    with database.read() as session:
        assert session.scalar(select(Subscriber.name)) == "100"


def test_a_glance_sees_what_a_session_sees(database: Database) -> None:
    public_id = a_reader(database, "ada@example.org", "training", "empathy", name="Ada")
    seen = reader_shown(database, public_id)
    assert seen is not None
    with database.write() as session:
        reader = session.scalars(select(Subscriber)).one()
        for name in ("email", "name", "status", "follows_all", "no_match", "paused_until"):
            assert getattr(seen, name) == getattr(reader, name)
            assert type(getattr(seen, name)) is type(getattr(reader, name))
        assert (seen.chosen_topics, seen.is_erased) == (reader.chosen_topics, False)
        reader.forget(now=NOW)
    again = reader_shown(database, public_id)
    assert again is not None
    assert again.is_erased
    assert reader_shown(database, "nobody") is None


def test_a_glance_at_a_broken_database_says_what_to_do(database: Database) -> None:
    with pytest.raises(StorageError, match="the database refuses"):
        database.glance(select(column("x")).select_from(table("nowhere")))


def test_a_write_that_fails_leaves_nothing_behind(database: Database) -> None:
    def slip() -> None:
        with database.write() as session:
            session.execute(text("INSERT INTO installations VALUES (1, 'x', '2026-01-01 00:00')"))
            raise RuntimeError("slipped")

    with pytest.raises(RuntimeError, match="slipped"):
        slip()
    with database.read() as session:
        assert session.scalars(select(Installation)).all() == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_server_whose_disk_is_full_says_what_to_do(database: Database) -> None:
    full = "DO $$ BEGIN RAISE 'No space left on device' USING ERRCODE = '53100'; END $$"
    with pytest.raises(StorageError, match="free some space"), database.write() as session:
        session.execute(text(full))


def test_a_disk_that_fills_inside_a_savepoint_is_named_as_what_it_is(sqlite: Database) -> None:
    row = text("INSERT INTO installations VALUES (:id, :x, '2026-01-01 00:00')")
    many = [{"id": n, "x": "y" * 900 + str(n)} for n in range(400)]
    full = pytest.raises(StorageError, match=r"disk is full.*free some space")
    with full, sqlite.write() as session, session.begin_nested():
        session.execute(text("PRAGMA max_page_count = 1"))
        session.execute(row, many)


def test_what_a_reading_session_gave_can_be_used_after_it(database: Database) -> None:
    a_reader(database, "kept@example.org")
    with database.read() as session:
        reader = session.scalars(select(Subscriber)).one()
    assert reader.email == "kept@example.org"


def test_two_who_change_the_same_row_are_told(database: Database) -> None:
    a_reader(database, "twice@example.org")
    a_reader(database, "other@example.org")
    with pytest.raises(StorageError, match=r"(?i)unique"), database.write() as session:
        session.execute(text("UPDATE subscribers SET address_key = 'same'"))


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    database = Database.at("sqlite:///pprmail.db", beside=tmp_path)
    ensure_schema(database)
    with database.write() as session:
        session.execute(
            text("INSERT INTO installations VALUES (1, 'mine', '2026-01-01 00:00:00.000000')")
        )
    command = [sys.executable, "-c", FILL_THE_DISK, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "the database refuses" in said
    assert "nothing was half done" in said
    with database.read() as session:
        assert session.scalar(text("SELECT public_id FROM installations")) == "mine"
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "pprmail.db").write_bytes(b"This is a letter, not a database." * 100)
    database = Database.at("sqlite:///pprmail.db", beside=tmp_path)
    with pytest.raises(StorageError, match="something else"), database.read() as session:
        session.scalar(text("SELECT 1 FROM issues"))
    database.close()


def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    database = Database.at(
        "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2", beside=tmp_path
    )
    with (
        pytest.raises(StorageError, match="check that the database server runs"),
        database.read() as session,
    ):
        session.scalar(text("SELECT 1"))
    database.close()
