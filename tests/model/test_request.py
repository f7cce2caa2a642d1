"""A request: what may be learned of a call after what, and what never."""

from itertools import product

import pytest

from making import NOW
from pprmail.errors import StateError
from pprmail.model.request import RELEASING, Request, RequestState

SUBMITTING, ACCEPTED, REJECTED, NOT_SENT, UNKNOWN, RECALLED, REORDERED, SKIPPED = RequestState
ALLOWED = {
    (SUBMITTING, ACCEPTED),
    (SUBMITTING, REJECTED),
    (SUBMITTING, NOT_SENT),
    (SUBMITTING, UNKNOWN),
    (UNKNOWN, ACCEPTED),
    (UNKNOWN, RECALLED),
    (UNKNOWN, REORDERED),
    (UNKNOWN, SKIPPED),
    (SKIPPED, ACCEPTED),
}
PAIRS = [pair for pair in product(RequestState, repeat=2) if pair[0] is not pair[1]]


def _request(state: RequestState) -> Request:
    return Request(id=7, state=state, created_at=NOW)


@pytest.mark.parametrize(("state", "next_state"), sorted(ALLOWED))
def test_an_allowed_move_is_made(state: RequestState, next_state: RequestState) -> None:
    request = _request(state)
    assert request.move_to(next_state)
    assert request.state is next_state


@pytest.mark.parametrize(("state", "next_state"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_any_other_move_is_refused(state: RequestState, next_state: RequestState) -> None:
    request = _request(state)
    with pytest.raises(StateError, match=f"request 7 is {state} and can't become {next_state}"):
        request.move_to(next_state)
    assert request.state is state


@pytest.mark.parametrize("state", list(RequestState))
def test_learning_the_same_twice_changes_nothing(state: RequestState) -> None:
    request = _request(state)
    assert not request.move_to(state)
    assert request.state is state


@pytest.mark.parametrize("state", list(RequestState))
def test_only_what_was_accepted_can_be_taken_back(state: RequestState) -> None:
    request = _request(state)
    if state is ACCEPTED:
        request.take_back()
        assert (request.state, request.was_accepted) == (UNKNOWN, True)
        return
    with pytest.raises(StateError, match="can't be taken back"):
        request.take_back()
    assert (request.state, request.was_accepted) == (state, False)


def test_nothing_that_may_have_arrived_goes_free_without_a_person() -> None:
    # Letters go out once: deliveries of a call in doubt may be sent again by order alone.
    by_itself = {after for before, after in ALLOWED if before is SUBMITTING} & RELEASING
    assert by_itself == {NOT_SENT}
    assert not RELEASING & {SUBMITTING, ACCEPTED, REJECTED, UNKNOWN, SKIPPED}


def test_released_deliveries_are_never_claimed_back() -> None:
    # They may stand in another request by then, and would count twice.
    assert not [pair for pair in ALLOWED if pair[0] in RELEASING]
