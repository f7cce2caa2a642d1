from datetime import timedelta
from typing import Any

import pytest

from making import MASTHEAD, MONTH, NOW, a_summary, an_issue
from pprmail.model.issue import IssueState
from pprmail.model.standing import Facts, StageState, Standing, Step, stand

ZONE = MASTHEAD.zone


def standing(state: IssueState | None = None, *, held: int = 2, **known: Any) -> Standing:
    columns = known.pop("columns", {})
    summaries = [a_summary(f"Summary {n} of Some?") for n in range(held)]
    issue = an_issue(*summaries, state=state, **columns) if state else None
    return stand(Facts(MONTH, issue=issue, **known), ZONE)


def test_a_month_without_anything_asks_for_a_summary() -> None:
    found = standing()
    assert (found.sentence, found.step) == ("November 2026 has no summary yet.", Step.WRITE)


def test_a_month_with_summaries_says_when_it_assembles_itself() -> None:
    found = standing(summaries=2, assembles_at=NOW)
    assert found.step is Step.ASSEMBLE
    assert "two summaries" in found.sentence
    assert "Mon 23 November 2026, 09:00 EST" in found.sentence


@pytest.mark.parametrize(
    ("known", "step", "words"),
    [
        ({"errors": 2, "waiting": 1}, Step.MEND, "two things must be mended"),
        ({"waiting": 1}, Step.TICK, "one warning waits"),
        ({"was_approved": True}, Step.APPROVE, "approved again"),
        ({"readers": 812}, Step.APPROVE, "ready to be approved, for about 812 readers"),
    ],
)
def test_a_draft_names_what_stands_in_its_way(known: Any, step: Step, words: str) -> None:
    found = standing(IssueState.DRAFT, **known)
    assert found.step is step
    assert words in found.sentence


def test_an_approved_issue_says_when_it_goes_out_and_to_how_many() -> None:
    at = {"send_at": NOW + timedelta(days=8)}
    found = standing(IssueState.APPROVED, columns=at, readers=1812)
    assert found.sentence == (
        "The letter of November 2026 goes out on Tue 1 December 2026, 09:00 EST, to about 1,812 readers."
    )


def test_an_approval_that_holds_no_longer_says_why() -> None:
    found = standing(IssueState.APPROVED, changed=["the subject"])
    assert (found.step, "the subject" in found.sentence) == (Step.APPROVE, True)


def test_a_sending_that_rests_asks_for_a_decision() -> None:
    rests = {"paused_at": NOW, "pause_reason": "the account is out of credits"}
    found = standing(IssueState.SENDING, columns=rests)
    assert (found.step, "out of credits" in found.sentence) == (Step.DECIDE, True)


def test_the_stages_are_done_here_and_to_come() -> None:
    found = standing(IssueState.DRAFT, waiting=1)
    assert [stage.state for stage in found.stages] == [
        StageState.DONE,
        StageState.NOW,
        StageState.LATER,
        StageState.LATER,
    ]


def test_a_month_without_a_letter_has_no_stages() -> None:
    assert standing(IssueState.SKIPPED).stages == []
