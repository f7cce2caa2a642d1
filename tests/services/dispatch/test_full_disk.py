"""A disk that is full at every write of a sending, in turn. The writes are counted, none is named.

One sending freezes, claims, journals, posts and records; it loses an answer, loses the process,
settles the orphan, recalls both doubts and finishes: a write that is new is met by itself.
"""

import os
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.event import listen
from sqlalchemy.exc import OperationalError

from making import MONTH, NOW, a_newsroom, a_postroom, a_reader, a_summary, an_approved_issue
from pprmail.errors import PprmailError
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sending import journal
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.envelope import Answer, Envelope, Receipt
from pprmail.sending.journal import Journal, accepted_according_to, intents
from pprmail.sending.sendgrid import SendGridSender
from pprmail.sending.webhook import REQUEST_ARGUMENT
from pprmail.services import steering
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import LONGEST_PATIENCE
from pprmail.services.dispatch.run import Run, send
from pprmail.services.reports import status
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Delivery, Issue, Request, Subscriber

READERS = [f"r{number}@example.org" for number in range(6)]
FULL = "database or disk is full"
FULL_ON_POSTGRES = "DO $$ BEGIN RAISE 'No space left on device' USING ERRCODE = '53100'; END $$"
"""The server itself raises it, so that the transaction is as broken as it would be."""


class Killed(BaseException):
    """The process ends here and now."""


@dataclass
class Disk:
    """Counts what is written to it, and is full at one write, or from that one on until freed."""

    full_at: int = 0
    until: str = "the next write"
    ends_transaction: bool = True
    is_full: bool = False
    has_changes: bool = False
    writes: list[str] = field(default_factory=list)
    now: datetime = NOW

    def takes(self, what: str) -> bool:
        self.writes.append(what)
        if len(self.writes) == self.full_at:
            self.is_full = self.until != "the next write"
            return False
        return not self.is_full

    def do_execute(self, cursor: Any, statement: str, _: object, context: Any) -> None:
        if context.isinsert or context.isupdate or context.isdelete:
            self.has_changes = self.takes(statement[:40])
            if not self.has_changes:
                refuse(cursor.connection, ends=self.ends_transaction)

    do_executemany = do_execute

    def do_commit(self, connection: Any) -> None:
        has_changes, self.has_changes = self.has_changes, False
        if has_changes and not self.takes("COMMIT"):
            refuse(connection.driver_connection, ends=True)

    def write(self, handle: int, data: bytes) -> int:
        if self.takes("journal: write"):
            return os.write(handle, data)
        os.write(handle, data[: len(data) // 2])
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    def fsync(self, _: int) -> None:
        if not self.takes("journal: fsync"):
            raise OSError(ENOSPC, os.strerror(ENOSPC))

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if self.is_full and self.until == "a kill":
            raise Killed
        self.is_full = self.is_full and seconds < LONGEST_PATIENCE


def refuse(connection: Any, *, ends: bool) -> None:
    """Do as the driver does; SQLite takes back the whole transaction, or else one statement."""
    if isinstance(connection, psycopg.Connection):
        connection.execute(FULL_ON_POSTGRES)
    if ends:
        connection.rollback()
    raise sqlite3.OperationalError(FULL)


def both(first: Any, then: Any) -> Any:
    return lambda *arguments: [first(*arguments), then(*arguments)]


@dataclass
class Post:
    """Loses the answer to the first request, and the process together with the second one's."""

    sender: SendGridSender
    made: int = 0
    accepted: list[str] = field(default_factory=list)

    def send(self, envelope: Envelope) -> Receipt:
        self.made += 1
        receipt = self.sender.send(envelope)
        if self.made == 1:
            return Receipt(Answer.UNKNOWN, "lost on the way back")
        if self.made == 2:
            raise Killed
        if receipt.answer is Answer.ACCEPTED:
            self.accepted.append(envelope.recipients[0].arguments[REQUEST_ARGUMENT])
        return receipt


@dataclass
class Office:
    """A sending as people see it: what ends is started again, what is full is made free."""

    postroom: Postroom
    disk: Disk
    sandbox: Sandbox
    post: Post
    said: list[str] = field(default_factory=list)

    def send_to_the_end(self) -> None:
        """Send as often as it takes; where nothing is recalled, doubts are left to a person."""
        for _ in range(9):
            try:
                with suppress(Killed):
                    send(self.postroom, MONTH, who="test", run=Run())
            except PprmailError as error:
                self.said.append(str(error))
            found = status(self.postroom.newsroom, MONTH, now=NOW)
            has_doubts = found.equation.held > 0 and self.postroom.recaller is None
            if found.issue.sent_at or (has_doubts and found.equation.is_settled):
                return
            self._begin_anew(found.issue.pause_reason)
        raise AssertionError("it never comes to its end")

    def _begin_anew(self, pause_reason: str | None) -> None:
        """Free space; another process goes on once the lease of the last request is over."""
        self.disk.is_full = False
        old = self.postroom.journal
        old.close()
        self.postroom = replace(self.postroom, journal=Journal(old.folder, old.installation))
        self.disk.sleep(self.postroom.rules.lease.total_seconds() + 1)
        if pause_reason:
            self.said.append(pause_reason)
            steering.resume(self.postroom.newsroom, MONTH, who="test", now=self.disk.now)


Open = Callable[..., AbstractContextManager[Office]]


@pytest.fixture
def opened(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Give an office with one approved issue, as it was before, on a disk of its own."""
    for address in READERS:
        a_reader(database, address)
    an_approved_issue(a_newsroom(database), a_summary())
    with database.read() as session:
        issue = dict(session.execute(select(Issue.__table__)).mappings().one())
    dialect = database.engine.dialect
    lines_may_be_deleted(database)

    @contextmanager
    def open_one(disk: Disk, *, recalls: bool) -> Iterator[Office]:
        with database.write() as session:
            for table in (Delivery, Request, AuditEntry):
                session.execute(delete(table))
            session.execute(update(Issue).values(issue))
        files = vars(os) | {"write": disk.write, "fsync": disk.fsync}
        with monkeypatch.context() as patched, an_office(database, tmp_path, disk) as office:
            for name in ("do_execute", "do_executemany", "do_commit"):
                patched.setattr(dialect, name, both(getattr(disk, name), getattr(dialect, name)))
            patched.setattr(journal, "os", SimpleNamespace(**files))
            if not recalls:
                rules = replace(office.postroom.rules, recall_window=timedelta(0), batch_size=2)
                office.postroom = replace(office.postroom, rules=rules, recaller=None)
            yield office

    return open_one


def lines_may_be_deleted(database: Database) -> None:
    """Let the log be taken back, as the database refuses to but for this."""
    trigger = "DROP TRIGGER tr_audit_entries_deleted"
    with database.write() as session:
        session.execute(text(trigger if database.is_sqlite else f"{trigger} ON audit_entries"))


@contextmanager
def an_office(database: Database, parent: Path, disk: Disk) -> Iterator[Office]:
    folder = Path(mkdtemp(dir=parent))
    options = SandboxOptions(ledger_path=folder / "ledger.jsonl", clock=lambda: disk.now)
    with Sandbox(options) as sandbox:
        post = Post(SendGridSender(api_key="SG.test", host=sandbox.url, timeout=5))
        batches = SendGridBatches(api_key="SG.test", host=sandbox.url, timeout=5)
        room = a_postroom(a_newsroom(database), folder, post)
        rules = replace(room.rules, recall_window=timedelta(minutes=20))
        room = replace(room, rules=rules, recaller=batches, sleep=disk.sleep)
        office = Office(replace(room, clock=lambda: disk.now), disk, sandbox, post)
        yield office
        office.postroom.journal.close()


@pytest.mark.parametrize(
    ("database_url", "until", "recalls", "ends_transaction"),
    [
        ("sqlite", "the next write", False, True),
        ("sqlite", "space is freed", True, False),
        ("sqlite", "a kill", False, True),
        ("postgres", "space is freed", False, False),
    ],
    indirect=["database_url"],
)
def test_a_disk_that_is_full_at_any_write_repeats_no_letter_and_loses_none(
    opened: Open, until: str, recalls: bool, ends_transaction: bool, subtests: pytest.Subtests
) -> None:
    with opened(Disk(), recalls=recalls) as office:
        office.send_to_the_end()
        keeps_what_is_promised(office)
    assert {"COMMIT", "journal: write", "journal: fsync"} < set(office.disk.writes)
    for number, what in enumerate(office.disk.writes, start=1):
        disk = Disk(number, until, ends_transaction)
        with subtests.test(f"{number}: {what}"), opened(disk, recalls=recalls) as office:
            office.send_to_the_end()
            keeps_what_is_promised(office)


def keeps_what_is_promised(office: Office) -> None:
    office.disk.sleep(3600)
    assert office.sandbox.wait_for_events(10)
    found = status(office.postroom.newsroom, MONTH, now=NOW)
    letters = Counter(each.address for each in read_ledger(office.sandbox.ledger_path).kept())
    assert set(letters.values()) == {1}
    assert (found.balanced, found.equation.accepted + found.equation.held) == (True, 6)
    assert letters.keys() | in_doubt(office) == set(READERS)
    assert not found.doubts or office.postroom.recaller is None
    for said in office.said:
        assert re.search("(the database refuses|the journal can't be).*(full|No space left)", said)
    has_intents_and_outcomes(office)


def in_doubt(office: Office) -> set[str | None]:
    doubts = select(Delivery.subscriber_id).join(Request).where(Request.state == "unknown")
    with office.postroom.database.read() as session:
        return set(session.scalars(select(Subscriber.email).where(Subscriber.id.in_(doubts))))


def has_intents_and_outcomes(office: Office) -> None:
    """What left had an intent; what was heard is recorded, or after a kill told by the journal."""
    ours, ledger = office.postroom.journal, read_ledger(office.sandbox.ledger_path)
    asked = {each.custom_args[REQUEST_ARGUMENT] for each in ledger.acceptances()}
    assert asked <= {intent.request for intent in intents(ours.folder, ours.installation)}
    with office.postroom.database.read() as session:
        heard = select(Request).where(Request.public_id.in_(office.post.accepted))
        for request in session.scalars(heard):
            if office.disk.until != "a kill":
                assert (request.state, request.was_accepted) == ("accepted", True)
            elif accepted_according_to(ours.folder, request.worker, request.public_id):
                assert request.state == "accepted"


def test_an_outcome_waits_for_a_disk_that_is_really_full(sqlite: Database, tmp_path: Path) -> None:
    a_reader(sqlite, READERS[0])
    an_approved_issue(a_newsroom(sqlite), a_summary())
    pages, causes = [10**6], list[object]()

    def free_space(_: float) -> None:
        refused: Any = sys.exc_info()[1]
        causes.append((type(refused.__cause__), repr(refused.__cause__.orig)))
        pages.append(10**6)

    def fill_it(_: Envelope) -> Receipt:
        pages.append(1)
        return Receipt(Answer.ACCEPTED, "so much to say " * 9000)

    listen(sqlite.engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages[-1]}"))
    post = a_postroom(a_newsroom(sqlite), tmp_path, Mock(send=fill_it))
    room = replace(post, sleep=free_space)
    assert send(room, MONTH, who="test", run=Run()).sent_at == NOW
    # As these tests have it, and as the driver and SQLAlchemy do.
    assert causes == [(OperationalError, repr(sqlite3.OperationalError(FULL)))]
