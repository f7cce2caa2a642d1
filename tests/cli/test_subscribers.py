"""The commands for subscribers name every line that is refused, and programs can read the rest."""

import sqlite3
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
    assert set(ada) == IN_SHORT | {"consents", "deliveries", "provider"}
    (consent,) = ada["consents"]
    assert consent["at"] == "2026-01-05T05:00:00+00:00"
    assert (consent["how"], ada["deliveries"]) == ("conference", [])
    assert "Consent: 2026-01-05T05:00:00+00:00  conference" in ok(
        "subscribers", "show", "ada@example.org"
    )


def test_one_subscriber_is_added_by_hand_and_waits_without_a_consent() -> None:
    ok("subscribers", "add", "cy@example.org", "--name", "Cy", "--topic", "Training")
    assert document("show", "cy@example.org")["status"] == "pending"
    ok("subscribers", "add", "cy@example.org", "--consent", "by telephone")
    cy = document("show", "cy@example.org")
    (consent,) = cy["consents"]
    assert (cy["status"], consent["how"]) == ("active", "by telephone")
    assert consent["wording"] == "as stated by the operator"


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
        (["import", "wrong.csv", "--map", "mail"], ["--map: “mail” maps no column"]),
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


def test_a_long_report_shows_the_first_twenty_and_where_the_rest_is(workspace: Path) -> None:
    (workspace / "readers.csv").write_text("email\n" + "nobody\n" * 25 + "cy@example.org\n")
    result = run("subscribers", "import", "readers.csv", "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "1 new, 0 changed, 0 unchanged, 25 refused\n")
    assert result.stderr.count("refused: readers.csv:line") == 20
    assert "refused: 5 more; with --dry-run --json you see them all" in result.stderr
    report = document("import", "readers.csv", "--dry-run")
    assert (report["new"], len(report["refused"])) == (1, 25)
    assert report["refused"][24]["where"] == "readers.csv:line 26"


def test_a_list_of_another_system_comes_in_as_it_is_told(workspace: Path) -> None:
    text = "Courriel;Prénom;Nom;Statut;Note\r\nzoe@example.org;Zoé;Lefèvre;Désabonné;3\r\n"
    (workspace / "export.csv").write_bytes(text.encode("cp1252"))
    told = ("Courriel=email", "Prénom=name", "Nom=name", "Statut=status")
    options = [part for each in told for part in ("--map", each)]
    result = run("subscribers", "import", "export.csv", *options)
    assert (result.exit_code, result.stdout) == (0, "1 new, 0 changed, 0 unchanged, 0 refused\n")
    assert "Read as Windows-1252, semicolon between columns." in result.stderr
    assert "Columns left out: Note." in result.stderr
    assert "“Désabonné” was taken for ended (unsubscribed) in 1 lines." in result.stderr
    zoe = document("show", "zoe@example.org")
    assert (zoe["name"], zoe["end_reason"]) == ("Zoé Lefèvre", "unsubscribed")


def test_who_waits_though_the_list_says_active_is_named(workspace: Path) -> None:
    line = "cy@example.org,,,,active,member,2019-01-15,implied\n"
    (workspace / "old.csv").write_text(
        f"email,name,topics,no_match,status,consent_source,consent_at,consent_kind\n{line}"
    )
    result = run("subscribers", "import", "old.csv")
    assert result.exit_code == 0
    assert "waiting: old.csv:line 2: the implied consent of 2019-01-15 ended" in result.stderr
    assert document("show", "cy@example.org")["status"] == "pending"


def test_a_list_is_exported_once_and_can_be_imported_again(workspace: Path) -> None:
    ok("subscribers", "import", "readers.csv")
    assert ok("subscribers", "export", "out.csv") == "2 subscribers written to out.csv\n"
    assert counts("import", "out.csv") == "0 new, 0 changed, 2 unchanged, 0 refused\n"
    before = (workspace / "out.csv").read_bytes()
    again = run("subscribers", "export", "out.csv")
    assert again.exit_code == 1
    assert "out.csv: this file is there already" in again.stderr
    assert (workspace / "out.csv").read_bytes() == before


def test_the_ledger_of_consents_is_exported(workspace: Path) -> None:
    ok("subscribers", "import", "readers.csv")
    said = ok("subscribers", "export", "consents.csv", "--consents")
    assert said == "1 consents written to consents.csv\n"
    text = (workspace / "consents.csv").read_text(encoding="utf-8-sig")
    assert text.startswith("email,at,how,kind,page,wording,")
    assert "ada@example.org,2026-01-05T05:00:00+00:00,conference,express" in text


def counts(*command: str) -> str:
    return ok("subscribers", *command)


def document(*command: str) -> Any:
    return printed("subscribers", *command)


def test_who_waits_is_invited_once_a_day_and_a_second_time_is_refused_with_the_moment() -> None:
    ok("subscribers", "import", "readers.csv")
    said = ok("subscribers", "invite", "bo@example.org", "--by", "Dr. Moreau")
    assert said.startswith("An invitation to bo@example.org goes out with the next step")
    again = run("subscribers", "invite", "bo@example.org")
    assert again.exit_code == 1
    assert "invite again after" in again.stderr


def test_who_reads_already_is_not_invited() -> None:
    ok("subscribers", "import", "readers.csv")
    refused = run("subscribers", "invite", "ada@example.org")
    assert (refused.exit_code, "gets the letter already" in refused.stderr) == (1, True)


@pytest.mark.parametrize(("reason", "tells"), [("complained", True), ("unsubscribed", False)])
def test_showing_tells_when_the_provider_keeps_mail_from_an_address(
    workspace: Path, reason: str, tells: bool
) -> None:
    ok("subscribers", "import", "readers.csv")
    with sqlite3.connect(workspace / "pprmail.db") as connection:
        changed = "UPDATE subscribers SET status = 'ended', end_reason = ?"
        connection.execute(changed, (reason,))
    assert bool(document("show", "ada@example.org")["provider"]) is tells
    shown = run("subscribers", "show", "ada@example.org")
    assert ("suppression lists" in shown.stderr) is tells
    ok("subscribers", "invite", "ada@example.org", "--by", "Dr. Moreau")
    assert bool(document("show", "ada@example.org")["provider"]) is tells


def test_an_address_that_was_closed_is_opened_by_a_person_alone(workspace: Path) -> None:
    ok("subscribers", "import", "readers.csv")
    with sqlite3.connect(workspace / "pprmail.db") as connection:
        connection.execute("UPDATE subscribers SET status = 'ended', end_reason = 'complained'")
    for by in ((), ("--by", " ")):
        refused = run("subscribers", "invite", "ada@example.org", *by)
        assert (refused.exit_code, "--by NAME" in refused.stderr) == (1, True)
    ok("subscribers", "invite", "ada@example.org", "--by", "Dr. Moreau")
    with sqlite3.connect(workspace / "pprmail.db") as connection:
        lines = "SELECT who FROM audit_entries WHERE what = 'address released'"
        assert connection.execute(lines).fetchall() == [("cli: Dr. Moreau",)]
