"""The clock by cron: `pprmail tick`, again and again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from typer.testing import CliRunner

from pprmail.cli import cli
from pprmail.model.month import Month
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped

ASSEMBLY = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
SENDING = datetime(2026, 11, 10, 14, 0, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(ledger_path=tmp_path / "ledger.jsonl")) as sandbox:
        yield sandbox


@pytest.fixture
def workspace(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "letter"
    make_workspace(
        folder,
        Month("2026-11"),
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("operator", "email"): "operator@example.org",
            ("delivery", "sender"): "sendgrid",
            ("delivery", "recall_window_minutes"): 0,
            ("delivery", "allowed_recipients"): ["*"],
            ("sendgrid", "api_key"): "SG.test",
            ("sendgrid", "host"): sandbox.url,
        },
    )
    monkeypatch.chdir(folder)
    ok("summaries", "import", str(shipped("summaries")))
    ok("subscribers", "add", "reader@example.org", "--consent", "in person")
    return folder


def test_a_month_goes_by_itself_but_for_the_approval(workspace: Path, sandbox: Sandbox) -> None:
    at(ASSEMBLY - timedelta(minutes=1), "tick")
    assert ok("issue", "list", "--json").strip() == "[]"
    at(ASSEMBLY, "tick")
    at(ASSEMBLY, "tick")
    at(SENDING + timedelta(days=1), "tick")
    assert _addresses(sandbox) == ["operator@example.org"]
    at(ASSEMBLY, "issue", "approve", "2026-11", "--by", "editor@example.org")
    assert "Tue 10 November 2026, 09:00 EST" in at(ASSEMBLY, "issue", "schedule", "2026-11")
    at(SENDING - timedelta(minutes=1), "tick")
    assert _addresses(sandbox) == ["operator@example.org"]
    at(SENDING, "tick")
    at(SENDING, "tick")
    assert _addresses(sandbox) == ["operator@example.org", "reader@example.org"]
    assert json.loads(ok("issue", "status", "2026-11", "--json"))["state"] == "sent"


def test_ticks_of_several_processes_at_once_give_one_issue_and_one_mail(
    workspace: Path, sandbox: Sandbox
) -> None:
    def tick(_: int) -> int:
        command = [sys.executable, "-m", "pprmail", "tick"]
        return subprocess.run(command, cwd=workspace, capture_output=True, check=False).returncode

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(tick, range(4))) == {0}
    issues = json.loads(ok("issue", "list", "--json"))
    assert len({issue["month"] for issue in issues}) == len(issues) >= 1
    announced = _addresses(sandbox)
    assert announced == ["operator@example.org"] * len(issues)


def at(moment: datetime, *command: str) -> str:
    with time_machine.travel(moment, tick=False):
        return ok(*command)


def ok(*command: str) -> str:
    result = CliRunner().invoke(cli, list(command))
    assert result.exit_code == 0, (command, result.output, result.exception)
    return result.stdout


def _addresses(sandbox: Sandbox) -> list[str]:
    return [a.address for a in read_ledger(sandbox.ledger_path).acceptances()]
