import pytest

from pprmail.model.breaker import Figures, reason_to_stop


def figures(outcomes: int, *, bounced: int = 0, complained: int = 0, deferred: int = 0) -> Figures:
    return Figures(outcomes, bounced, complained, deferred)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (figures(200, bounced=10), figures(200, bounced=11)),
        (figures(1000, complained=3), figures(1000, complained=4)),
        (figures(200, deferred=60), figures(200, deferred=61)),
    ],
)
def test_a_figure_may_reach_its_limit_and_not_pass_it(good: Figures, bad: Figures) -> None:
    assert reason_to_stop(good) is None
    assert reason_to_stop(bad) is not None


def test_fewer_than_two_hundred_outcomes_say_nothing() -> None:
    assert reason_to_stop(figures(199, bounced=199, complained=199, deferred=199)) is None
    assert reason_to_stop(figures(200, bounced=200)) is not None


def test_the_reason_names_every_figure_that_is_past_its_limit_with_that_limit() -> None:
    assert reason_to_stop(figures(250, bounced=30, complained=1, deferred=75)) == (
        "of 250 letters that were reported on, 30 bounced for good (12 %; the limit is 5 %), "
        "and 1 were called spam (0.4 %; the limit is 0.3 %)"
    )


def test_a_share_just_past_its_limit_is_not_shown_as_the_limit() -> None:
    assert "5.01 %; the limit is 5 %" in str(reason_to_stop(figures(10_000, bounced=501)))
