"""Processes that are stopped past their lease and wake later: nobody twice, whatever they still do.

Six at once, each with one request under way, and each stopped at another point of it. Another
sender, in this process, goes on alone. Time is real but for an offset in a file, which grows
whenever that sender sleeps.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from making import MONTH, a_reader, a_summary, an_approved_issue
from pprmail.bootstrap import App, open_app
from pprmail.model.issue import IssueState
from pprmail.model.request import Request, RequestState
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sending.journal import is_abandoned
from pprmail.services.dispatch.run import Run, send_patiently
from pprmail.services.reports import status
from pprmail.services.workspace import make_workspace
from pprmail.storage.deliveries import requests_of
from pprmail.storage.issues import issue_named

BATCH = 4
READERS = [f"reader{number}@example.org" for number in range(8 * BATCH)]
A_WHILE = 5.0
LONG = 60.0
"""Seconds after which a test that waits has failed."""

TOO_LATE = "learned late: unreachable so much time passed after its claim that it was not made"
NOTED = (RequestState.RECALLED, "learned late: accepted")
PROVED = (RequestState.ACCEPTED, None)
BY_JOURNAL = (RequestState.ACCEPTED, "according to the journal")

POINTS = {
    # After the claim, before the POST; the second one's clock stands still meanwhile.
    "claimed": ("post", (RequestState.RECALLED, TOO_LATE), (RequestState.UNKNOWN, TOO_LATE)),
    "unaware": ("post", NOTED, PROVED),
    # After its last look at the clock, and still before the POST.
    "checked": ("before send", NOTED, PROVED),
    # After the provider took it and before the answer is read: there the sandbox stops it.
    "taken": ("nowhere", NOTED, PROVED),
    # After the answer; the second one has it in its journal, where the other sender finds it.
    "answered": ("after send", NOTED, PROVED),
    "journalled": ("record", BY_JOURNAL, BY_JOURNAL),
}
"""Where each stops itself, and what has become of its request when it has woken and ended: with a
recall window, and where doubts are held."""

DRIVER = """
import signal, sys, time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from pprmail import bootstrap
from pprmail.services.dispatch import run
offset, stops, opened = Path(sys.argv.pop(1)), [sys.argv.pop(1)], bootstrap.open_app

def stop_at(place):
    if place in stops:
        stops.remove(place)
        signal.raise_signal(signal.SIGSTOP)  # of this thread, which goes not one step further

def stopping(before, whole, after=""):
    def call(*given):
        stop_at(before)
        result = whole(*given)
        stop_at(after)
        return result
    return call

def open_and_wait(config):
    app = opened(config)
    print(app.postroom.journal.worker, flush=True)
    sys.stdin.readline()
    send = stopping("before send", app.postroom.sender.send, after="after send")
    clock = lambda: bootstrap.utc_now() + timedelta(seconds=float(offset.read_text() or 0))
    patched = replace(app.postroom, sender=SimpleNamespace(send=send), clock=clock)
    return replace(app, postroom=replace(patched, sleep=lambda _: time.sleep(0.05)))

run.post, run.record = stopping("post", run.post), stopping("record", run.record)
bootstrap.open_app = open_and_wait
from pprmail.cli import main
main()
"""
"""The command line, but that it waits at the line, and then stops itself once."""


@dataclass
class Clock:
    """The real time and an offset, for every process that reads the same file."""

    file: Path

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text()))

    def go_on(self, seconds: float) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(float(self.file.read_text()) + seconds))
        fresh.replace(self.file)


@dataclass
class Sleeper:
    """A process that will be stopped."""

    process: "subprocess.Popen[str]"
    worker: str = ""

    def begin(self) -> None:
        """Let it work until it is stopped."""
        assert self.process.stdin
        print("go", file=self.process.stdin, flush=True)
        self.wait_until_stopped()

    def stop(self) -> None:
        """Stop it from the sandbox, which answers only then."""
        self.process.send_signal(signal.SIGSTOP)
        self.wait_until_stopped()

    def wait_until_stopped(self) -> None:
        deadline, how = time.monotonic() + LONG, os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT
        while not (found := os.waitid(os.P_PID, self.process.pid, how)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert found.si_code == os.CLD_STOPPED, "it ended before it was stopped"

    def wake(self) -> int:
        """Let it go on, and give its exit status."""
        self.process.send_signal(signal.SIGCONT)
        return self.process.wait(LONG)


@dataclass
class Scene:
    """An approved issue, the processes that are stopped at it, and the sender that goes on."""

    app: App
    clock: Clock
    sleepers: dict[str, Sleeper] = field(default_factory=dict)
    looks: int = 0

    def requests(self) -> dict[str, Request]:
        """Give what each of the stopped processes has under way, or had."""
        with self.app.database.read() as session:
            mine = {r.worker: r for r in requests_of(session, issue_named(session, MONTH))}
        return {point: mine[one.worker] for point, one in self.sleepers.items()}

    def states(self) -> dict[str, RequestState]:
        return {point: request.state for point, request in self.requests().items()}

    def sleep(self, _: float) -> None:
        """Let time pass, and see that nobody touches what may still be under way."""
        for point, request in self.requests().items():
            if self.clock() <= request.lease_until:
                assert request.state is RequestState.SUBMITTING, point
                self.looks += 1
        self.clock.go_on(A_WHILE)

    def go_on_alone(self) -> IssueState:
        postroom = replace(self.app.postroom, clock=self.clock, sleep=self.sleep)
        return send_patiently(postroom, MONTH, who="the other", run=Run()).state


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    (tmp_path / "offset").write_text("0")
    return Clock(tmp_path / "offset")


@pytest.fixture
def to_stop() -> list[Sleeper]:
    return []


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock, to_stop: list[Sleeper]) -> Iterator[Sandbox]:
    def on_accept(_: object) -> None:
        for sleeper in to_stop:
            sleeper.stop()

    ledger = tmp_path / "ledger.jsonl"
    with Sandbox(SandboxOptions(ledger_path=ledger, clock=clock, on_accept=on_accept)) as sandbox:
        yield sandbox


@pytest.fixture
def app(tmp_path: Path, sandbox: Sandbox, database_url: str, window: int) -> Iterator[App]:
    """An approved issue, and as long a recall window as the test says."""
    config = make_workspace(
        tmp_path / "letter",
        MONTH,
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("database", "url"): database_url,
            ("delivery", "sender"): "sendgrid",
            ("delivery", "recall_window_minutes"): window,
            ("delivery", "allowed_recipients"): ["*"],
            ("delivery", "batch_size"): BATCH,
            ("delivery", "concurrency"): 1,
            ("sendgrid", "api_key"): "SG.test",
            ("sendgrid", "host"): sandbox.url,
        },
    )
    with closing(open_app(config)) as app:
        for address in READERS:
            a_reader(app.database, address)
        an_approved_issue(app.newsroom, a_summary())
        yield app


@pytest.fixture
def scene(app: App, clock: Clock, to_stop: list[Sleeper]) -> Iterator[Scene]:
    """All of them stopped, each at its point."""
    scene = Scene(app, clock)
    with ExitStack() as stack:
        for point in POINTS:
            scene.sleepers[point] = Sleeper(_started(stack, scene, point))
        for point, sleeper in scene.sleepers.items():
            assert sleeper.process.stdout
            sleeper.worker = sleeper.process.stdout.readline().strip()
            to_stop[:] = [sleeper] if point == "taken" else []
            sleeper.begin()
        yield scene


def _started(stack: ExitStack, scene: Scene, point: str) -> "subprocess.Popen[str]":
    offset = os.devnull if point == "unaware" else str(scene.clock.file)
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, offset, POINTS[point][0], "issue", "send", MONTH],
        cwd=scene.app.settings.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    stack.enter_context(process)
    stack.callback(process.kill)  # before that waits for its end
    return process


@pytest.mark.parametrize("window", [20])
def test_with_a_recall_window_everybody_gets_it_once_and_what_comes_late_is_only_noted(
    scene: Scene, sandbox: Sandbox, window: int
) -> None:
    assert scene.go_on_alone() is IssueState.SENT
    was_seen_as_alive_until_its_lease_was_over(scene)
    assert scene.states() == {point: state for point, (_, (state, _), _) in POINTS.items()}
    assert {sleeper.wake() for sleeper in scene.sleepers.values()} == {0}
    assert ends(scene) == {point: recalled for point, (_, recalled, _) in POINTS.items()}
    assert letters(scene, sandbox) == Counter(READERS)


@pytest.mark.parametrize("window", [0])
def test_with_holding_nobody_gets_it_twice_and_late_evidence_ends_a_doubt(
    scene: Scene, sandbox: Sandbox, window: int
) -> None:
    assert scene.go_on_alone() is IssueState.SENDING
    was_seen_as_alive_until_its_lease_was_over(scene)
    doubts = dict.fromkeys(POINTS, RequestState.UNKNOWN)
    assert scene.states() == doubts | {"journalled": RequestState.ACCEPTED}
    # Each ends with the one doubt that stays: the request that its maker knows it never made.
    assert {sleeper.wake() for sleeper in scene.sleepers.values()} == {3}
    assert ends(scene) == {point: held for point, (_, _, held) in POINTS.items()}
    found = letters(scene, sandbox)
    assert (max(found.values()), found.total()) == (1, len(READERS) - BATCH)


def was_seen_as_alive_until_its_lease_was_over(scene: Scene) -> None:
    lease = scene.app.postroom.rules.lease
    assert scene.looks > len(POINTS) * lease / timedelta(seconds=A_WHILE) / 2
    # The lock of its journal is held all the time, so that only the lease made it an orphan.
    folder = scene.app.settings.journal_directory
    assert not any(is_abandoned(folder, one.worker) for one in scene.sleepers.values())


def ends(scene: Scene) -> dict[str, tuple[RequestState, str | None]]:
    assert status(scene.app.newsroom, MONTH, now=scene.clock()).balanced
    return {point: (r.state, r.detail) for point, r in scene.requests().items()}


def letters(scene: Scene, sandbox: Sandbox) -> Counter[str]:
    """Count, by address, what left once its time had come."""
    scene.clock.go_on(3600)
    assert sandbox.wait_for_events(10)
    return Counter(each.address for each in read_ledger(sandbox.ledger_path).kept())
