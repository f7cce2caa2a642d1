"""The commands for subscribers name every line that is refused, and programs can read the rest."""

from pathlib import Path
from typing import Any

import pytest

from cli.commanding import document as printed
from cli.commanding import ok, run

LIST = """email,name,topics,no_match,status,consent_source,consent_at
ada@example.org,Ada Moreau,Training;Empathy,skip,active,conference,2026-01-05
bo@example.org,,,,,,
"""
IN_SHORT = {"email", "name", "status", "end_reason", "topics", "no_match"}


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "letter"
    assert run("init", str(folder)).exit_code == 0
    monkeypatch.chdir(folder)
    (folder / "readers.csv").write_text(LIST)
    return folder


def test_a_list_comes_in_once() -> None:
    assert counts("import", "readers.csv") == "2 new, 0 changed, 0 unchanged, 0 refused\n"
    assert counts("import", "readers.csv") == "0 new, 0 changed, 2 unchanged, 0 refused\n"


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    result = run("subscribers", "import", "readers.csv", "--dry-run")
    assert result.stdout == "2 new, 0 changed, 0 unchanged, 0 refused\n"
    assert "A dry run: nothing was changed." in result.stderr
    assert document("list") == []


def test_refused_lines_are_named_end_with_a_failure_and_the_others_come_in(
    workspace: Path,
) -> None:
    (workspace / "readers.csv").write_text(LIST + "nobody,,,,,,\ncy@example.org,,Magic,,,,\n")
    result = run("subscribers", "import", "readers.csv")
    assert (result.exit_code, result.stdout) == (1, "2 new, 0 changed, 0 unchanged, 2 refused\n")
    assert "refused: readers.csv:line 4: “nobody” is no address" in result.stderr
    assert "refused: readers.csv:line 5: “Magic” is no topic" in result.stderr
    assert len(document("list")) == 2


def test_the_list_has_a_shape_for_programs_and_one_for_people() -> None:
    ok("subscribers", "import", "readers.csv")
    ada, bo = document("list")
    assert ada == {
        "email": "ada@example.org",
        "name": "Ada Moreau",
        "status": "active",
        "end_reason": None,
        "topics": ["Training", "Empathy"],
        "no_match": "skip",
    }
    assert (bo["status"], bo["topics"], set(bo)) == ("pending", [], IN_SHORT)
    shown = ok("subscribers", "list")
    assert "Training; Empathy" in shown
    assert "everything" in shown


def test_one_subscriber_is_shown_with_consents_and_letters() -> None:
    ok("subscribers", "import", "readers.csv")
    ada = document("show", "ADA@example.org")
    assert set(ada) == IN_SHORT | {"consents", "deliveries"}
    (consent,) = ada["consents"]
    assert consent["at"] == "2026-01-05T00:00:00+00:00"
    assert (consent["how"], ada["deliveries"]) == ("conference", [])
    assert "Consent: 2026-01-05T00:00:00+00:00  conference" in ok(
        "subscribers", "show", "ada@example.org"
    )


def test_one_subscriber_is_added_by_hand_and_waits_without_a_consent() -> None:
    ok("subscribers", "add", "cy@example.org", "--name", "Cy", "--topic", "Training")
    assert document("show", "cy@example.org")["status"] == "pending"
    ok("subscribers", "add", "cy@example.org", "--consent", "by telephone")
    cy = document("show", "cy@example.org")
    assert (cy["status"], cy["consents"][0]["how"]) == ("active", "by telephone")


def test_adding_someone_who_is_known_changes_only_what_is_given() -> None:
    ok("subscribers", "import", "readers.csv")
    assert counts("add", "ADA@example.org", "--name", "Ada M.") == (
        "0 new, 1 changed, 0 unchanged, 0 refused\n"
    )
    ada = document("list")[0]
    assert (ada["name"], ada["topics"], ada["no_match"]) == (
        "Ada M.",
        ["Training", "Empathy"],
        "skip",
    )


def test_a_subscription_that_ended_stays_ended() -> None:
    ok("subscribers", "import", "readers.csv")
    said = ok("subscribers", "end", "ada@example.org")
    assert said == "ada@example.org gets no more letters (editor).\n"
    ok("subscribers", "end", "ada@example.org")
    assert document("show", "ada@example.org")["end_reason"] == "editor"
    again = run("subscribers", "import", "readers.csv")
    assert again.exit_code == 1
    assert "a list brings nobody back" in again.stderr


def test_an_erased_subscriber_is_known_by_no_address_any_more() -> None:
    counts("import", "readers.csv")
    erased = run("subscribers", "erase", "ADA@example.org")
    assert erased.stdout == (
        "Erased: 1 addresses, 2 topics, 0 confirmations, 1 consents, 0 mails, 0 events.\n"
    )
    assert "Backups" in erased.stderr
    assert run("subscribers", "show", "ada@example.org").exit_code == 1
    assert [line["email"] for line in document("list")] == [None, "bo@example.org"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["import", "nowhere.csv"], ["nowhere.csv: can't be read: No such file"]),
        (["import", "wrong.csv"], ["wrong.csv:1: ", "(unknown: mail)", "→ the columns are email,"]),
        (["import", "quoted.csv"], ["quoted.csv:2: this is not CSV"]),
        (["add", "nobody"], ["refused: the address given: “nobody” is no address"]),
        (["add", "cy@example.org", "--topic", "Empaty"], ["did you mean “Empathy”?"]),
        (["show", "cy@example.org"], ["nobody has the address", "→ see: pprmail subscribers list"]),
        (["erase", "cy@example.org"], ["nobody has the address"]),
        (["end", "cy@example.org"], ["nobody has the address", "→ see: pprmail subscribers list"]),
    ],
)
def test_a_failure_names_its_place_and_its_remedy(
    workspace: Path, command: list[str], said: list[str]
) -> None:
    (workspace / "wrong.csv").write_text("mail,name\n")
    (workspace / "quoted.csv").write_text('email,name\nada@example.org,"Ada" M\n')
    result = run("subscribers", *command)
    assert result.exit_code == 1
    assert all(words in result.stderr for words in said), result.stderr
    assert document("list") == []


def counts(*command: str) -> str:
    return ok("subscribers", *command)


def document(*command: str) -> Any:
    return printed("subscribers", *command)
