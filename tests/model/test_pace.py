from datetime import datetime, timedelta

import pytest

from making import NOW
from pprmail.model.pace import Pace, span_in_words


def ago(seconds: int) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_the_pace_is_that_of_the_last_minutes() -> None:
    taken = [(ago(600), 100_000), (ago(60), 1000), (ago(30), 2000)]
    pace = Pace.of(taken, begun=ago(900), pending=10_000, now=NOW)
    assert (pace.a_minute, pace.seconds_left, pace.words) == (1000, 600, "about 10 minutes")


def test_nothing_is_promised_while_nothing_was_taken() -> None:
    pace = Pace.of([], begun=ago(5), pending=10, now=NOW)
    assert (pace.a_minute, pace.seconds_left, pace.words) == (0, None, "")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "less than a minute"), (60, "about 1 minute"), (7200, "about 2 hours")],
)
def test_a_span_is_written_as_roughly_as_it_is_known(seconds: int, words: str) -> None:
    assert span_in_words(seconds) == words
