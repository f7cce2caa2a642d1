"""A process killed at every point of a sending: nobody twice, nobody lost, every doubt listed.

`pprmail torture` plays the same, drawn by a seed; a test that fails shows the plan it played.
"""

from pathlib import Path

import pytest

from pprmail.cli.torture.plan import Plan, kill_sweep
from pprmail.cli.torture.play import play
from pprmail.cli.torture.points import POINTS
from pprmail.cli.torture.stage import Stage

HITS = (1, 2, 4)

SWEEP = [
    (database, plan)
    for database in ("sqlite", "postgres")
    for processes in (1, 2)
    for recalls in (True, False)
    for plan in kill_sweep(recalls=recalls, processes=processes, hits=HITS)
]


def named(case: object) -> str:
    if not isinstance(case, Plan):
        return str(case)
    fall, doubt = case.falls[-1], "recall" if case.recalls else "hold"
    return f"{doubt}-{case.processes}-{fall.point} ({fall.hit})"


def test_the_sweep_is_as_large_as_is_claimed_and_leaves_no_point_out() -> None:
    assert len(SWEEP) >= 400
    assert {fall.point for _, plan in SWEEP for fall in plan.falls} == set(POINTS)


@pytest.mark.parametrize(("database", "plan"), SWEEP, ids=named)
def test_killed_there_nobody_gets_it_twice_and_nobody_is_lost(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, plan: Plan
) -> None:
    stage: Stage = request.getfixturevalue(f"{database}_stage")
    outcome = play(stage, plan, tmp_path / "run")
    assert outcome.complaints == [], plan
    assert outcome.killed == len(plan.falls), plan
    doubts = outcome.verdict.status.doubts
    # Where doubts are recalled, none remains; where they are held, a kill leaves one at most for
    # each request that was under way.
    assert len(doubts) <= (0 if plan.recalls else plan.concurrency), plan
