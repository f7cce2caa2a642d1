"""Figures are kept as long as they took to count allows, and no page waits for them twice."""

from datetime import timedelta
from threading import Event

import pytest

from making import NOW
from pprmail.errors import BeingCountedError
from pprmail.services.keeping import Keeping

PATIENT = 20.0
MINUTE = timedelta(minutes=1)


def test_figures_that_take_long_are_kept_for_a_while_and_quick_ones_never() -> None:
    kept, asked = Keeping(), list[int]()

    def slowly() -> int:
        asked.append(1)
        _ = sum(range(3_000_000))
        return len(asked)

    assert [kept.of("slow", slowly, now=NOW) for _ in range(2)] == [1, 1]
    assert kept.of("slow", slowly, now=NOW + timedelta(minutes=11)) == 2
    assert [kept.of("quick", lambda: len(asked), now=NOW) for _ in range(2)] == [2, 2]
    asked.clear()
    assert kept.of("quick", lambda: len(asked), now=NOW) == 0


def test_old_figures_are_given_at_once_while_newer_ones_are_counted() -> None:
    keeping, may_go_on, counts = Keeping(patience=0.01), Event(), iter(range(10))

    def count() -> int:
        may_go_on.wait(PATIENT)
        _ = sum(range(3_000_000))
        return next(counts)

    may_go_on.set()
    assert keeping.of("some", count, now=NOW) == 0
    may_go_on.clear()
    assert keeping.of("some", count, now=NOW + 9 * MINUTE) == 0
    may_go_on.set()
    keeping.patience = PATIENT
    assert keeping.of("some", count, now=NOW + 9 * MINUTE) == 1


def test_what_keeps_figures_from_being_counted_is_told_to_whoever_waits() -> None:
    with pytest.raises(ZeroDivisionError):
        Keeping().of("some", lambda: 1 // 0, now=NOW)


def test_figures_that_take_long_are_not_waited_for_and_then_kept_with_their_age() -> None:
    keeping, may_go_on = Keeping(patience=0.01), Event()
    counts = iter(range(10))

    def count() -> int:
        may_go_on.wait(PATIENT)
        return next(counts)

    assert keeping.look("some", count, now=NOW) is None
    may_go_on.set()
    patient = Keeping(PATIENT, keeping._kept, keeping._under_way, keeping._lock)
    first = patient.look("some", count, now=NOW)
    assert first is not None
    assert (first.figures, first.at) == (0, NOW)
    later = patient.look("some", count, now=NOW + timedelta(hours=1))
    assert later is not None
    assert (later.figures, later.at) == (1, NOW + timedelta(hours=1))


def test_nobody_who_is_in_a_hurry_waits_for_the_first_or_for_newer_figures() -> None:
    keeping, may_go_on, counts = Keeping(patience=0.01), Event(), iter(range(10))

    def count() -> int:
        may_go_on.wait(PATIENT)
        _ = sum(range(3_000_000))
        return next(counts)

    with pytest.raises(BeingCountedError):
        keeping.soon("some", count, now=NOW)
    may_go_on.set()
    keeping.patience = PATIENT
    assert keeping.soon("some", count, now=NOW) == 0
    keeping.patience = 0.01
    may_go_on.clear()
    assert keeping.soon("some", count, now=NOW + 9 * MINUTE) == 0
    with pytest.raises(BeingCountedError):
        keeping.soon("some", count, now=NOW + 10 * MINUTE)
    may_go_on.set()
    with pytest.raises(ZeroDivisionError):
        keeping.soon("other", lambda: 1 // 0, now=NOW)


def test_figures_that_fail_are_counted_anew() -> None:
    keeping = Keeping(PATIENT)

    def fail() -> int:
        raise ValueError("no disk")

    assert keeping.look("some", fail, now=NOW) is None
    again = keeping.look("some", lambda: 3, now=NOW)
    assert again is not None
    assert again.figures == 3
