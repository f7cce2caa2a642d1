"""Batches at a SendGrid of one's own, and at one that is not there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pprmail.sandbox import Sandbox, SandboxOptions
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.envelope import Answer, Recalled, Receipt
from sending.wire import Provider, answer, says

LATER = datetime(2999, 1, 1, tzinfo=UTC)
PAST = datetime(2020, 1, 1, tzinfo=UTC)
NOBODY = SendGridBatches(api_key="SG.test", host="http://127.0.0.1:1", timeout=1)


@pytest.fixture
def batches(tmp_path: Path) -> Iterator[SendGridBatches]:
    options = SandboxOptions(ledger_path=tmp_path / "ledger.jsonl")
    with Sandbox(options) as sandbox:
        yield SendGridBatches(api_key="SG.test", host=sandbox.url, timeout=5)


def test_every_batch_is_another(batches: SendGridBatches) -> None:
    names = {str(batches.new_batch()) for _ in range(3)}
    assert len(names) == 3
    assert all(batches.look(name, until=LATER) is Recalled.NO for name in names)


def test_a_batch_is_recalled_once_and_stays_so_when_asked_again(batches: SendGridBatches) -> None:
    name = str(batches.new_batch())
    assert [batches.recall(name, until=LATER) for _ in range(2)] == [Recalled.YES] * 2
    assert batches.look(name, until=LATER) is Recalled.YES


def test_a_batch_that_was_freed_is_not_recalled_any_more(batches: SendGridBatches) -> None:
    name = str(batches.new_batch())
    batches.recall(name, until=LATER)
    assert batches.free(name)
    assert batches.look(name, until=LATER) is Recalled.NO
    assert batches.free(name)


def test_an_eleventh_cancel_is_refused_and_said_to_be_none(batches: SendGridBatches) -> None:
    names = [str(batches.new_batch()) for _ in range(11)]
    answers = [batches.recall(name, until=LATER) for name in names]
    assert answers == [*[Recalled.YES] * 10, Recalled.NO]


def test_an_order_that_stands_too_late_by_the_provider_s_clock_is_not_believed(
    batches: SendGridBatches,
) -> None:
    name, other = str(batches.new_batch()), str(batches.new_batch())
    assert batches.recall(name, until=PAST) is Recalled.UNKNOWN
    assert batches.look(name, until=PAST) is Recalled.UNKNOWN
    assert batches.look(other, until=PAST) is Recalled.NO


def test_a_provider_that_is_not_there_leaves_everything_open() -> None:
    made = NOBODY.new_batch()
    assert isinstance(made, Receipt)
    assert (made.answer, "ConnectionRefused" in made.detail) == (Answer.UNREACHABLE, True)
    assert (NOBODY.recall("x", until=LATER), NOBODY.look("x", until=LATER)) == (
        Recalled.UNKNOWN,
        Recalled.UNKNOWN,
    )
    assert not NOBODY.free("x")


@pytest.mark.parametrize(
    "status", ["200 OK", "201 Created", "204 No Content", "500 Internal Server Error", "302 Found"]
)
def test_an_answer_that_says_nothing_settles_nothing(status: str) -> None:
    with Provider(says(answer(status))) as provider:
        odd = SendGridBatches(api_key="SG.test", host=provider.url, timeout=2)
        made = odd.new_batch()
        assert isinstance(made, Receipt)
        assert made.answer is Answer.UNREACHABLE
        assert odd.recall("x", until=LATER) is Recalled.UNKNOWN


def test_a_key_that_may_not_and_a_provider_that_is_busy_are_told_apart() -> None:
    errors = {"errors": [{"message": "no"}]}
    for status, expected in (("403 Forbidden", Answer.FORBIDDEN), ("429 Busy", Answer.BUSY)):
        with Provider(says(answer(status, errors))) as provider:
            made = SendGridBatches(api_key="k", host=provider.url, timeout=2).new_batch()
        assert isinstance(made, Receipt)
        assert made.answer is expected
