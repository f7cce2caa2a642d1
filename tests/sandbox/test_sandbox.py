from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from pprmail.sandbox import Sandbox, SandboxError, SandboxOptions, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.conftest import CallerOf, MakeMessage, Receiver

IMPORTED = """
import sys
import pprmail.sandbox
names = [name for name in sys.modules if name.split(".")[0] == "pprmail"]
print(*[name for name in names if not (name + ".").startswith("pprmail.sandbox.")])
"""


def test_it_imports_nothing_else_of_the_house() -> None:
    program = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{IMPORTED}"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["pprmail"]


def test_with_real_time_and_usual_options_it_takes_mail_and_tells_of_it(
    ledger_path: Path, receiver: Receiver, caller_of: CallerOf, message: MakeMessage
) -> None:
    options = SandboxOptions(ledger_path=ledger_path, webhook_url=receiver.url)
    with Sandbox(options) as sandbox:
        assert caller_of(sandbox).send(message()).status == 202
        assert sandbox.wait_for_events(5)

    assert [each["event"] for each in receiver.events()] == ["processed", "delivered"]
    assert sandbox.ledger_path == ledger_path
    assert len(read_ledger(ledger_path).accepted) == 1


def test_a_free_port_is_found_and_a_taken_one_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    other = SandboxOptions(ledger_path=tmp_path / "other.jsonl", port=port)

    with pytest.raises(SandboxError, match=f"can't listen on 127.0.0.1:{port}"):
        Sandbox(other).start()


def test_before_the_start_there_is_no_url_but_a_key(ledger_path: Path) -> None:
    sandbox = Sandbox(SandboxOptions(ledger_path=ledger_path))

    assert sandbox.public_key
    assert not ledger_path.exists()
    with pytest.raises(SandboxError, match="has not been started"):
        _ = sandbox.url


def test_starting_and_stopping_twice_does_nothing_more(sandbox: Sandbox) -> None:
    url = sandbox.url
    sandbox.start()
    assert sandbox.url == url

    sandbox.stop()
    sandbox.stop()
    host, port = url.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


def test_serving_for_ever_ends_with_stop(sandbox: Sandbox) -> None:
    serving = threading.Thread(target=sandbox.serve_forever)
    serving.start()
    sandbox.stop()
    serving.join(5)

    assert not serving.is_alive()


def test_the_options_show_neither_key_nor_webhook(ledger_path: Path) -> None:
    options = SandboxOptions(
        ledger_path=ledger_path, api_key="SG.secret", webhook_url="http://127.0.0.1/token"
    )

    assert "secret" not in repr(options)
    assert "token" not in repr(options)
