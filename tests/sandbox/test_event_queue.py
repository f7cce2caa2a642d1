import json
from datetime import UTC, datetime, timedelta

import pytest

from pprmail.sandbox import event_queue
from pprmail.sandbox.event_queue import MOST_BYTES, EventQueue

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def test_only_what_is_due_is_taken_and_in_order() -> None:
    queue = EventQueue(events_per_post=10)
    queue.put([{"n": 3}], due=LATER)
    queue.put([{"n": 1}, {"n": 2}], due=NOON)

    [bundle] = queue.take_due(NOON)
    assert json.loads(bundle.body) == [{"n": 1}, {"n": 2}]
    [bundle] = queue.take_due(LATER)
    assert json.loads(bundle.body) == [{"n": 3}]


def test_a_bundle_has_one_event_a_line_and_ends_in_a_line_break() -> None:
    queue = EventQueue(events_per_post=10)
    queue.put([{"b": 1, "a": "é"}, {"c": 2}], due=NOON)

    [bundle] = queue.take_due(NOON)
    assert bundle.body == b'[{"a":"\\u00e9","b":1},\r\n{"c":2}]\r\n'


def test_bundles_keep_to_the_number_and_the_size() -> None:
    few = EventQueue(events_per_post=2)
    few.put([{"n": each} for each in range(5)], due=NOON)
    heavy = EventQueue(events_per_post=1000)
    heavy.put([{"n": "x" * 300_000} for _ in range(5)], due=NOON)

    assert [bundle.count for bundle in few.take_due(NOON)] == [2, 2, 1]
    bundles = heavy.take_due(NOON)
    assert [bundle.count for bundle in bundles] == [2, 2, 1]
    assert all(len(bundle.body) <= MOST_BYTES for bundle in bundles)


def test_what_stands_between_the_events_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_queue, "MOST_BYTES", 100)
    queue = EventQueue(events_per_post=1000)
    queue.put([{"n": 1}] * 100, due=NOON)

    bundles = queue.take_due(NOON)
    assert sum(bundle.count for bundle in bundles) == 100
    assert 90 <= max(len(bundle.body) for bundle in bundles) <= 100


def test_an_event_is_pending_until_it_is_settled() -> None:
    queue = EventQueue(events_per_post=10)
    queue.put([{}, {}], due=NOON)
    assert (queue.pending(), queue.has_due(NOON)) == (2, True)

    [bundle] = queue.take_due(NOON)
    queue.put_back(bundle, next_try=LATER)
    assert (queue.pending(), queue.has_due(NOON)) == (2, True)
    assert queue.take_due(NOON) == []

    [again] = queue.take_due(LATER)
    assert (again.body, again.tries) == (bundle.body, 1)
    queue.settle(again)
    assert (queue.pending(), queue.has_due(LATER)) == (0, False)


def test_what_is_due_later_is_pending_but_not_due() -> None:
    queue = EventQueue(events_per_post=10)
    queue.put([{}], due=LATER)

    assert (queue.pending(), queue.has_due(NOON)) == (1, False)
