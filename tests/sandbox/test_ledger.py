from __future__ import annotations

import http.client
import json
import os
import select
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pprmail.sandbox import Sandbox, SandboxError, SandboxOptions, read_ledger

if TYPE_CHECKING:
    from sandbox.conftest import Caller, MakeMessage, MakeSandbox

HEADERS = {"Authorization": "Bearer SG.key", "Content-Type": "application/json"}
PROGRAM = """
import resource, sys
from pathlib import Path
from pprmail.sandbox import Sandbox, SandboxOptions

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
sandbox = Sandbox(SandboxOptions(ledger_path=Path(sys.argv[1])))
sandbox.start()
print(sandbox.url, flush=True)
sandbox.serve_forever()
"""
Started = tuple[subprocess.Popen[str], http.client.HTTPConnection]
StartProcess = Callable[..., Started]


@pytest.fixture
def start_process(ledger_path: Path) -> Iterator[StartProcess]:
    """Start a sandbox in a process of its own whose files can't grow past a size."""
    started: list[subprocess.Popen[str]] = []

    def start(most_bytes: int = 1 << 30) -> Started:
        process = _spawn(ledger_path, most_bytes=most_bytes)
        started.append(process)
        assert process.stdout is not None
        host = process.stdout.readline().strip().removeprefix("http://")
        return process, http.client.HTTPConnection(host, timeout=10)

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _spawn(ledger_path: Path, *, most_bytes: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(ledger_path), str(most_bytes)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def _send(connection: http.client.HTTPConnection, body: object) -> http.client.HTTPResponse:
    connection.request("POST", "/v3/mail/send", json.dumps(body), HEADERS)
    response = connection.getresponse()
    response.read()
    return response


@pytest.mark.parametrize("readers", [1, 1000])
def test_a_kill_right_after_the_answer_keeps_the_line(
    start_process: StartProcess, message: MakeMessage, ledger_path: Path, readers: int
) -> None:
    process, connection = start_process()
    addresses = [f"reader{index}@example.org" for index in range(readers)]
    response = _send(connection, message(*addresses))
    process.send_signal(signal.SIGKILL)
    connection.close()
    process.wait()

    assert response.status == 202
    acceptances = read_ledger(ledger_path).acceptances()
    assert [each.address for each in acceptances] == addresses
    assert {each.x_message_id for each in acceptances} == {response.headers["X-Message-Id"]}


def test_no_answer_comes_before_the_disk_has_the_line(
    caller: Caller, message: MakeMessage, ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, gate, real_fsync = threading.Event(), threading.Event(), os.fsync

    def slow_fsync(file: int) -> None:
        reached.set()
        assert gate.wait(10)
        real_fsync(file)

    monkeypatch.setattr(os, "fsync", slow_fsync)
    connection = caller.connect()
    connection.request("POST", "/v3/mail/send", json.dumps(message()), HEADERS)
    assert reached.wait(10)

    assert len(read_ledger(ledger_path).accepted) == 1
    assert select.select([connection.sock], [], [], 0.1)[0] == []
    gate.set()
    assert connection.getresponse().status == 202
    connection.close()


def test_a_full_disk_gives_500_and_leaves_the_ledger_whole(
    start_process: StartProcess, message: MakeMessage, ledger_path: Path
) -> None:
    _, connection = start_process(2_000)
    many = message(*(f"reader{index}@example.org" for index in range(100)))

    statuses = [_send(connection, body).status for body in (message(), many, message())]
    connection.close()

    assert statuses == [202, 500, 202]
    entries = read_ledger(ledger_path).entries
    assert [entry["request"] for entry in entries] == [1, 3]
    assert ledger_path.stat().st_size < 2_000


def test_a_new_sandbox_goes_on_behind_a_torn_line(
    make_sandbox: MakeSandbox, ledger_path: Path, message: MakeMessage, caller: Caller
) -> None:
    caller.send(message("ada@example.org"))
    caller.sandbox.stop()
    with ledger_path.open("ab") as ledger:
        ledger.write(b'{"kind":"accep')

    caller.sandbox = make_sandbox()
    caller.send(message("ben@example.org"))

    acceptances = read_ledger(ledger_path).acceptances()
    assert [each.address for each in acceptances] == ["ada@example.org", "ben@example.org"]


def test_two_sandboxes_never_write_one_ledger(sandbox: Sandbox, ledger_path: Path) -> None:
    other = Sandbox(SandboxOptions(ledger_path=ledger_path))

    with pytest.raises(SandboxError, match="another sandbox writes the ledger"):
        other.start()


def test_only_its_owner_can_read_the_ledger(sandbox: Sandbox, ledger_path: Path) -> None:
    assert stat.S_IMODE(ledger_path.stat().st_mode) == 0o600
