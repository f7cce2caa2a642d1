"""An issue: which verb is allowed in which state, and how it takes in and orders summaries."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest

from making import NOW, a_summary, an_issue
from pprmail.errors import StateError
from pprmail.model.issue import (
    ENDED,
    MOST_SUMMARIES,
    MOVES,
    OPEN_TO_EDITS,
    Issue,
    IssueState,
)

TOMORROW = NOW + timedelta(days=1)
DRAFT, APPROVED, SENDING, SENT, CANCELLED, SKIPPED = IssueState
VERBS: dict[str, Callable[[Issue], object]] = {
    "approve": Issue.approve,
    "reopen": Issue.reopen,
    "schedule": lambda issue: issue.schedule(TOMORROW, now=NOW),
    "skip": Issue.skip,
    "begin_sending": lambda issue: issue.begin_sending(readers=3, topics=["empathy"], now=NOW),
    "pause": lambda issue: issue.pause(reason="a person", now=NOW),
    "resume": Issue.resume,
    "cancel": Issue.cancel,
    "finish": lambda issue: issue.finish(now=NOW),
}
ALLOWED = {
    (DRAFT, "approve"): APPROVED,
    (DRAFT, "skip"): SKIPPED,
    (APPROVED, "approve"): APPROVED,
    (APPROVED, "reopen"): DRAFT,
    (APPROVED, "schedule"): APPROVED,
    (APPROVED, "skip"): SKIPPED,
    (APPROVED, "begin_sending"): SENDING,
    (SENDING, "pause"): SENDING,
    (SENDING, "cancel"): CANCELLED,
    (SENDING, "finish"): SENT,
    # To fall back to draft is what a change of content does; elsewhere there is nothing to undo.
    **{(state, "reopen"): state for state in IssueState if state is not APPROVED},
}
"""Written out by hand, so that a change of the rules must be made twice."""
COLUMNS = [column.key for column in Issue.__table__.columns]


def _values(issue: Issue) -> dict[str, object]:
    return {name: getattr(issue, name) for name in COLUMNS}


@pytest.mark.parametrize(("state", "verb"), ALLOWED)
def test_an_allowed_verb_leads_to_one_state(state: IssueState, verb: str) -> None:
    issue = an_issue(state=state)
    VERBS[verb](issue)
    assert issue.state is ALLOWED[state, verb]


@pytest.mark.parametrize(
    ("state", "verb"), [pair for pair in product(IssueState, VERBS) if pair not in ALLOWED]
)
def test_any_other_verb_is_refused_and_changes_nothing(state: IssueState, verb: str) -> None:
    issue = an_issue(state=state)
    before = _values(issue)
    with pytest.raises(StateError, match=f"is {state}|not paused"):
        VERBS[verb](issue)
    assert _values(issue) == before


def test_a_sent_issue_can_not_be_approved() -> None:
    with pytest.raises(StateError, match="is sent and can't become approved"):
        an_issue(state=SENT).approve()


def test_no_move_leads_out_of_an_end() -> None:
    assert set(MOVES) == set(IssueState)
    assert {state for state in IssueState if not MOVES[state]} == ENDED
    assert not ENDED & OPEN_TO_EDITS


@pytest.mark.parametrize("state", list(IssueState))
def test_only_a_draft_or_an_approved_issue_may_change(state: IssueState) -> None:
    assert an_issue(state=state).may_change is (state in {DRAFT, APPROVED})


@pytest.mark.parametrize("verb", ["approve", "reopen", "skip"])
def test_what_undoes_an_approval_takes_the_issue_off_the_schedule(verb: str) -> None:
    issue = an_issue(state=APPROVED, send_at=TOMORROW)
    VERBS[verb](issue)
    assert issue.send_at is None


@pytest.mark.parametrize("early", [timedelta(0), timedelta(microseconds=1), timedelta(days=9)])
def test_a_moment_that_has_passed_is_refused(early: timedelta) -> None:
    issue = an_issue(state=APPROVED)
    with pytest.raises(StateError, match="has passed"):
        issue.schedule(NOW - early, now=NOW)
    assert issue.send_at is None


def test_a_freeze_writes_down_what_was_promised() -> None:
    issue = an_issue(state=APPROVED)
    issue.begin_sending(readers=3, topics=["empathy"], now=NOW)
    assert (issue.frozen_at, issue.frozen_readers, issue.topics) == (NOW, 3, ["empathy"])


def test_a_pause_keeps_its_first_moment_and_its_last_reason() -> None:
    issue = an_issue(state=SENDING)
    issue.pause(reason="bounces", now=NOW)
    issue.pause(reason="a person", now=TOMORROW)
    assert (issue.paused_at, issue.pause_reason) == (NOW, "a person")
    issue.resume()
    assert (issue.paused_at, issue.pause_reason, issue.state) == (None, None, SENDING)


@pytest.mark.parametrize("verb", ["cancel", "finish"])
def test_an_issue_that_has_ended_is_not_paused_any_more(verb: str) -> None:
    issue = an_issue(state=SENDING)
    issue.pause(reason="a person", now=NOW)
    VERBS[verb](issue)
    assert (issue.paused_at, issue.pause_reason) == (None, None)
    with pytest.raises(StateError, match="not paused"):
        issue.resume()


@pytest.mark.parametrize("state", list(IssueState))
def test_only_what_was_handed_over_can_be_undone(state: IssueState) -> None:
    issue = an_issue(state=state)
    if state not in {IssueState.SENDING, IssueState.SENT}:
        with pytest.raises(StateError, match="there is nothing to recall"):
            issue.undo(who="ada", now=NOW)
        assert issue.state is state
        return
    issue.undo(who="ada", now=NOW)
    found = (issue.state, issue.sent_at, issue.paused_at, issue.pause_reason)
    assert found == (IssueState.SENDING, None, NOW, "undone by ada")


def test_a_summary_is_taken_in_once_and_at_the_end() -> None:
    first, second = a_summary("First?"), a_summary("Second?")
    issue = an_issue(first)
    assert (issue.take_in(second), issue.take_in(first)) == (True, False)
    assert issue.summaries == [first, second]
    assert [entry.position for entry in issue.entries] == [0, 1]


def test_a_seventh_summary_is_refused() -> None:
    issue = an_issue(*(a_summary(f"Number {n}?") for n in range(MOST_SUMMARIES)))
    with pytest.raises(StateError, match="already holds 6 summaries"):
        issue.take_in(a_summary("One more?"))
    assert len(issue.entries) == MOST_SUMMARIES


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([], "abcd"),
        (["d"], "dabc"),
        (["c", "a"], "cabd"),
        (["d", "c", "b", "a"], "dcba"),
        (["none", "b"], "bacd"),
    ],
)
def test_summaries_that_an_order_does_not_name_keep_their_own(
    order: list[str], expected: str
) -> None:
    issue = an_issue(*(a_summary(title) for title in "abcd"))
    issue.put_in_order(order)
    assert "".join(summary.slug for summary in issue.summaries) == expected
    assert [entry.position for entry in issue.entries] == [0, 1, 2, 3]
