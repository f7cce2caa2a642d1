import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from cli.commanding import run
from pprmail.sandbox import read_ledger

Running = subprocess.Popen[str]
Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start sandboxes in a folder of their own; what still runs at the end is killed."""
    command = [sys.executable, "-m", "pprmail", "sandbox", "--port", "0", "--webhook", ""]
    with ExitStack() as started:

        def begin(*options: str) -> Running:
            pipe = subprocess.PIPE
            process = started.enter_context(
                subprocess.Popen(
                    [*command, *options], cwd=tmp_path, stdout=pipe, stderr=pipe, text=True
                )
            )
            started.callback(process.kill)
            return process

        yield begin


def test_it_prints_what_to_configure_and_takes_mail_until_it_is_told_to_stop(
    start: Start, tmp_path: Path
) -> None:
    running = start()
    assert _send(_settings(running)) == 202
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=10) == 0
    ledger = read_ledger(tmp_path / "sandbox-ledger.jsonl")
    assert [a.address for a in ledger.acceptances()] == ["reader@example.org"]


def test_it_fails_as_a_file_says_and_reads_it_again_when_told(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text("[[faults]]\nanswer = 503")
    running = start("--faults", "faults.toml")
    said = _settings(running)
    _read_until(running, "It fails as faults.toml says (faults: 1). SIGHUP reads the file again.")
    assert _send(said) == 503

    file.write_text("[[faults]]\nanswer = 1")
    running.send_signal(signal.SIGHUP)
    _read_until(running, "what was read before still holds")
    assert _send(said) == 503

    file.write_text("[[faults]]\nrequests = 2\nanswer = 500")
    running.send_signal(signal.SIGHUP)
    _read_until(running, "It fails as faults.toml says (faults: 1).")
    assert [_send(said), _send(said)] == [202, 500]


def test_without_a_file_a_hang_up_ends_it_as_usual(start: Start) -> None:
    running = start()
    said = _settings(running)
    running.send_signal(signal.SIGHUP)
    assert running.wait(timeout=10) == 0
    assert said["api_key"] == "any"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[[faults]]\nanswr = 503", "fault 1: there is no `answr`: did you mean `answer`?"),
        ("[[faults]]\nanswer = 42", "fault 1: `answer` must be a status from 200 to 599, or one"),
        ("[[faults]", "Expected ']]'"),
    ],
)
def test_a_file_of_faults_that_cannot_be_meant_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("faults.toml").write_text(content)

    done = run("sandbox", "--port", "0", "--faults", "faults.toml")

    assert done.exit_code == 1
    assert done.stderr.startswith("! faults.toml: ")
    assert complaint in " ".join(done.stderr.split())
    assert not Path("sandbox-ledger.jsonl").exists()


def test_a_file_of_faults_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    done = run("sandbox", "--port", "0", "--faults", "none.toml")

    assert done.exit_code == 1
    assert "can't read none.toml: No such file or directory" in done.stderr


@pytest.mark.parametrize("webhook", ["https://example.org/hook", "nonsense"])
def test_events_are_posted_to_this_machine_alone(tmp_path: Path, webhook: str) -> None:
    command = [sys.executable, "-m", "pprmail", "sandbox", "--port", "0", "--webhook", webhook]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("! ")


def _send(said: dict[str, str]) -> int:
    body = {
        "from": {"email": "letter@example.org"},
        "subject": "A letter",
        "content": [{"type": "text/plain", "value": "Words."}],
        "personalizations": [{"to": [{"email": "reader@example.org"}]}],
    }
    headers = {"Authorization": f"Bearer {said['api_key']}", "Content-Type": "application/json"}
    request = Request(f"{said['host']}/v3/mail/send", json.dumps(body).encode(), headers)
    try:
        with urlopen(request) as response:
            status: int = response.status
    except HTTPError as error:
        error.close()
        status = error.code
    return status


def _settings(running: Running) -> dict[str, str]:
    assert running.stdout is not None
    found: dict[str, str] = {}
    for line in running.stdout:
        name, equals, value = line.strip().partition(" = ")
        if equals:
            found[name] = value.strip('"')
        if name == "webhook_public_key":
            break
    return found


def _read_until(running: Running, said: str) -> None:
    assert running.stderr is not None
    assert any(said in line for line in running.stderr), said
