"""A sending that is killed again and again: nobody twice, nobody lost, every doubt listed."""

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pprmail.cli import cli
from pprmail.cli.demo_readers import fictional_readers
from pprmail.model.month import Month
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.topics import read_topics

KILLS = 10
READERS = 900
BATCH = 10
SEEDS = [1, 2]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(ledger_path=tmp_path / "ledger.jsonl")) as sandbox:
        yield sandbox


@pytest.fixture
def workspace(tmp_path: Path, sandbox: Sandbox) -> Path:
    """An approved issue for some 800 readers, who are written to ten at a time."""
    folder = tmp_path / "letter"
    make_workspace(
        folder,
        Month("2026-11"),
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("delivery", "sender"): "sendgrid",
            ("delivery", "recall_window_minutes"): 0,
            ("delivery", "allowed_recipients"): ["*"],
            ("delivery", "batch_size"): BATCH,
            ("sendgrid", "api_key"): "SG.test",
            ("sendgrid", "host"): sandbox.url,
        },
    )
    (folder / "readers.csv").write_text(fictional_readers(READERS, read_topics()))
    ok(folder, "summaries", "import", str(shipped("summaries")))
    ok(folder, "subscribers", "import", str(folder / "readers.csv"))
    ok(folder, "issue", "assemble", "2026-11")
    ok(folder, "issue", "approve", "2026-11", "--by", "editor@example.org")
    return folder


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_again_and_again_nobody_gets_it_twice_and_nobody_is_lost(
    workspace: Path, sandbox: Sandbox, seed: int
) -> None:
    draw = Random(seed)
    for _ in range(KILLS):
        _kill_after(workspace, sandbox, requests=draw.randint(1, 5), seconds=draw.random() / 50)
    ended = pprmail(workspace, "issue", "send", "2026-11")
    status = _status(workspace)
    assert ended.exit_code == (3 if status["requests"]["unknown"] else 0), ended.output
    _agrees_with_the_ledger(workspace, sandbox, status)


def test_two_sendings_at_once_make_disjoint_requests_and_one_result(
    workspace: Path, sandbox: Sandbox
) -> None:
    both = [_begin(workspace) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    status = _status(workspace)
    assert (status["state"], status["requests"]["unknown"]) == ("sent", 0)
    _agrees_with_the_ledger(workspace, sandbox, status)


def test_told_to_stop_it_leaves_no_doubt_and_goes_on_when_asked(
    workspace: Path, sandbox: Sandbox
) -> None:
    _send_at_once(workspace, 1)
    process = _begin(workspace)
    _wait_for(sandbox, process, sandbox.counters.accepted + 5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 1
    status = _status(workspace)
    assert (status["requests"]["unknown"], status["requests"]["submitting"]) == (0, 0)
    assert status["deliveries"]["pending"] > 0
    _send_at_once(workspace, BATCH)
    ok(workspace, "issue", "send", "2026-11")
    _agrees_with_the_ledger(workspace, sandbox, _status(workspace))


def _send_at_once(workspace: Path, readers: int) -> None:
    config = workspace / "config.toml"
    text = re.sub(r"(?m)^batch_size = .*", f"batch_size = {readers}", config.read_text())
    config.write_text(text)


def _kill_after(workspace: Path, sandbox: Sandbox, *, requests: int, seconds: float) -> None:
    process = _begin(workspace)
    _wait_for(sandbox, process, sandbox.counters.accepted + requests)
    time.sleep(seconds)
    process.kill()
    process.wait()


def _wait_for(sandbox: Sandbox, process: "subprocess.Popen[bytes]", accepted: int) -> None:
    deadline = time.monotonic() + 60
    while sandbox.counters.accepted < accepted and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _agrees_with_the_ledger(workspace: Path, sandbox: Sandbox, status: dict[str, Any]) -> None:
    deliveries, requests = status["deliveries"], status["requests"]
    ledger = Counter(a.address for a in read_ledger(sandbox.ledger_path).acceptances())
    assert max(ledger.values()) == 1, "somebody got the letter twice"
    assert status["balanced"]
    assert (deliveries["pending"], deliveries["in_flight"]) == (0, 0)
    assert deliveries["frozen"] == deliveries["accepted"] + deliveries["held"]
    # Whoever is not in the ledger is in a doubt that is listed, and in nothing else.
    assert deliveries["accepted"] <= len(ledger) <= deliveries["frozen"]
    assert (deliveries["held"] > 0) == (requests["unknown"] > 0)
    doubts = pprmail(workspace, "issue", "status", "2026-11").stderr
    assert doubts.count("is in doubt") == requests["unknown"]


def _begin(workspace: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pprmail", "issue", "send", "2026-11"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=workspace, stdout=quiet)


def _status(workspace: Path) -> dict[str, Any]:
    status: dict[str, Any] = json.loads(ok(workspace, "issue", "status", "2026-11", "--json"))
    return status


def ok(workspace: Path, *command: str) -> str:
    done = pprmail(workspace, *command)
    assert done.exit_code == 0, (command, done.output, done.exception)
    return done.stdout


def pprmail(workspace: Path, *command: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(workspace / "config.toml"), *command])
