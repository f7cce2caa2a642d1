"""The first day: an editor is added at the terminal, and comes in by the link that is printed."""

import json
import re
from pathlib import Path

import pytest

from cli.commanding import document, ok, run


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "letter"
    assert run("init", str(folder)).exit_code == 0
    monkeypatch.chdir(folder)
    return folder


def test_on_the_first_day_a_link_is_printed_and_mailed(workspace: Path) -> None:
    assert "Nobody is an editor yet" in ok("editors", "list")
    printed = ok("editors", "add", "ada@example.org", "--role", "admin", "--by", "op@example.org")
    (link,) = re.findall(r"^http://127\.0\.0\.1:8000/editor/invitation/\S{43}$", printed, re.M)
    ok("tick")
    (mail,) = (workspace / "outbox" / "service-mails").rglob("*.eml")
    assert link.rpartition("/")[2][:20] in mail.read_text().replace("=\n", "")
    (ada,) = document("editors", "list")
    assert (ada["email"], ada["role"], ada["joined_at"]) == ("ada@example.org", "admin", None)
    assert "is invited" in ok("editors", "list")


def test_a_second_link_is_another_one_and_the_role_stays() -> None:
    first = ok("editors", "add", "ada@example.org", "--role", "admin")
    second = ok("editors", "add", "ada@example.org")
    assert first.splitlines()[1] != second.splitlines()[1]
    assert "Nobody is an admin yet" not in run("editors", "add", "bo@example.org").stderr
    ok("editors", "remove", "bo@example.org")
    assert [editor["role"] for editor in document("editors", "list")] == ["admin"]


def test_who_is_no_address_and_who_is_no_editor_is_said() -> None:
    result = run("editors", "add", "ada")
    assert result.exit_code == 1
    assert "no address" in result.stderr
    result = run("editors", "remove", "ada@example.org")
    assert result.exit_code == 1
    assert "pprmail editors list" in result.stderr
    assert run("editors", "add", "ada@example.org", "--role", "boss").exit_code == 2


def test_where_nobody_is_an_admin_it_is_said() -> None:
    assert "Nobody is an admin yet" in run("editors", "add", "bo@example.org").stderr


def test_who_was_added_by_mistake_is_removed() -> None:
    ok("editors", "add", "ada@exmaple.org", "--role", "admin")
    assert "no editor any more" in ok("editors", "remove", "Ada@exmaple.org")
    assert json.loads(ok("editors", "list", "--json")) == []
