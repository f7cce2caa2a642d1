"""The command: it tortures a copy, leaves the workspace alone, and says how to play a run again."""

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pprmail.bootstrap import open_app
from pprmail.cli import cli, torture
from pprmail.cli.demo_readers import fictional_readers
from pprmail.cli.torture.plan import drawn
from pprmail.cli.torture.play import Outcome, play
from pprmail.model.month import Month
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.topics import read_topics

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def workspace(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose issue is a draft, and whose own provider would be found out."""
    folder = tmp_path / "letter"
    make_workspace(
        folder,
        Month("2026-11"),
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("database", "url"): database_url,
            ("delivery", "sender"): "sendgrid",
            ("delivery", "allowed_recipients"): ["nobody@example.org"],
            ("sendgrid", "api_key"): "SG.real",
            ("sendgrid", "host"): NOWHERE,
        },
    )
    monkeypatch.chdir(folder)
    Path("readers.csv").write_text(fictional_readers(30, read_topics()))
    ok("summaries", "import", str(shipped("summaries")))
    ok("subscribers", "import", "readers.csv")
    ok("issue", "assemble", "2026-11")
    return folder


def test_it_tortures_a_copy_of_the_workspace_and_leaves_the_workspace_as_it_was(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(), files(workspace)
    monkeypatch.setenv("PPRMAIL_SENDGRID__HOST", NOWHERE)
    monkeypatch.setenv("PPRMAIL_DELIVERY__JOURNAL", str(workspace / "journal-of-ours"))
    result = pprmail("torture", "--seed", "11", "--runs", "2")
    assert result.exit_code == 0, result.output
    assert "2 runs, seeds 11 to 12" in result.output
    assert "0 twice, 0 lost in silence" in result.output
    monkeypatch.delenv("PPRMAIL_DELIVERY__JOURNAL")
    assert (rows(), files(workspace)) == before


def test_without_a_workspace_it_tortures_the_sample_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = pprmail("torture", "--seed", "3", "--runs", "1")
    assert (result.exit_code, list(tmp_path.iterdir())) == (0, []), result.output


def test_a_workspace_that_was_named_and_is_not_there_is_an_error(tmp_path: Path) -> None:
    result = pprmail("torture", "--config", str(tmp_path / "none.toml"), "--runs", "1")
    assert (result.exit_code, "no such configuration" in result.output) == (1, True)


def test_a_workspace_without_an_issue_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ok("init", ".")
    result = pprmail("torture", "--runs", "1")
    assert (result.exit_code, "pprmail issue assemble" in result.output) == (1, True), result.output


def test_a_broken_promise_fails_and_says_how_to_play_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(*given: object) -> Outcome:
        return replace(play(*given), complaints=["somebody got it twice"])  # type: ignore[arg-type]

    monkeypatch.setattr(torture, "play", spoilt)
    monkeypatch.chdir(tmp_path)
    result = pprmail("torture", "--seed", "8", "--runs", "1")
    assert result.exit_code == 1
    assert "seed 8: somebody got it twice" in result.output
    assert "pprmail torture --seed 8 --runs 1" in result.output
    assert str(drawn(8)) in result.output.replace("\n", " ")


def test_whoever_ends_it_early_hears_what_was_played_until_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(stage: Any, plan: Any, folder: Path) -> Outcome:
        if "run-9" in str(folder):
            os.kill(os.getpid(), signal.SIGTERM)
        return play(stage, plan, folder)

    monkeypatch.setattr(torture, "play", ended)
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    result = pprmail("torture", "--seed", "8", "--runs", "5")
    signal.signal(signal.SIGTERM, before)
    assert (result.exit_code, "1 runs, seeds 8 to 8" in result.output) == (0, True), result.output


def test_a_seed_draws_the_same_plan_each_time_and_seeds_draw_different_ones() -> None:
    assert [drawn(seed) for seed in range(50)] == [drawn(seed) for seed in range(50)]
    assert len({str(drawn(seed)).partition(";")[2] for seed in range(50)}) > 40


def rows() -> Sequence[object]:
    app = open_app(Path("config.toml"))
    try:
        with app.database.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT name, state, paused_at FROM issues").all()
            return [*found, *connection.exec_driver_sql("SELECT count(*) FROM deliveries").all()]
    finally:
        app.close()


def files(workspace: Path) -> set[str]:
    return {str(path.relative_to(workspace)) for path in workspace.rglob("*")}


def ok(*command: str) -> None:
    result = pprmail(*command)
    assert result.exit_code == 0, (command, result.output, result.exception)


def pprmail(*command: str) -> Result:
    return CliRunner().invoke(cli, list(command))
