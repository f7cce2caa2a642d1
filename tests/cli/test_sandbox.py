import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from pprmail.sandbox import read_ledger


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "pprmail", "sandbox", "--port", "0", "--webhook", ""]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_it_prints_what_to_configure_and_takes_mail_until_it_is_told_to_stop(
    running: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    said = _settings(running)
    body = {
        "from": {"email": "letter@example.org"},
        "subject": "A letter",
        "content": [{"type": "text/plain", "value": "Words."}],
        "personalizations": [{"to": [{"email": "reader@example.org"}]}],
    }
    headers = {"Authorization": f"Bearer {said['api_key']}", "Content-Type": "application/json"}
    request = Request(f"{said['host']}/v3/mail/send", json.dumps(body).encode(), headers)
    assert urlopen(request).status == 202
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=10) == 0
    ledger = read_ledger(tmp_path / "sandbox-ledger.jsonl")
    assert [a.address for a in ledger.acceptances()] == ["reader@example.org"]


@pytest.mark.parametrize("webhook", ["https://example.org/hook", "nonsense"])
def test_events_are_posted_to_this_machine_alone(tmp_path: Path, webhook: str) -> None:
    command = [sys.executable, "-m", "pprmail", "sandbox", "--port", "0", "--webhook", webhook]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("! ")


def _settings(running: "subprocess.Popen[str]") -> dict[str, str]:
    assert running.stdout is not None
    found: dict[str, str] = {}
    for line in running.stdout:
        name, equals, value = line.strip().partition(" = ")
        if equals:
            found[name] = value.strip('"')
        if name == "webhook_public_key":
            break
    return found
