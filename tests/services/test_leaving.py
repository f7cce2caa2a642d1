"""Leaving: at once and for all who leave at the same moment, or for none of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import NoneType

import pytest
from sqlalchemy import func, select

from making import NOW, a_reader
from pprmail.errors import StorageError
from pprmail.services import leaving
from pprmail.services.leaving import Leavers
from pprmail.storage.database import Database
from pprmail.storage.leaving import end_letters
from pprmail.storage.tables import AuditEntry, Subscriber


def test_many_who_leave_at_once_have_each_left_when_they_are_told(database: Database) -> None:
    names = [a_reader(database, f"r{n}@example.org") for n in range(40)]
    leavers = Leavers(database)

    def gone(name: str) -> bool:
        was_known = leavers.leave(name, how="one click", now=NOW).result(20)
        with database.read() as session:
            ended = select(Subscriber.ended_at).where(Subscriber.public_id == name)
            return was_known and session.scalar(ended) == NOW

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(gone, [*names, *names]))
    assert leavers.leave("nobody", how="page", now=NOW).result(20) is False
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == len(names)


@pytest.mark.parametrize("kind", [StorageError, RuntimeError])
def test_what_keeps_one_from_leaving_is_told_to_all_who_waited_for_it(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    names = [a_reader(sqlite, f"r{n}@example.org") for n in range(4)]
    leavers, has_begun, is_held = Leavers(sqlite), Event(), Event()

    def fail(*given: object, **more: object) -> bool:
        has_begun.set()
        is_held.wait(5)
        if names[2] in given:
            raise kind("no more space")
        return end_letters(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(leaving, "end_letters", fail)
    asked = [leavers.leave(names[0], how="page", now=NOW)]
    has_begun.wait(5)
    asked += [leavers.leave(name, how="page", now=NOW) for name in names[1:]]
    is_held.set()
    told = [type(each.exception(20)) for each in asked]
    assert told == [NoneType, kind, kind, kind]
    with sqlite.read() as session:
        for name, error in zip(names, told, strict=True):
            found = select(Subscriber.ended_at).where(Subscriber.public_id == name)
            assert (session.scalar(found) is None) == (error is kind)
    assert leavers.leave(names[3], how="page", now=NOW).result(20)


def test_whoever_gives_the_connection_up_leaves_all_the_same(sqlite: Database) -> None:
    names = [a_reader(sqlite, f"r{n}@example.org") for n in range(9)]
    leavers = Leavers(sqlite)
    assert not any(leavers.leave(name, how="one click", now=NOW).cancel() for name in names)
    leavers.close()
    with sqlite.read() as session:
        left = select(func.count()).where(Subscriber.ended_at == NOW)
        assert session.scalar(left) == len(names)
