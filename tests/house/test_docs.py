"""The documents say what there is, and nothing that there is not."""

import re
from pathlib import Path
from typing import Any

import typer.main

from pprmail.cli import cli
from pprmail.config import every_key

ROOT = Path(__file__).parents[2]
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CHANGELOG.md"]


def commands() -> dict[str, Any]:
    """Give every command of the program by its whole name."""
    return dict(_below("pprmail", typer.main.get_command(cli)))


def _below(name: str, command: Any) -> list[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(name, command)]
    return [pair for n, c in inner.items() for pair in _below(f"{name} {n}", c)]


def documented() -> dict[str, str]:
    """Give the row of every documented command by its whole name."""
    rows = re.findall(r"^\| `(pprmail [^`]+)`", COMMANDS, re.MULTILINE)
    return {re.split(r" (?=[\[A-Z-])", row)[0]: row for row in rows}


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    assert documented().keys() == commands().keys()


def test_every_option_is_documented_and_every_documented_one_exists() -> None:
    for name, command in commands().items():
        own = {o for p in command.params for o in p.opts if o.startswith("--")}
        shown = set(re.findall(r"--[a-z-]+", documented()[name]))
        assert shown == own - {"--config", "--help"}, name


def test_every_setting_is_documented_with_its_section() -> None:
    shown = set(re.findall(r"^\| `\[(\w+)\] (\w+)`", SETTINGS, re.MULTILINE))
    assert shown == set(every_key())


def test_every_setting_stands_in_the_example() -> None:
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    for section, key in every_key():
        assert re.search(rf"^\[{section}\]$(\n(?!\[).*)*^{key} = ", example, re.MULTILINE), key


def test_commands_that_pages_and_mails_tell_people_to_run_exist() -> None:
    mails = sorted((ROOT / "templates" / "email").rglob("*.txt"))
    known = commands().keys()
    for page in [*PAGES, *mails]:
        for told in re.findall(
            r"pprmail ((?:issue|summaries|subscribers|editors) [a-z]+)", page.read_text()
        ):
            assert f"pprmail {told}" in known, (page.name, told)


def test_no_link_between_pages_is_broken() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)|src=\"([^\":]+)\"", page.read_text()):
            path = page.parent / (target[0] or target[1])
            assert path.exists(), (page.name, path)


def test_every_decision_says_context_decision_and_consequences() -> None:
    for page in (ROOT / "docs" / "adr").glob("0*.md"):
        text = page.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), page
