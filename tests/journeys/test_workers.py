"""Dispatchers in processes of their own: one result, and an end without a doubt when told to end."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pprmail.bootstrap import open_app
from pprmail.cli import cli
from pprmail.cli.demo_readers import fictional_readers
from pprmail.model.month import Month
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.topics import read_topics

READERS = 300
BATCH = 5
LONG = 60.0
"""Seconds after which a test that waits has failed."""

Process = subprocess.Popen[bytes]


class Post:
    """What happens at the sandbox when it has taken a request, before it answers."""

    def __init__(self) -> None:
        self.does: Callable[[], object] = lambda: time.sleep(0.03)
        self.taken, self.go_on = Event(), Event()

    def hold(self) -> None:
        self.taken.set()
        assert self.go_on.wait(LONG)

    def __call__(self, _: object) -> None:
        self.does()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def sandbox(tmp_path: Path, post: Post) -> Iterator[Sandbox]:
    options = SandboxOptions(ledger_path=tmp_path / "ledger.jsonl", on_accept=post)
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture
def workspace(
    tmp_path: Path, sandbox: Sandbox, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An issue that was frozen by somebody who left all the rest to others."""
    folder = tmp_path / "letter"
    make_workspace(
        folder,
        Month("2026-11"),
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("database", "url"): database_url,
            ("delivery", "sender"): "sendgrid",
            ("delivery", "recall_window_minutes"): 0,
            ("delivery", "allowed_recipients"): ["*"],
            ("delivery", "batch_size"): BATCH,
            ("delivery", "concurrency"): 1,
            ("sendgrid", "api_key"): "SG.test",
            ("sendgrid", "host"): sandbox.url,
        },
    )
    monkeypatch.chdir(folder)
    Path("readers.csv").write_text(fictional_readers(READERS, read_topics()))
    ok("summaries", "import", str(shipped("summaries")))
    ok("subscribers", "import", "readers.csv")
    ok("issue", "assemble", "2026-11")
    ok("issue", "approve", "2026-11", "--by", "editor@example.org")
    app = open_app(Path("config.toml"))
    freeze(app.postroom, "2026-11", who="test", now=app.postroom.clock())
    app.close()
    return folder


def test_two_workers_share_what_was_begun_and_nobody_gets_it_twice(
    workspace: Path, sandbox: Sandbox, post: Post
) -> None:
    post.does = post.hold
    with running(workspace) as one, running(workspace) as other:
        # Whoever starts first sends no second request before the other has begun its first.
        wait_for(lambda: len(journals(workspace)) == 2)
        post.go_on.set()
        wait_for(lambda: status()["state"] == "sent")
        assert [worker.poll() for worker in (one, other)] == [None, None]
        for worker in (one, other):
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(LONG) for worker in (one, other)] == [0, 0]
    agrees_with_the_ledger(sandbox)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_a_worker_records_its_request_and_begins_no_other(
    workspace: Path, sandbox: Sandbox, post: Post, number: signal.Signals
) -> None:
    post.does = post.hold
    with running(workspace) as worker:
        assert post.taken.wait(LONG)
        worker.send_signal(number)
        time.sleep(0.3)
        assert worker.poll() is None
        post.go_on.set()
        assert worker.wait(LONG) == 0
    found = status()
    assert (found["requests"]["unknown"], found["requests"]["submitting"]) == (0, 0)
    assert (found["requests"]["accepted"], sandbox.counters.requests) == (1, 1)
    assert found["deliveries"]["pending"] > 0


def test_told_twice_it_ends_at_once_and_its_request_is_a_doubt_that_is_listed(
    workspace: Path, sandbox: Sandbox, post: Post
) -> None:
    post.does = post.hold
    with running(workspace) as worker:
        assert post.taken.wait(LONG)
        for _ in range(2):
            worker.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        assert worker.wait(5) == -signal.SIGTERM
    post.does = lambda: None
    post.go_on.set()
    assert pprmail("issue", "send", "2026-11").exit_code == 3
    found = status()
    assert (found["requests"]["unknown"], found["deliveries"]["pending"]) == (1, 0)
    assert (found["deliveries"]["held"], found["balanced"]) == (BATCH, True)


def test_a_worker_that_has_nothing_to_do_ends_as_soon_as_it_is_told(workspace: Path) -> None:
    ok("issue", "pause", "2026-11")
    with running(workspace) as worker:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(LONG) == 0
    assert status()["deliveries"]["accepted"] == 0


def agrees_with_the_ledger(sandbox: Sandbox) -> None:
    found = status()
    ledger = Counter(a.address for a in read_ledger(sandbox.ledger_path).acceptances())
    assert max(ledger.values()) == 1, "somebody got the letter twice"
    assert found["balanced"]
    assert found["deliveries"]["accepted"] == found["deliveries"]["frozen"] == len(ledger)


def journals(workspace: Path) -> set[Path]:
    return {path for path in (workspace / "journal").iterdir() if b'"intent"' in path.read_bytes()}


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ok("issue", "status", "2026-11", "--json"))
    return found


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@contextmanager
def running(workspace: Path) -> Iterator[Process]:
    """Run a worker that listens to signals until the block ends."""
    command = [sys.executable, "-m", "pprmail", "worker"]
    with subprocess.Popen(command, cwd=workspace, stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert b"Going on" in process.stderr.readline()
        try:
            yield process
        finally:
            process.kill()


def ok(*command: str) -> str:
    result = pprmail(*command)
    assert result.exit_code == 0, (command, result.output, result.exception)
    return result.stdout


def pprmail(*command: str) -> Result:
    return CliRunner().invoke(cli, list(command))
