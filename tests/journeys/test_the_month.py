"""A month by hand, as the operator's page tells it: every step a command of its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pprmail.cli import cli
from pprmail.shipped import shipped

LIST = """email,name,topics,no_match,status,consent_source,consent_at
ada@example.org,Ada Moreau,Training;Therapist Factors,note,active,conference,2026-01-05
bo@example.org,,,note,active,conference,2026-01-05
cy@example.org,Cy Petit,Placebo Effect,skip,active,conference,2026-01-05
di@example.org,Di Rossi,Placebo Effect,note,active,conference,2026-01-05
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "letter"
    assert run("init", str(folder)).exit_code == 0
    monkeypatch.chdir(folder)
    config = folder / "config.toml"
    text = config.read_text()
    text = text.replace('from_email = ""', 'from_email = "letter@example.org"')
    text = text.replace('postal_address = ""', 'postal_address = "1 Example Street"')
    config.write_text(text)
    (folder / "readers.csv").write_text(LIST)
    return folder


def test_a_new_workspace_is_private_and_starts_with_this_month(workspace: Path) -> None:
    config = workspace / "config.toml"
    assert config.stat().st_mode & 0o777 == 0o600
    assert 'secret_key = ""' not in config.read_text()
    assert 'first_month = ""' not in config.read_text()
    assert run("init", str(workspace)).exit_code == 1


def test_a_month_by_hand_ends_in_a_rehearsal_and_changes_nothing(workspace: Path) -> None:
    ok("summaries", "import", str(shipped("summaries")))
    ok("subscribers", "import", "readers.csv")
    assert "was made" in ok("issue", "assemble", "2026-11")
    preflight = json.loads(ok("issue", "check", "2026-11", "--json"))
    assert (preflight["ok"], preflight["errors"]) == (True, [])
    ok("issue", "preview", "2026-11", "--out", "preview")
    manifest = json.loads((workspace / "preview" / "manifest.json").read_text())
    assert sum(edition["subscribers"] for edition in manifest) == 3
    approved = ok("issue", "approve", "2026-11", "--by", "editor@example.org")
    status = issue_status()
    assert status["fingerprint"] in approved
    assert (status["state"], status["approved_by"]) == ("approved", "editor@example.org")
    said = ok("issue", "send", "2026-11")
    assert "3 letters written to" in said
    assert "Nothing left this machine" in said
    letters = sorted(path.name for path in (workspace / "outbox" / "2026-11").iterdir())
    assert letters == ["ada@example.org.eml", "bo@example.org.eml", "di@example.org.eml"]
    assert issue_status() == status


def test_the_default_month_is_the_oldest_that_was_begun(workspace: Path) -> None:
    ok("summaries", "import", str(shipped("summaries")))
    ok("issue", "assemble", "2026-11")
    ok("issue", "assemble", "2026-09")
    assert json.loads(ok("issue", "status", "--json"))["month"] == "2026-09"
    ok("issue", "skip", "2026-09")
    assert json.loads(ok("issue", "status", "--json"))["month"] == "2026-11"


def test_importing_twice_changes_nothing(workspace: Path) -> None:
    ok("summaries", "import", str(shipped("summaries")))
    before = ok("summaries", "list", "--json")
    said = ok("summaries", "import", str(shipped("summaries")))
    assert said.count("unchanged") == 10
    assert ok("summaries", "list", "--json") == before


def test_an_edit_after_the_approval_ends_it_and_sending_is_refused(workspace: Path) -> None:
    ok("summaries", "import", str(shipped("summaries")))
    ok("subscribers", "import", "readers.csv")
    ok("issue", "assemble", "2026-11")
    ok("issue", "approve", "2026-11", "--by", "editor@example.org")
    edited = workspace / "summaries" / "2026-11" / "videoconferencing.md"
    edited.parent.mkdir(parents=True)
    source = (shipped("summaries") / "2026-11" / "videoconferencing.md").read_text()
    edited.write_text(source.replace("long journeys", "very long journeys"))
    assert "differs" in ok("summaries", "import", str(edited))
    assert issue_status()["state"] == "approved"
    assert (
        "approval of 2026-11 has ended"
        in run("summaries", "import", str(edited), "--update").output
    )
    assert issue_status()["state"] == "draft"
    refused = run("issue", "send", "2026-11")
    assert (refused.exit_code, "is not approved" in refused.output) == (1, True)
    assert not (workspace / "outbox").exists()


def test_a_template_that_changes_after_the_approval_is_named(workspace: Path) -> None:
    ok("summaries", "import", str(shipped("summaries")))
    ok("subscribers", "import", "readers.csv")
    ok("issue", "assemble", "2026-11")
    ok("issue", "approve", "2026-11", "--by", "editor@example.org")
    own = workspace / "templates" / "email" / "letter" / "subject.txt"
    own.parent.mkdir(parents=True)
    own.write_text("News of {{ issue.month_in_words }}\n")
    refused = run("issue", "send", "2026-11")
    assert refused.exit_code == 1
    assert "template email/letter/subject.txt" in refused.output
    assert issue_status()["changed_since_approval"] == ["template email/letter/subject.txt"]


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        (["issue", "status", "2031-01"], 1, "there is no issue of 2031-01"),
        (["issue", "assemble", "2031-01"], 1, "there is no summary of 2031-01 yet"),
        (["issue", "assemble", "november"], 2, "write it as 2026-11"),
        (["issue", "approve", "2026-11"], 2, "--by"),
        (["issue", "schedule", "2026-11", "--at", "soon"], 2, "is no ISO time"),
        (["issue", "schedule", "2026-11", "--at", "9999-12-31T23:00"], 2, "is too far off"),
        (["issue", "resolve", "2026-11", "--request", "1", "--as", "maybe"], 2, "maybe"),
        (["summaries", "import", "nowhere"], 1, "there is no such file"),
        (["subscribers", "show", "nobody@example.org"], 1, "nobody has the address"),
        (["issue", "frobnicate"], 2, "frobnicate"),
        (["--config", "nowhere.toml", "issue", "list"], 1, "there is no such configuration"),
        (["issue", "list", "--config", "nowhere.toml"], 1, "there is no such configuration"),
    ],
)
def test_a_wrong_command_says_what_is_wrong_and_how_to_do_it(
    workspace: Path, command: list[str], status: int, said: str
) -> None:
    result = run(*command)
    assert result.exit_code == status, result.output
    assert said in " ".join(result.output.replace("│", " ").split())


def test_what_is_empty_or_blank_in_the_configuration_blocks_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok("init", str(tmp_path / "bare"))
    monkeypatch.chdir(tmp_path / "bare")
    ok("summaries", "import", str(shipped("summaries")))
    ok("issue", "assemble", "2026-11")
    checked = run("issue", "check", "2026-11", "--json")
    assert checked.exit_code == 1
    found = json.loads(checked.stdout)
    assert {error["where"] for error in found["errors"]} == {
        "[newsletter] from_email",
        "[newsletter] postal_address",
    }


def run(*command: str) -> Result:
    return CliRunner().invoke(cli, list(command))


def ok(*command: str) -> str:
    result = run(*command)
    assert result.exit_code == 0, (command, result.output, result.exception)
    return result.stdout


def issue_status() -> dict[str, Any]:
    status: dict[str, Any] = json.loads(ok("issue", "status", "2026-11", "--json"))
    return status
