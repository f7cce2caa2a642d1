"""The commands that undo a sending and tell one reader's story, through a local SendGrid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.commanding import document, ok, run
from pprmail.bootstrap import open_app, utc_now
from pprmail.model.correction import CorrectionKind
from pprmail.model.month import Month
from pprmail.sandbox import Sandbox, SandboxOptions
from pprmail.services.corrections import add_note, corrections_of, draft_letter
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped

READERS = """email,name,topics,status,consent_source,consent_at
ada@example.org,Ada Moreau,Training,active,conference,2026-01-05
bo@example.org,,,active,conference,2026-01-05
"""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where the configuration of a workspace with an approved issue is, as an option."""
    with Sandbox(SandboxOptions(ledger_path=tmp_path / "ledger.jsonl")) as sandbox:
        folder = tmp_path / "letter"
        settings: dict[tuple[str, str], str | int | list[str]] = {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("delivery", "sender"): "sendgrid",
            ("delivery", "allowed_recipients"): ["*"],
            ("sendgrid", "api_key"): "SG.test",
            ("sendgrid", "host"): sandbox.url,
        }
        config = make_workspace(folder, Month("2026-11"), settings)
        (folder / "readers.csv").write_text(READERS)
        at = ("--config", str(config))
        ok("summaries", "import", str(shipped("summaries")), *at)
        ok("subscribers", "import", str(folder / "readers.csv"), *at)
        ok("issue", "assemble", "2026-11", *at)
        ok("issue", "approve", "2026-11", "--by", "editor@example.org", *at)
        yield at


def test_approving_again_prints_the_yes_that_stands_and_when_the_letter_goes_out(
    at: tuple[str, str],
) -> None:
    before = document("issue", "status", "2026-11", *at)
    ok("issue", "schedule", "2026-11", "--at", "2099-12-01T09:00", *at)
    said = ok("issue", "approve", "2026-11", "--by", "second@example.org", *at)
    assert "2026-11 is approved by editor@example.org." in said
    assert f"fingerprint {before['fingerprint']}" in said.replace("\n", " ")
    assert "Goes out on Tue 1 December 2099" in said
    assert document("issue", "status", "2026-11", *at)["send_at"] is not None


def test_what_was_just_sent_is_undone_and_cancelled(at: tuple[str, str]) -> None:
    ok("issue", "send", "2026-11", *at)
    assert document("issue", "status", "2026-11", *at)["state"] == "sent"
    said = ok("issue", "undo", "2026-11", *at)
    assert "2026-11 is paused. The letters to 2 readers are recalled." in said
    status = document("issue", "status", "2026-11", *at)
    assert (status["state"], status["deliveries"]["pending"]) == ("sending", 2)
    assert "2 readers will not be written to" in ok("issue", "cancel", "2026-11", *at)


def test_what_can_t_be_recalled_is_said_with_a_status_of_its_own(
    at: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPRMAIL_DELIVERY__RECALL_WINDOW_MINUTES", "0")
    ok("issue", "send", "2026-11", *at)
    undone = run("issue", "undo", "2026-11", *at)
    assert undone.exit_code == 3
    assert "sent without a recall window" in " ".join(undone.stderr.split())


def test_an_issue_that_was_not_sent_can_t_be_undone(at: tuple[str, str]) -> None:
    undone = run("issue", "undo", "2026-11", *at)
    assert undone.exit_code == 1
    assert "there is nothing to recall" in " ".join(undone.stderr.split())


def test_one_reader_s_story_is_told_to_people_and_to_programs(at: tuple[str, str]) -> None:
    ok("issue", "send", "2026-11", *at)
    said = " ".join(ok("issue", "why", "2026-11", "ada@example.org", *at).split())
    assert "2026-11 for Ada Moreau: accepted" in said
    assert "because you follow Training" in said
    story = json.loads(ok("issue", "why", "2026-11", "ada@example.org", "--json", *at))
    assert (story["outcome"], story["doubt"], len(story["story"])) == ("accepted", None, 3)
    assert run("issue", "why", "2026-11", "nobody@example.org", *at).exit_code == 1


def test_a_correction_is_steered_by_its_name_like_any_issue(at: tuple[str, str]) -> None:
    name, holders = a_correction(at)
    assert document("issue", "check", name, *at)["errors"] == []
    ok("issue", "approve", name, "--by", "editor@example.org", *at)
    ok("issue", "send", name, *at)
    status = document("issue", "status", name, *at)
    assert (status["month"], status["state"], status["balanced"]) == (name, "sent", True)
    report = document("issue", "report", name, *at)
    assert [(e["edition"], e["readers"]) for e in report["by_edition"]] == [(1, holders)]
    assert run("issue", "skip", name, *at).exit_code == 2
    assert "2026-11-c1 for a correction" in run("issue", "status", "2026-11-x", *at).stderr


def a_correction(at: tuple[str, str], *, holders: int | None = None) -> tuple[str, int]:
    """Send November and draft a correction; give its name and how many readers it goes to."""
    ok("issue", "send", "2026-11", *at)
    app = open_app(Path(at[1]))
    _, corrected = corrections_of(app.newsroom, "2026-11", now=utc_now())
    found = next(each for each in corrected if holders in {None, each.holders})
    about: dict[str, Any] = {
        "about": found.summary.slug,
        "said": (CorrectionKind.CORRECTION, "It was 0.27."),
        "by": "e@example.org",
        "now": utc_now(),
    }
    noted = add_note(app.newsroom, "2026-11", **about)
    letter = draft_letter(app.newsroom, noted.id, by="e", now=utc_now())
    app.close()
    return letter.name, found.holders


def test_a_correction_is_tested_as_one_who_gets_it_and_refused_as_one_who_does_not(
    at: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPRMAIL_OPERATOR__EMAIL", "me@example.net")
    name, _ = a_correction(at, holders=1)
    test = ("issue", "test", name, "--to", "me@example.net", "--as")
    assert "me@example.net: accepted" in ok(*test, "bo@example.org", *at)
    refused = run(*test, "ada@example.org", *at)
    assert refused.exit_code == 1
    assert "gets no letter: holds no letter with this summary" in " ".join(refused.output.split())


def test_a_test_goes_to_an_address_of_one_s_own_and_to_no_other(
    at: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPRMAIL_OPERATOR__EMAIL", "me@example.net")
    test = ("issue", "test", "2026-11", "--to")
    assert "me@example.net: accepted" in ok(*test, "me@example.net", "--as", "ada@example.org", *at)
    refused = run(*test, "ada@example.org", *at)
    assert refused.exit_code == 1
    assert "own addresses" in refused.output
    status = document("issue", "status", "2026-11", *at)
    assert (status["state"], status["deliveries"]["frozen"]) == ("approved", 0)
