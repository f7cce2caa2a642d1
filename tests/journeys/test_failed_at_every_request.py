"""A provider that fails in every way, at the first, a middle and the last request."""

from pathlib import Path

import pytest

from pprmail.cli.torture.mishaps import MISHAPS
from pprmail.cli.torture.plan import Plan, fault_matrix
from pprmail.cli.torture.play import Outcome, play
from pprmail.cli.torture.stage import Stage

USUAL = 9
"""The requests that the sample month is sent in when nothing goes wrong."""

PLACES = (1, 5, USUAL)


def matrix(recalls: bool) -> list[Plan]:
    return fault_matrix(recalls=recalls, requests=PLACES)


def named(plan: Plan) -> str:
    (mishap,) = plan.mishaps
    return f"{mishap.kind} at {mishap.request}"


def test_undisturbed_the_month_goes_out_in_that_many_requests(
    sqlite_stage: Stage, tmp_path: Path
) -> None:
    outcome = play(sqlite_stage, Plan(), tmp_path / "run")
    assert (outcome.complaints, outcome.requests) == ([], USUAL)


@pytest.mark.parametrize("plan", matrix(recalls=True), ids=named)
def test_with_recall_everybody_gets_it_once_and_no_doubt_remains(
    sqlite_stage: Stage, tmp_path: Path, plan: Plan
) -> None:
    outcome = play(sqlite_stage, plan, tmp_path / "run")
    judged(outcome, plan)
    assert outcome.verdict.status.doubts == []


@pytest.mark.parametrize("plan", matrix(recalls=False), ids=named)
def test_without_recall_a_doubt_is_held_and_everybody_else_gets_it_once(
    sqlite_stage: Stage, tmp_path: Path, plan: Plan
) -> None:
    outcome = play(sqlite_stage, plan, tmp_path / "run")
    judged(outcome, plan)
    assert len(outcome.verdict.status.doubts) <= 1


def judged(outcome: Outcome, plan: Plan) -> None:
    kind = MISHAPS[plan.mishaps[0].kind]
    assert outcome.complaints == [], plan
    # After one that was too large, or refused without a name, none is larger than half of that.
    usual = outcome.verdict.letters if kind.halves else USUAL
    most = usual + kind.extra
    assert outcome.requests <= most, plan
