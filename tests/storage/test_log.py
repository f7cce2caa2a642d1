from datetime import timedelta

import pytest
from sqlalchemy import select, update

from making import NOW
from pprmail.storage import log
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.log import Wanted, find_lines
from pprmail.storage.tables import AuditEntry


@pytest.fixture
def written(database: Database) -> Database:
    """Twenty lines, one a day."""
    with database.write() as session:
        for number in range(20):
            who = "ada@example.org" if number % 5 == 0 else "cli: ada"
            at = NOW + timedelta(days=number)
            change = {"after": {"title": f"Über {number}_"}}
            note(session, f"line {number}", "x", who=who, now=at, **change)
    return database


def found(database: Database, wanted: Wanted) -> list[int]:
    with database.read() as session:
        return [int(line.what.split()[1]) for line in find_lines(session, wanted).lines]


def test_words_are_found_wherever_they_stand_and_signs_mean_themselves(written: Database) -> None:
    assert found(written, Wanted(words=("7_",))) == [17, 7]
    assert found(written, Wanted(words=("Über", "LINE 3"))) == [3]
    assert found(written, Wanted(words=("%",))) == []


def test_a_person_and_days_are_found(written: Database) -> None:
    assert found(written, Wanted(who="ada@example.org")) == [15, 10, 5, 0]
    assert len(found(written, Wanted(who="cli"))) == 16
    since, until = NOW + timedelta(days=4), NOW + timedelta(days=7)
    assert found(written, Wanted(since=since, until=until)) == [6, 5, 4]
    assert found(written, Wanted(since=NOW + timedelta(days=99))) == []
    assert found(written, Wanted(until=NOW)) == []


def test_each_look_has_a_bound_and_the_next_goes_on(
    written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "SEARCHED_AT_ONCE", 6)
    with written.read() as session:
        first = find_lines(session, Wanted(words=("line 1_",)))
        assert first.lines == []
        assert first.before is not None
        assert first.searched_to == NOW + timedelta(days=14)
    with written.read() as session:
        second = find_lines(session, Wanted(who="ada@example.org", before=first.before))
    assert [line.what for line in second.lines] == ["line 10"]


def test_where_a_look_came_to_is_told_by_numbers_and_not_by_where_rows_lie(
    written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "SEARCHED_AT_ONCE", 6)
    with written.write() as session:
        lowest = select(AuditEntry.id).where(AuditEntry.what == "line 14").scalar_subquery()
        # Erasure empties a line, and PostgreSQL then puts its row behind all others.
        session.execute(update(AuditEntry).where(AuditEntry.id == lowest).values(detail={}))
    with written.read() as session:
        found = find_lines(session, Wanted(words=("nothing like it",)))
    assert found.searched_to == NOW + timedelta(days=14)


def test_an_empty_log_has_no_lines(database: Database) -> None:
    assert found(database, Wanted(words=("x",), since=NOW, until=NOW)) == []
