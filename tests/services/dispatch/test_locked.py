"""Somebody else holds the lock that a write needs: for a second, half a minute, or for ever.

Time passes only when the dispatcher sleeps, and the lock goes when its time has come.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, func, make_url, select

from making import (
    MONTH,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.errors import UNAVAILABLE, StorageError
from pprmail.model.issue import IssueState
from pprmail.sending.journal import Journal
from pprmail.sending.webhook import event_of
from pprmail.services.dispatch.claim import claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import LONGEST_PATIENCE
from pprmail.services.dispatch.run import Run, send
from pprmail.services.feedback import keep
from pprmail.services.reports import IssueStatus, status
from pprmail.storage.database import Database
from pprmail.storage.tables import Event, Request

READERS = [f"r{number}@example.org" for number in range(10)]
SECOND = timedelta(seconds=1)
FOR_EVER = timedelta(days=1)
PATIENCE_OF_A_PERSON = timedelta(minutes=10)
TABLES = "LOCK TABLE requests, events IN ACCESS EXCLUSIVE MODE"
ROWS = "SELECT id FROM requests FOR UPDATE"


class Killed(BaseException):
    """The process ends here and now."""


@dataclass
class Holder:
    """Another process that takes the lock, and gives it back when its time has come."""

    url: str
    now: datetime = NOW
    until: datetime = NOW
    sleeps: list[float] = field(default_factory=list)
    _held: Any = None
    _turn: Lock = field(default_factory=Lock)

    def take(self, how_long: timedelta, on_postgres: str = TABLES) -> None:
        """Take it, unless it was taken before."""
        if self.until > NOW:
            return
        address, self.until = make_url(self.url), self.now + how_long
        if address.get_backend_name() == "sqlite":
            # Whoever sleeps gives it back, and that is a worker's thread.
            self._held = sqlite3.connect(str(address.database), check_same_thread=False)
            self._held.execute("BEGIN IMMEDIATE")
        else:
            plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
            self._held = psycopg.connect(plain)
            self._held.execute(on_postgres)

    def give_back(self) -> None:
        with self._turn:
            held, self._held = self._held, None
        if held is not None:
            held.rollback()
            held.close()

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += timedelta(seconds=seconds)
        if self.now - NOW > PATIENCE_OF_A_PERSON:
            raise Killed
        if self.now >= self.until:
            self.give_back()


@pytest.fixture
def holder(database: Database, database_url: str) -> Iterator[Holder]:
    """Nobody who meets the lock waits for long by itself."""
    impatient = "PRAGMA busy_timeout = 1" if database.is_sqlite else "SET lock_timeout = '5ms'"

    def lose_patience(connection: Any, *_: object) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(impatient)
        if not database.is_sqlite:
            connection.commit()

    event.listen(database.engine, "checkout", lose_patience)
    holder = Holder(database_url)
    yield holder
    holder.give_back()


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def postroom(database: Database, tmp_path: Path, sender: PaperSender, holder: Holder) -> Postroom:
    """A postroom with an approved issue for ten readers, who are written to four at a time."""
    newsroom = a_newsroom(database)
    for address in READERS:
        a_reader(database, address)
    an_approved_issue(newsroom, a_summary())
    postroom = a_postroom(newsroom, tmp_path, sender, batch_size=4)
    return replace(postroom, clock=holder.clock, sleep=holder.sleep)


@pytest.mark.parametrize(
    ("how_long", "on_postgres"), [(SECOND, ROWS), (SECOND, TABLES), (30 * SECOND, TABLES)]
)
def test_a_lock_after_the_answer_is_waited_for_and_nothing_new_is_sent_meanwhile(
    postroom: Postroom, sender: PaperSender, holder: Holder, how_long: timedelta, on_postgres: str
) -> None:
    made: list[int] = []

    def sleep(seconds: float) -> None:
        made.append(len(sender.envelopes))
        holder.sleep(seconds)

    sender.before_answer = lambda _: holder.take(how_long, on_postgres)
    sends(replace(postroom, sleep=sleep))
    assert set(made) == {1}
    assert how_long.total_seconds() <= sum(holder.sleeps) <= how_long.total_seconds() + 5
    everybody_has_one(postroom, sender)


def test_an_outcome_lands_though_the_other_workers_end_by_the_lock(
    postroom: Postroom, sender: PaperSender, holder: Holder
) -> None:
    two = replace(postroom, rules=replace(postroom.rules, concurrency=2, batch_size=2))
    sender.before_answer = lambda _: holder.take(30 * SECOND)
    with suppress(StorageError):
        sends(two)
    assert stand(postroom).equation.in_flight == 0
    sends(two)
    everybody_has_one(postroom, sender)


def test_an_outcome_outlives_a_lock_that_is_held_longer_than_its_process_lives(
    postroom: Postroom, sender: PaperSender, holder: Holder
) -> None:
    sender.before_answer = lambda _: holder.take(FOR_EVER)
    with pytest.raises(Killed):
        sends(postroom)
    assert (len(sender.envelopes), max(holder.sleeps)) == (1, LONGEST_PATIENCE)
    postroom.journal.close()
    holder.give_back()
    assert stand(postroom).requests["submitting"] == 1
    another = Journal(postroom.journal.folder, postroom.journal.installation)
    sends(replace(postroom, journal=another))
    with postroom.database.read() as session:
        details = session.scalars(select(Request.detail).order_by(Request.id)).all()
    assert details == ["according to the journal", None, None]
    everybody_has_one(postroom, sender)


@pytest.mark.parametrize("done", [0, 4, 10])
@pytest.mark.parametrize("on_postgres", [TABLES, "SELECT id FROM issues FOR UPDATE"])
def test_a_lock_before_a_claim_or_before_the_end_is_named_and_does_no_harm(
    postroom: Postroom, sender: PaperSender, holder: Holder, done: int, on_postgres: str
) -> None:
    def lock(so_far: int, _: int) -> None:
        if so_far == done:
            holder.take(FOR_EVER, on_postgres)

    with pytest.raises(StorageError, match=r"the database refuses: .*lock"):
        sends(postroom, Run(watch=lock))
    holder.give_back()
    found = stand(postroom)
    assert (found.equation.accepted, found.equation.pending) == (done, len(READERS) - done)
    assert (found.balanced, found.equation.held, found.requests["not_sent"]) == (True, 0, 0)
    sends(postroom)
    everybody_has_one(postroom, sender)


def test_who_meets_a_lock_is_told_what_to_do(postroom: Postroom, holder: Holder) -> None:
    issue = freeze(postroom, MONTH, who="test", now=NOW)
    holder.take(FOR_EVER, "SELECT id FROM issues FOR UPDATE")
    with pytest.raises(StorageError) as refused:
        claim(postroom, issue.id, now=NOW)
    assert "another process holds the database" in refused.value.remedy


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_letters_whose_rows_somebody_holds_are_waited_for(
    postroom: Postroom, sender: PaperSender, holder: Holder
) -> None:
    freeze(postroom, MONTH, who="test", now=NOW)
    holder.take(30 * SECOND, "SELECT id FROM deliveries ORDER BY id LIMIT 5 FOR UPDATE")
    sends(postroom)
    assert [len(envelope.recipients) for envelope in sender.envelopes] == [4, 1, 4, 1]
    everybody_has_one(postroom, sender)


def test_reports_that_meet_a_lock_are_kept_whole_or_not_at_all(
    database: Database, holder: Holder
) -> None:
    told = {"event": "delivered", "timestamp": int(NOW.timestamp()), "pm_r": "x"}
    reports = [event_of(told | {"pm_d": str(number)}) for number in range(1, 4)]
    holder.take(FOR_EVER)
    with pytest.raises(UNAVAILABLE):
        keep(database, reports, now=NOW)
    holder.give_back()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0
    assert keep(database, reports, now=NOW) == 3


def sends(postroom: Postroom, run: Run | None = None) -> None:
    send(postroom, MONTH, who="test", run=run or Run())


def stand(postroom: Postroom) -> IssueStatus:
    return status(postroom.newsroom, MONTH, now=NOW)


def everybody_has_one(postroom: Postroom, sender: PaperSender) -> None:
    found = stand(postroom)
    assert sorted(sender.addresses) == READERS
    assert (found.issue.state, found.issue.pause_reason) == (IssueState.SENT, None)
    assert (found.equation.accepted, found.balanced, found.doubts) == (len(READERS), True, [])
