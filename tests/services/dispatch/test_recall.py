"""Recall and undo, against a SendGrid of one's own that keeps letters until their time."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from making import MONTH, NOW, a_newsroom, a_postroom, a_reader, a_summary, an_approved_issue
from pprmail.errors import StateError
from pprmail.model.issue import IssueState
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.envelope import Answer, Envelope, Recalled, Receipt
from pprmail.sending.sendgrid import SendGridSender
from pprmail.services import steering
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import MOST_AT_ONCE, Undone, recall_doubts, undo
from pprmail.services.dispatch.run import Run, send, send_patiently
from pprmail.services.dispatch.settle import resolve
from pprmail.services.reports import IssueStatus, status
from pprmail.storage.database import Database

READERS = [f"r{number}@example.org" for number in range(10)]
WINDOW = timedelta(minutes=20)


@dataclass
class Clock:
    """One clock for us and for the provider; it goes on when somebody sleeps."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Lossy:
    """Hands requests on, or not, and loses the answers of those that are listed by number."""

    sender: SendGridSender
    answers_lost: set[int] = field(default_factory=set)
    requests_lost: set[int] = field(default_factory=set)
    made: int = 0

    def send(self, envelope: Envelope) -> Receipt:
        """Make a request."""
        self.made += 1
        if self.made in self.requests_lost:
            return Receipt(Answer.UNKNOWN, "lost on the way there")
        receipt = self.sender.send(envelope)
        lost = self.made in self.answers_lost
        return Receipt(Answer.UNKNOWN, "lost on the way back") if lost else receipt


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(ledger_path=tmp_path / "ledger.jsonl", clock=clock)) as sandbox:
        yield sandbox


@pytest.fixture
def sender(sandbox: Sandbox) -> Lossy:
    return Lossy(SendGridSender(api_key="SG.test", host=sandbox.url, timeout=5))


@pytest.fixture
def postroom(
    database: Database, tmp_path: Path, sandbox: Sandbox, sender: Lossy, clock: Clock
) -> Postroom:
    """A postroom with an approved issue for ten readers, who are written to four at a time."""
    newsroom = a_newsroom(database)
    for address in READERS:
        a_reader(database, address)
    an_approved_issue(newsroom, a_summary())
    postroom = a_postroom(newsroom, tmp_path, sender, batch_size=4)
    rules = replace(postroom.rules, recall_window=WINDOW)
    batches = SendGridBatches(api_key="SG.test", host=sandbox.url, timeout=5)
    return replace(postroom, rules=rules, recaller=batches, clock=clock, sleep=clock.sleep)


def test_a_doubt_is_recalled_and_its_readers_are_written_to_again_once(
    postroom: Postroom, sender: Lossy, sandbox: Sandbox, clock: Clock
) -> None:
    sender.answers_lost, sender.requests_lost = {1}, {2}
    assert send_patiently(postroom, MONTH, who="test", run=Run()).state is IssueState.SENT
    found = stand(postroom)
    assert (found.equation.accepted, found.balanced) == (10, True)
    assert (found.requests["recalled"], found.requests["accepted"]) == (2, 3)
    assert out(sandbox, clock) == Counter(READERS)


def test_a_doubt_is_left_alone_as_long_as_its_request_may_be_under_way(
    postroom: Postroom, sender: Lossy, clock: Clock
) -> None:
    sender.requests_lost = {1}
    send(postroom, MONTH, who="test", run=Run())
    clock.sleep(postroom.rules.lease.total_seconds() - 1)
    assert recall_doubts(postroom, now=clock()) == 0
    clock.sleep(2)
    assert recall_doubts(postroom, now=clock()) == 1
    assert recall_doubts(postroom, now=clock()) == 0
    assert stand(postroom).equation.pending == 4


def test_a_doubt_that_can_t_be_recalled_any_more_is_held(
    postroom: Postroom, sender: Lossy, sandbox: Sandbox, clock: Clock
) -> None:
    sender.answers_lost = {1}
    send(postroom, MONTH, who="test", run=Run())
    clock.sleep(10 * 60)
    assert recall_doubts(postroom, now=clock()) == 0
    found = stand(postroom)
    assert (found.equation.held, found.requests["unknown"]) == (4, 1)
    assert out(sandbox, clock) == Counter(READERS)


def test_where_doubts_are_to_be_held_none_is_recalled(
    postroom: Postroom, sender: Lossy, clock: Clock
) -> None:
    sender.answers_lost = {1}
    holding = replace(postroom, rules=replace(postroom.rules, recalls_doubts=False))
    issue = send_patiently(holding, MONTH, who="test", run=Run())
    clock.sleep(5 * 60)
    assert recall_doubts(holding, now=clock()) == 0
    assert (issue.state, stand(postroom).equation.held) == (IssueState.SENDING, 4)


def test_a_recall_whose_answer_was_lost_is_found_out_while_there_is_time(
    postroom: Postroom, sender: Lossy, sandbox: Sandbox, clock: Clock
) -> None:
    sender.answers_lost = {1}
    send(postroom, MONTH, who="test", run=Run())
    clock.sleep(5 * 60)
    deaf = replace(postroom, recaller=Deaf(postroom.recaller))
    assert recall_doubts(deaf, now=clock()) == 0
    clock.sleep(4 * 60)
    assert recall_doubts(postroom, now=clock()) == 1
    assert send(postroom, MONTH, who="test", run=Run()).state is IssueState.SENT
    assert out(sandbox, clock) == Counter(READERS)


@pytest.mark.parametrize("minutes", [5, 11])
def test_an_order_that_nobody_saw_standing_in_time_leaves_a_doubt(
    postroom: Postroom, sender: Lossy, sandbox: Sandbox, clock: Clock, minutes: int
) -> None:
    sender.answers_lost = {1}
    send(postroom, MONTH, who="test", run=Run())
    clock.sleep(5 * 60)
    deaf = replace(
        postroom, recaller=Deaf(postroom.recaller, delay=lambda: clock.sleep(60 * minutes))
    )
    assert recall_doubts(deaf, now=clock()) == 0
    clock.sleep(11 * 60)
    assert recall_doubts(postroom, now=clock()) == 0
    found = stand(postroom)
    assert (found.equation.held, found.requests["unknown"]) == (4, 1)
    assert all(count == 1 for count in out(sandbox, clock).values())


def test_a_clock_that_went_back_takes_nothing_back_that_has_left(
    postroom: Postroom, sandbox: Sandbox, clock: Clock
) -> None:
    send(postroom, MONTH, who="test", run=Run())
    assert out(sandbox, clock) == Counter(READERS)
    ours = replace(postroom, clock=lambda: clock() - timedelta(minutes=60))
    undone_by(ours, clock)
    steering.resume(postroom.newsroom, MONTH, who="test", now=clock())
    send(ours, MONTH, who="test", run=Run())
    assert out(sandbox, clock) == Counter(READERS)


def test_without_a_batch_nothing_is_claimed(postroom: Postroom, sender: Lossy) -> None:
    broken = SendGridBatches(api_key="SG.test", host="http://127.0.0.1:1", timeout=1)
    issue = send(replace(postroom, recaller=broken), MONTH, who="test", run=Run())
    assert "3 requests in a row failed" in str(issue.pause_reason)
    assert (sender.made, stand(postroom).equation.pending) == (0, 10)


def test_a_key_that_may_make_no_batch_pauses_at_once(postroom: Postroom, tmp_path: Path) -> None:
    options = SandboxOptions(ledger_path=tmp_path / "other.jsonl", api_key="SG.another")
    with Sandbox(options) as strict:
        wrong = SendGridBatches(api_key="SG.test", host=strict.url, timeout=5)
        issue = send(replace(postroom, recaller=wrong), MONTH, who="test", run=Run())
    assert "(401)" in str(issue.pause_reason)


def test_an_undo_recalls_every_letter_that_has_not_left(
    postroom: Postroom, sandbox: Sandbox, clock: Clock
) -> None:
    send(postroom, MONTH, who="test", run=Run())
    undone = undone_by(postroom, clock)
    assert (undone.readers, undone.kept) == (10, [])
    found = stand(postroom)
    assert (found.issue.state, found.issue.pause_reason) == (IssueState.SENDING, "undone by test")
    assert (found.equation.pending, found.balanced, found.requests["recalled"]) == (10, True, 3)
    _, spared = steering.cancel(postroom.newsroom, MONTH, who="test", now=clock())
    assert (spared, out(sandbox, clock)) == (10, Counter())


def test_what_was_undone_can_be_sent_after_all_and_reaches_everybody_once(
    postroom: Postroom, sandbox: Sandbox, clock: Clock
) -> None:
    send(postroom, MONTH, who="test", run=Run())
    undone_by(postroom, clock)
    steering.resume(postroom.newsroom, MONTH, who="test", now=clock())
    assert send(postroom, MONTH, who="test", run=Run()).state is IssueState.SENT
    assert out(sandbox, clock) == Counter(READERS)


def test_an_undo_that_comes_too_late_says_what_it_could_not_recall(
    postroom: Postroom, sandbox: Sandbox, clock: Clock
) -> None:
    send(postroom, MONTH, who="test", run=Run())
    clock.sleep(10 * 60)
    undone = undone_by(postroom, clock)
    assert (undone.readers, [request.size for request, _ in undone.kept]) == (0, [4, 4, 2])
    assert {why for _, why in undone.kept} == {"its letters have left, or are about to"}
    assert stand(postroom).equation.accepted == 10
    assert out(sandbox, clock) == Counter(READERS)


def test_an_undo_recalls_no_more_at_once_than_the_provider_keeps(
    postroom: Postroom, clock: Clock
) -> None:
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1))
    send(one_each, MONTH, who="test", run=Run())
    undone = undone_by(one_each, clock)
    assert (undone.readers, len(undone.kept)) == (MOST_AT_ONCE, 2)
    found = stand(postroom).equation
    assert (found.pending, found.accepted, found.balances) == (8, 2, True)


def test_an_undo_that_gets_no_answer_leaves_doubts_which_are_settled_later(
    postroom: Postroom, sandbox: Sandbox, clock: Clock
) -> None:
    send(postroom, MONTH, who="test", run=Run())
    undone = undone_by(replace(postroom, recaller=Deaf(postroom.recaller)), clock)
    assert (undone.readers, len(undone.kept)) == (0, 3)
    assert stand(postroom).requests["unknown"] == 3
    clock.sleep(5 * 60)
    assert recall_doubts(postroom, now=clock()) == 3
    assert out(sandbox, clock) == Counter()


def test_what_an_undo_began_too_late_is_accepted_again(
    postroom: Postroom, sandbox: Sandbox, clock: Clock
) -> None:
    send(postroom, MONTH, who="test", run=Run())
    undone_by(replace(postroom, recaller=Deaf(postroom.recaller, hears=False)), clock)
    clock.sleep(15 * 60)
    assert recall_doubts(postroom, now=clock()) == 0
    found = stand(postroom)
    assert (found.equation.accepted, found.requests["unknown"]) == (10, 0)
    assert out(sandbox, clock) == Counter(READERS)


def test_what_was_not_sent_can_t_be_undone(postroom: Postroom, clock: Clock) -> None:
    with pytest.raises(StateError, match="nothing to recall"):
        undone_by(postroom, clock)


def test_a_person_may_decide_before_the_recall_does(
    postroom: Postroom, sender: Lossy, clock: Clock
) -> None:
    sender.answers_lost = {1}
    send(postroom, MONTH, who="test", run=Run())
    (doubt,) = stand(postroom).doubts
    resolve(postroom, MONTH, doubt.id, order="accepted", who="editor")
    clock.sleep(5 * 60)
    assert recall_doubts(postroom, now=clock()) == 0
    assert stand(postroom).issue.state is IssueState.SENT


def test_cancels_whose_time_is_over_make_room_for_new_ones(
    postroom: Postroom, clock: Clock
) -> None:
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1))
    send(one_each, MONTH, who="test", run=Run())
    undone_by(one_each, clock)
    clock.sleep(2 * 3600)
    steering.resume(postroom.newsroom, MONTH, who="test", now=clock())
    lossy = replace(one_each, sender=Lossy(one_each.sender, answers_lost={1}))  # type: ignore[arg-type]
    assert send_patiently(lossy, MONTH, who="test", run=Run()).state is IssueState.SENT
    assert stand(postroom).requests["recalled"] == MOST_AT_ONCE + 1


@dataclass
class Deaf:
    """Passes orders on, or not even that, and hears no answer, after whatever delay."""

    recaller: object
    hears: bool = True
    delay: Callable[[], object] = lambda: None

    def new_batch(self) -> str | Receipt:
        return Receipt(Answer.UNREACHABLE)

    def recall(self, batch_id: str, *, until: datetime) -> Recalled:
        self.delay()
        if self.hears:
            self.recaller.recall(batch_id, until=until)  # type: ignore[attr-defined]
        return Recalled.UNKNOWN

    def look(self, batch_id: str, *, until: datetime) -> Recalled:
        return Recalled.UNKNOWN

    def free(self, batch_id: str) -> bool:
        return False


def undone_by(postroom: Postroom, clock: Clock) -> Undone:
    return undo(postroom, MONTH, who="test", now=clock())


def stand(postroom: Postroom) -> IssueStatus:
    return status(postroom.newsroom, MONTH, now=NOW)


def out(sandbox: Sandbox, clock: Clock) -> Counter[str]:
    """Count, by address, the letters that left once their time had come."""
    clock.sleep(3600)
    assert sandbox.wait_for_events(10)
    return Counter(each.address for each in read_ledger(sandbox.ledger_path).kept())
