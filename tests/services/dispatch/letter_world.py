"""A world of letters: readers, two workers, a provider and one clock, with traps on every path.

A trap is a deed that happens when a worker reaches a point: the worker dies there, or somebody
else does something at that very moment. Everything goes in turn, so that a story can be repeated.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any, Final

from making import (
    ALLIANCE,
    MASTHEAD,
    MONTH,
    NOW,
    SIGNER,
    TOPICS,
    TRAINING,
    a_newsroom,
    a_postroom,
    a_press,
    a_reader,
    a_summary,
    stored,
)
from pprmail.model.calendar import MonthlyTime
from pprmail.model.edition import Rendered
from pprmail.model.issue import Issue, IssueKind
from pprmail.rendering.letter import Press
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sandbox.batch_book import BatchStatus
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.envelope import Envelope, Recalled, Receipt
from pprmail.sending.journal import Journal
from pprmail.sending.sendgrid import SendGridSender
from pprmail.sending.webhook import DELIVERY_ARGUMENT, REQUEST_ARGUMENT
from pprmail.services.announcing import Announcer
from pprmail.services.assembly import assemble
from pprmail.services.correspondence import Correspondence
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.run import Run
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import see
from pprmail.services.tick import Clockwork, Timetable
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema

READERS: Final = [f"r{number}@example.org" for number in range(8)]
AT_ONCE: Final = 3
POINTS: Final = (
    "batch made",
    "claimed",
    "intended",
    "requested",
    "answered",
    "noted",
    "recorded",
    "recall asked",
    "recall answered",
)
"""Where a worker can be met: between any two of its commits, lines of the journal and calls."""

RECORDER: Final = """
CREATE TABLE moves (id INTEGER PRIMARY KEY, what TEXT, row INTEGER, before TEXT, after TEXT);
CREATE TRIGGER of_issue AFTER UPDATE OF state ON issues WHEN old.state IS NOT new.state BEGIN
INSERT INTO moves (what, row, before, after) VALUES ('issue', new.id, old.state, new.state); END;
CREATE TRIGGER of_request AFTER UPDATE OF state ON requests WHEN old.state IS NOT new.state BEGIN
INSERT INTO moves (what, row, before, after) VALUES ('request', new.id, old.state, new.state); END;
CREATE TRIGGER of_reader AFTER UPDATE OF status ON subscribers WHEN old.status IS NOT new.status
BEGIN INSERT INTO moves (what, row, before, after)
VALUES ('reader', new.id, old.status, new.status); END;
CREATE TRIGGER of_delivery AFTER UPDATE OF outcome ON deliveries WHEN old.outcome IS NOT new.outcome
BEGIN INSERT INTO moves (what, row, before, after)
VALUES ('delivery', new.id, old.outcome, new.outcome); END;
CREATE TRIGGER of_claim AFTER INSERT ON requests BEGIN INSERT INTO moves (what, row, before, after)
SELECT 'claim', new.id, state, paused_at FROM issues WHERE id = new.issue_id; END;
CREATE TRIGGER of_bond AFTER UPDATE OF request_id ON deliveries WHEN new.request_id IS NOT NULL
BEGIN INSERT INTO moves (what, row, before, after)
SELECT 'bond', new.id, status || coalesce(' of ' || old.request_id, ''), new.request_id
FROM subscribers WHERE id = new.subscriber_id; END;
"""
"""The database itself writes down each move of a row, whoever made it and however briefly."""


class Killed(BaseException):
    """A process ends here, as by SIGKILL."""


@dataclass
class Clock:
    """One clock for us and for the provider, whose letters leave when their time has come."""

    now: datetime = NOW
    provider: Sandbox | None = None

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        # In whole tens, for what is asked for depends on how fast this machine is.
        self.go(timedelta(seconds=10 * ceil(seconds / 10)))

    def go(self, by: timedelta) -> None:
        self.now += by
        assert self.provider is None or self.provider.wait_for_events(30)


Reach = Callable[[str], None]


@dataclass
class TrappedJournal(Journal):
    """A journal with points before and after each line."""

    reach: Reach = lambda _: None

    def write(self, request: str, what: str, *, at: datetime, **facts: Any) -> None:
        before, after = ("claimed", "intended") if what == "intent" else ("answered", "noted")
        self.reach(before)
        super().write(request, what, at=at, **facts)
        self.reach(after)


@dataclass
class TrappedProvider:
    """The provider as a worker sees it, with a point before or after each call."""

    sender: SendGridSender
    batches: SendGridBatches
    reach: Reach

    def send(self, envelope: Envelope) -> Receipt:
        receipt = self.sender.send(envelope)
        if envelope.categories != ("service",):
            self.reach("requested")
        return receipt

    def new_batch(self) -> str | Receipt:
        made = self.batches.new_batch()
        self.reach("batch made")
        return made

    def recall(self, batch_id: str, *, until: datetime) -> Recalled:
        self.reach("recall asked")
        answer = self.batches.recall(batch_id, until=until)
        self.reach("recall answered")
        return answer

    def look(self, batch_id: str, *, until: datetime) -> Recalled:
        return self.batches.look(batch_id, until=until)

    def free(self, batch_id: str) -> bool:
        return self.batches.free(batch_id)


@dataclass(frozen=True)
class KeptPress(Press):
    """A press that prints the same letter once in all worlds: nothing here is about rendering."""

    kept: dict[object, Any] = field(default_factory=dict)

    def template_digests(self, kind: IssueKind = IssueKind.MONTHLY) -> dict[str, str]:
        if kind not in self.kept:
            self.kept[kind] = super().template_digests(kind)
        digests: dict[str, str] = self.kept[kind]
        return digests

    def edition(self, issue: Issue, selection: int) -> Rendered:
        key = issue.subject, selection, *(summary.body for summary in issue.summaries)
        if key not in self.kept:
            self.kept[key] = super().edition(issue, selection)
        made: Rendered = self.kept[key]
        return made


@dataclass(frozen=True)
class Letter:
    """One letter in the provider's ledger; `is_kept` tells that it went out, or will.

    What has left has left, whatever the clock says later.
    """

    delivery: int
    request: str
    address: str
    contents: tuple[str, ...]
    has_left: bool
    is_kept: bool


@dataclass(frozen=True)
class Stage:
    """What all worlds share: a folder, one database file, and how it was at the beginning."""

    folder: Path
    database: Database
    newsroom: Newsroom
    mails: ServiceMails

    @classmethod
    def at(cls, folder: Path) -> "Stage":
        """Assemble a month of two summaries, so that there are four editions, for eight readers."""
        database = Database.at("sqlite:///letters.db", beside=folder)
        ensure_schema(database)
        shelf, press = Shelf([shipped("templates")]), a_press()
        newsroom = a_newsroom(database, press=KeptPress(press.shelf, press.views))
        stored(database, a_summary(), a_summary("Does Training Help?", topics=[TRAINING]))
        assemble(newsroom, MONTH, who="test", now=NOW)
        for number, address in enumerate(READERS):
            a_reader(database, address, *CHOICES[number % len(CHOICES)])
        see(newsroom, MONTH, now=NOW)
        with closing(sqlite3.connect(folder / "letters.db")) as file:
            file.executescript(RECORDER)
        _copied(folder / "letters.db", folder / "beginning.db")
        return cls(folder, database, newsroom, ServiceMails(shelf, MASTHEAD))


CHOICES: Final[tuple[list[str], ...]] = (
    [],
    [ALLIANCE],
    [TRAINING],
    [ALLIANCE, TRAINING],
    ["empathy"],
)


def _copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


class World:
    """One story's database, provider, clock and workers."""

    def __init__(self, stage: Stage, number: int, *, window: timedelta, recalls: bool) -> None:
        _copied(stage.folder / "beginning.db", stage.folder / "letters.db")
        self.stage, self.window, self.recalls = stage, window, recalls
        self.folder = stage.folder / f"world{number}"
        self.folder.mkdir()
        self.clock = Clock()
        ledger = self.folder / "ledger.jsonl"
        # The clock calls for a round whenever it has moved; by itself the courier makes few.
        options = SandboxOptions(ledger_path=ledger, clock=self.clock, flush_seconds=60)
        self.sandbox = self.clock.provider = Sandbox(options)
        self.sandbox.start()
        # Deeds are done in whatever thread met the trap, but never two at once.
        file = stage.folder / "letters.db"
        self.eyes = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self.traps: list[tuple[str, int, Callable[[int], None]]] = []
        self.workers = [self._worker(number) for number in range(2)]
        self._read: tuple[int, list[dict[str, Any]]] = (0, [])

    def close(self) -> None:
        """End everything."""
        self.sandbox.stop()
        self.eyes.close()
        for worker in self.workers:
            worker.journal.close()

    @property
    def correspondence(self) -> Correspondence:
        """What readers are written about their own subscription."""
        return Correspondence(self.stage.mails, SIGNER, TOPICS)

    def do(self, number: int, action: Callable[[Postroom], object]) -> object:
        """Let a worker do something; if it dies of it, another process takes its place."""
        try:
            return action(self.workers[number])
        except Killed:
            self.workers[number].journal.close()
            self.workers[number] = self._worker(number)
            return None

    def clockwork(self, postroom: Postroom, run: Callable[[], Run]) -> Clockwork:
        """Make what a tick works with."""
        usual = MonthlyTime.parse("2nd tue 09:00")
        announcer = Announcer(self.stage.newsroom, self.stage.mails, "operator@example.org", usual)
        timetable = Timetable("", usual, usual, timedelta(days=7))
        return Clockwork(postroom, announcer, timetable, run=run)

    def run(self, number: int) -> Run:
        """Make the work on one issue, with a point after each record."""
        return Run(watch=lambda *_: self._reach(number, "recorded"))

    def _worker(self, number: int) -> Postroom:
        def reach(point: str) -> None:
            self._reach(number, point)

        key, host = "SG.test", self.sandbox.url
        sender, batches = SendGridSender(key, host, 20), SendGridBatches(key, host, 20)
        provider = TrappedProvider(sender, batches, reach)
        plain = a_postroom(self.stage.newsroom, self.folder, provider, batch_size=AT_ONCE)
        rules = replace(plain.rules, recall_window=self.window, recalls_doubts=self.recalls)
        return replace(
            plain,
            journal=TrappedJournal(self.folder / "journal", "test-installation", reach=reach),
            rules=rules,
            clock=self.clock,
            sleep=self.clock.sleep,
            recaller=provider if self.window else None,
        )

    def _reach(self, number: int, point: str) -> None:
        for place, (where, rounds, deed) in enumerate(self.traps):
            if where == point:
                del self.traps[place]
                if rounds:
                    self.traps.insert(place, (where, rounds - 1, deed))
                else:
                    deed(number)
                return

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read rows as they are, through no line of the product."""
        return self.eyes.execute(statement).fetchall()

    def letters(self) -> list[Letter]:
        """Read the ledger: every letter of the issue that was accepted."""
        path = self.sandbox.ledger_path
        if path.stat().st_size != self._read[0]:
            self._read = path.stat().st_size, list(read_ledger(path).entries)
        return [
            letter
            for entry in self._read[1]
            if entry["kind"] == "accepted" and entry["categories"] != ["service"]
            for letter in self._letters_of(entry)
        ]

    def _letters_of(self, entry: dict[str, Any]) -> list[Letter]:
        is_due, is_kept = self._fate(entry)
        return [
            Letter(
                delivery=int(each["custom_args"][DELIVERY_ARGUMENT]),
                request=each["custom_args"][REQUEST_ARGUMENT],
                address=each["to"][0],
                contents=(entry["subject"], *(part["sha256"] for part in entry["contents"])),
                has_left=is_due and is_kept,
                is_kept=is_kept,
            )
            for each in entry["personalizations"]
        ]

    def _fate(self, entry: dict[str, Any]) -> tuple[bool, bool]:
        """Tell whether its time has come, and whether it goes out: by the ledger, or foreseen."""
        name, asked = entry["x_message_id"], datetime.fromtimestamp(entry.get("send_at", 0), UTC)
        due = max(asked, datetime.fromisoformat(entry["at"]))
        schedule = self.sandbox._depot.schedule
        waiting = {parcel.request.x_message_id for parcel in schedule._waiting}
        gone = {each["x_message_id"] for each in self._read[1] if each["kind"] == "discarded"}
        if name not in waiting:
            return True, name not in gone
        status = schedule.batches.status_of(entry.get("batch_id"), due=due)
        return due <= self.clock.now, status is not BatchStatus.CANCEL
