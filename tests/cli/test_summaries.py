"""The commands for summaries say what they did, and programs can read it."""

from pathlib import Path
from typing import Any

import pytest

from cli.commanding import document, ok, run

SHAPE = {
    "slug",
    "month",
    "title",
    "citation",
    "doi",
    "type_of_research",
    "topics",
    "body",
    "implications",
    "warnings",
    "reference",
}
SOURCE = """---
title: "{title}"
month: "2026-11"
citation: "Doe, J. (2021). A study of something. Journal of Studies, 5(2), 10–20."
topics: [Training]
---

{body}

## Practice Implications

What to do.
"""


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "letter"
    assert run("init", str(folder)).exit_code == 0
    monkeypatch.chdir(folder)
    written("one.md", "One?")
    written("two.md", "Two?")
    return folder


def test_a_dry_run_names_what_would_come_and_changes_nothing() -> None:
    result = run("summaries", "import", "summaries", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["new        2026-11  One?", "new        2026-11  Two?"]
    assert "A dry run: nothing was changed." in result.stderr
    assert document("summaries", "list") == []


def test_a_dry_run_for_programs_prints_strictly_what_would_be_imported() -> None:
    dry_run = ("summaries", "import", "summaries", "--dry-run")
    assert slugs(document(*dry_run)) == ["one", "two"]
    assert set(document(*dry_run)[0]) == SHAPE
    ok("summaries", "import", "summaries")
    assert document(*dry_run) == document(*dry_run, "--update") == []
    written("one.md", "One?", body="Other words.")
    written("three.md", "Three?")
    assert slugs(document(*dry_run)) == ["three"]
    coming = document(*dry_run, "--update")
    assert (slugs(coming), coming[1]["body"]) == (["three", "one"], "Other words.")
    assert slugs(document("summaries", "list")) == ["one", "two"]


def test_an_import_prints_for_programs_what_came_in_and_nothing_else() -> None:
    command = ("summaries", "import", "summaries")
    assert slugs(document(*command)) == ["one", "two"]
    assert document(*command) == []
    written("one.md", "One?", body="Other words.")
    assert document(*command) == []
    assert slugs(document(*command, "--update")) == ["one"]


def test_an_issue_text_is_no_summary_that_would_be_imported(workspace: Path) -> None:
    text = workspace / "summaries" / "2026-11" / "issue.md"
    text.parent.mkdir()
    text.write_text("Hello.\n")
    ok("summaries", "import", "summaries")
    text.write_text("Good day.\n")
    assert document("summaries", "import", "summaries", "--dry-run", "--update") == []


def test_what_differs_is_shown_and_kept_until_update_replaces_it() -> None:
    ok("summaries", "import", "summaries")
    written("one.md", "One?", body="Other words.")
    kept = run("summaries", "import", "summaries")
    assert "differs    one  (summaries/one.md)" in kept.stdout
    assert "      - Some words.\n      + Other words." in kept.stdout
    assert "import again with --update" in kept.stderr
    assert document("summaries", "show", "one")["body"] == "Some words."
    assert "replaced   one" in ok("summaries", "import", "summaries", "--update")
    assert document("summaries", "show", "one")["body"] == "Other words."


def test_topics_and_a_type_are_added_to_every_entry() -> None:
    added = ("--topic", "empathy", "--type", "meta-analysis")
    coming = document("summaries", "import", "summaries", "--dry-run", *added)
    assert [entry["topics"] for entry in coming] == [["Training", "Empathy"]] * 2
    assert {entry["type_of_research"] for entry in coming} == {"Meta-analysis"}


def test_list_and_show_have_one_shape() -> None:
    ok("summaries", "import", "summaries")
    first, _ = document("summaries", "list")
    assert set(first) == SHAPE
    assert document("summaries", "show", "one") == first
    assert (first["month"], first["topics"]) == ("2026-11", ["Training"])
    assert first["reference"]["year"] == 2021
    assert ok("summaries", "show", "one").startswith("One?\n2026-11 · no type of research\n")
    assert "Two?" in ok("summaries", "list")


def test_what_is_exported_comes_back(workspace: Path) -> None:
    ok("summaries", "import", "summaries")
    assert ok("summaries", "export", "out") == "2 summaries written to out\n"
    assert sorted(p.name for p in (workspace / "out" / "2026-11").iterdir()) == ["one.md", "two.md"]
    assert ok("summaries", "import", "out").count("unchanged") == 2


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["import", "nowhere.md"], ["nowhere.md: there is no such file or folder"]),
        (["import", "config.toml"], ["config.toml: this kind of file can't be read", "→ name"]),
        (["import", "summaries", "--topic", "Empaty"], ["--topic: ", "→ did you mean “Empathy”?"]),
        (["import", "summaries", "--type", "Rumour"], ["--type: ", "→ the types are"]),
        (["show", "three"], ["there is no summary “three”", "→ see: pprmail summaries list"]),
        (["export", "config.toml"], ["config.toml/2026-11/", "can't be written", "→ check"]),
    ],
)
def test_a_failure_names_its_place_and_its_remedy(command: list[str], said: list[str]) -> None:
    ok("summaries", "import", "summaries")
    result = run("summaries", *command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert all(words in result.stderr for words in said), result.stderr


def test_one_bad_file_keeps_all_out_and_every_bad_place_is_named(workspace: Path) -> None:
    written("two.md", "", body="Words.")
    (workspace / "summaries" / "three.md").write_text("---\ntitle: [\n---\n")
    result = run("summaries", "import", "summaries")
    assert result.exit_code == 1
    assert "2 places can't be read; nothing was imported" in result.stderr
    assert "summaries/two.md:" in result.stderr
    assert "summaries/three.md:" in result.stderr
    assert document("summaries", "list") == []


def written(name: str, title: str, *, body: str = "Some words.") -> None:
    Path("summaries", name).write_text(SOURCE.format(title=title, body=body))


def slugs(summaries: list[dict[str, Any]]) -> list[str]:
    return [summary["slug"] for summary in summaries]
