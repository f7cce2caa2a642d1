"""Four processes at one issue of 20,000 readers, begun at the same moment, against one sandbox."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import insert, select

from pprmail.bootstrap import App, open_app
from pprmail.model.audience import NoMatch
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.model.request import RequestState
from pprmail.model.subscriber import SubscriberStatus, new_public_id
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sandbox.mail import AcceptedRequest
from pprmail.sending.webhook import REQUEST_ARGUMENT
from pprmail.services.assembly import assemble
from pprmail.services.importing import bring_in
from pprmail.services.reports import IssueStatus, status
from pprmail.services.review import approve
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.reading import read_sources
from pprmail.storage.database import Database
from pprmail.storage.tables import Delivery, Preference, Request, Subscriber

MONTH = Month("2026-11")
READERS = 20_000
BATCH = 150
CONCURRENCY = 2
LONG = 60.0
"""Seconds after which a test that waits has failed."""

SEND = ("issue", "send", MONTH)
WORKER = ("worker",)

DRIVER = """
import sys
from pprmail import bootstrap

opened = bootstrap.open_app

def open_and_wait(config):
    app = opened(config)
    print("ready", app.postroom.journal.worker, flush=True)
    sys.stdin.readline()
    return app

bootstrap.open_app = open_and_wait
from pprmail.cli import main
main()
"""
"""The command line, but that it stands at the line once everything is imported and opened."""


@dataclass
class Kill:
    """Kills a process when the sandbox has taken a request of it, and before that is answered."""

    after: int
    taken: int = 0
    victim: "Runner | None" = None
    done: Event = field(default_factory=Event)

    def __call__(self, request: AcceptedRequest) -> None:
        # An answer takes its time, so that no process is done before the others have begun.
        time.sleep(0.02)
        self.taken += 1
        if self.victim is None or self.taken < self.after or self.done.is_set():
            return
        if request.custom_args(0)[REQUEST_ARGUMENT] in self.victim.journal.read_text():
            self.victim.process.kill()
            self.victim.process.wait(LONG)
            self.done.set()


@dataclass
class Runner:
    """One of the four, and the file in which it writes down what it is about to send."""

    process: "subprocess.Popen[str]"
    folder: Path
    journal: Path = field(init=False)

    def get_ready(self) -> None:
        assert self.process.stdout
        word, worker = self.process.stdout.readline().split()
        assert word == "ready"
        self.journal = self.folder / "journal" / f"{worker}.journal"

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    @property
    def requests(self) -> int:
        return self.journal.read_text().count('"what": "intent"')


@pytest.fixture
def kill() -> Kill:
    return Kill(after=READERS // BATCH // 4)


@pytest.fixture
def sandbox(tmp_path: Path, kill: Kill) -> Iterator[Sandbox]:
    options = SandboxOptions(ledger_path=tmp_path / "ledger.jsonl", on_accept=kill)
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture
def app(tmp_path: Path, sandbox: Sandbox, database_url: str) -> Iterator[App]:
    """An approved issue for 20,000 readers, nothing of it frozen yet."""
    config = make_workspace(
        tmp_path / "letter",
        MONTH,
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("database", "url"): database_url,
            ("delivery", "sender"): "sendgrid",
            ("delivery", "recall_window_minutes"): 0,
            ("delivery", "allowed_recipients"): ["*"],
            ("delivery", "batch_size"): BATCH,
            ("delivery", "concurrency"): CONCURRENCY,
            ("sendgrid", "api_key"): "SG.test",
            ("sendgrid", "host"): sandbox.url,
        },
    )
    with closing(open_app(config)) as app:
        now = datetime.now(UTC)
        bring_in(app.newsroom, read_sources([shipped("summaries")], app.topics), who="t", now=now)
        fill(app.database, [topic.slug for topic in app.topics.choosable])
        assemble(app.newsroom, MONTH, who="test", now=now)
        approve(app.newsroom, MONTH, by="editor@example.org", now=now)
        yield app


def test_four_sendings_at_the_same_moment_come_to_one_result(app: App, sandbox: Sandbox) -> None:
    with four(app, SEND, SEND, SEND, SEND) as runners:
        assert [runner.process.wait(LONG) for runner in runners] == [0, 0, 0, 0]
        assert all(runner.requests for runner in runners), "one of them had no part in it"
    found = stand(app)
    assert (found.issue.state, found.balanced) == (IssueState.SENT, True)
    assert (found.equation.accepted, found.equation.frozen) == (READERS, READERS)
    assert got(sandbox) == Counter(addresses(app))
    requests = len(read_ledger(sandbox.ledger_path).accepted)
    assert requests == found.requests["accepted"] == sum(found.requests.values())
    # Nobody made a request that another had made too: what was begun is what was accepted.
    assert READERS / BATCH <= requests == sum(runner.requests for runner in runners)


def test_when_one_of_four_is_killed_the_others_end_the_issue_and_list_its_doubts(
    app: App, sandbox: Sandbox, kill: Kill
) -> None:
    with four(app, SEND, SEND, WORKER, WORKER, before=lambda r: aim(kill, r[0])) as runners:
        killed, other, *workers = (runner.process for runner in runners)
        assert kill.done.wait(LONG)
        assert killed.wait(LONG) == -signal.SIGKILL
        assert other.wait(LONG) == 3
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(LONG) for worker in workers] == [0, 0]
    found = stand(app)
    assert (found.issue.state, found.balanced) == (IssueState.SENDING, True)
    assert 1 <= len(found.doubts) == found.requests["unknown"] <= CONCURRENCY
    assert {doubt.worker for doubt in found.doubts} == {runners[0].journal.stem}
    nobody_is_lost(app, found, got(sandbox))


def nobody_is_lost(app: App, found: IssueStatus, letters: Counter[str]) -> None:
    assert max(letters.values()) == 1, "somebody got the letter twice"
    doubted = set(addresses(app, RequestState.UNKNOWN))
    accepted = set(addresses(app, RequestState.ACCEPTED))
    assert len(accepted) + len(doubted) == found.equation.frozen == READERS
    assert (found.equation.accepted, found.equation.held) == (len(accepted), len(doubted))
    # Whoever is not known to have the letter is in a doubt that is listed, and in nothing else.
    assert accepted <= letters.keys() <= accepted | doubted
    # The one request at whose acceptance it was killed did reach its readers.
    assert letters.keys() & doubted


def aim(kill: Kill, runner: Runner) -> None:
    kill.victim = runner


def got(sandbox: Sandbox) -> Counter[str]:
    return Counter(each.address for each in read_ledger(sandbox.ledger_path).kept())


def stand(app: App) -> IssueStatus:
    return status(app.newsroom, MONTH, now=datetime.now(UTC))


def addresses(app: App, state: RequestState | None = None) -> list[str]:
    """List the readers who were frozen; with a state, those in requests that are in it."""
    frozen = select(Subscriber.email).join(Delivery, Delivery.subscriber_id == Subscriber.id)
    if state is not None:
        frozen = frozen.join(Request, Request.id == Delivery.request_id)
        frozen = frozen.where(Request.state == state)
    with app.database.read() as session:
        return [str(address) for address in session.scalars(frozen)]


@contextmanager
def four(
    app: App,
    *commands: tuple[str, ...],
    before: Callable[[list[Runner]], None] = lambda _: None,
) -> Iterator[list[Runner]]:
    """Start processes, let all begin at once when the last is ready, and end them by all means."""
    with ExitStack() as stack:
        runners = [Runner(_started(stack, app, command), app.settings.root) for command in commands]
        for runner in runners:
            runner.get_ready()
        before(runners)
        for runner in runners:
            runner.go()
        yield runners


def _started(stack: ExitStack, app: App, command: tuple[str, ...]) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, *command],
        cwd=app.settings.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    # Closed after it was killed: leaving the process as a context waits for its end.
    stack.enter_context(process)
    stack.callback(process.kill)
    return process


def fill(database: Database, topics: list[str]) -> None:
    """Write readers straight into the tables; everybody gets a letter, of one edition or another."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    people = [
        {
            "id": number,
            "public_id": new_public_id(),
            "email": f"reader{number}@example.org",
            "address_key": f"reader{number}@example.org",
            "name": f"Reader {number}",
            "status": SubscriberStatus.ACTIVE,
            "follows_all": number % 10 == 0,
            "no_match": (NoMatch.NOTE, NoMatch.ALL)[number % 2],
            "created_at": at,
            "updated_at": at,
        }
        for number in range(1, READERS + 1)
    ]
    chosen = [
        {"subscriber_id": person["id"], "topic": topics[place % len(topics)], "begun_at": at}
        for place, person in enumerate(people)
        if not person["follows_all"]
    ]
    with database.write() as session:
        session.execute(insert(Subscriber), people)
        session.execute(insert(Preference), chosen)
