"""What a worker learns after its lease, when others have begun to settle its request or have done so."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from making import MONTH, NOW, a_newsroom, a_postroom, a_reader, a_summary, an_approved_issue
from pprmail.errors import StateError
from pprmail.model.event import EventKind
from pprmail.model.issue import IssueState
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.envelope import Answer, Recalled, Receipt
from pprmail.sending.sendgrid import SendGridSender
from pprmail.sending.webhook import ReportedEvent
from pprmail.services import feedback, steering
from pprmail.services.dispatch.claim import Claim, claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.post import _sent
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import MOST_AT_ONCE, recall_doubts
from pprmail.services.dispatch.record import record
from pprmail.services.dispatch.run import Run, send, send_patiently
from pprmail.services.dispatch.settle import resolve, settle_orphans
from pprmail.services.reports import IssueStatus, status
from pprmail.storage.database import Database

READERS = [f"r{number}@example.org" for number in range(10)]
NAMED = Receipt(Answer.REFUSED, "an address", 400, refused_recipients=(0,))


REPORT = ReportedEvent(
    provider_key="key",
    fact_key="fact",
    kind=EventKind.PROCESSED,
    at=NOW,
    request=None,
    delivery_id=None,
    ends=None,
    payload={},
)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def nothing() -> None:
    """Let nothing happen in between."""


@dataclass
class Watched:
    """Recalls, and lets something happen just before, or just after the provider did it."""

    whole: SendGridBatches
    before: Callable[[], None] = nothing
    after: Callable[[], None] = nothing
    is_lost: bool = False

    def recall(self, batch_id: str, *, until: datetime) -> Recalled:
        self.before()
        answer = self.whole.recall(batch_id, until=until)
        self.after()
        self.before = self.after = nothing
        was_lost, self.is_lost = self.is_lost, False
        return Recalled.UNKNOWN if was_lost else answer

    def new_batch(self) -> str | Receipt:
        return self.whole.new_batch()

    def look(self, batch_id: str, *, until: datetime) -> Recalled:
        return self.whole.look(batch_id, until=until)

    def free(self, batch_id: str) -> bool:
        return self.whole.free(batch_id)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(ledger_path=tmp_path / "ledger.jsonl", clock=clock)) as sandbox:
        yield sandbox


@pytest.fixture
def postroom(database: Database, tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Postroom:
    newsroom = a_newsroom(database)
    for address in READERS:
        a_reader(database, address)
    an_approved_issue(newsroom, a_summary())
    sender = SendGridSender(api_key="SG.test", host=sandbox.url, timeout=5)
    plain = a_postroom(newsroom, tmp_path, sender, batch_size=4)
    rules = replace(plain.rules, recall_window=timedelta(minutes=20))
    return replace(plain, rules=rules, clock=clock, sleep=clock.sleep)


@pytest.fixture
def batches(sandbox: Sandbox) -> SendGridBatches:
    return SendGridBatches(api_key="SG.test", host=sandbox.url, timeout=5)


@pytest.mark.parametrize("moment", ["before", "after", "after, and the recall's answer is lost"])
def test_an_acceptance_that_is_learned_while_its_request_is_recalled_loses_nobody(
    postroom: Postroom, batches: SendGridBatches, sandbox: Sandbox, clock: Clock, moment: str
) -> None:
    claimed = begun(postroom, batch_id=str(batches.new_batch()))
    receipt = _sent(postroom, claimed, Run().writer(postroom, claimed))
    learn = lambda: record(postroom, claimed, receipt)  # noqa: E731
    watched = Watched(batches, is_lost="lost" in moment)
    setattr(watched, moment.partition(",")[0], learn)
    clock.sleep(200)
    other = replace(postroom, recaller=watched)
    assert send_patiently(other, MONTH, who="other", run=Run()).state is IssueState.SENT
    assert out(sandbox, clock) == Counter(READERS)
    assert stand(postroom).balanced


def test_a_refusal_that_is_learned_late_leaves_a_doubt_whole(
    postroom: Postroom, clock: Clock
) -> None:
    claimed = begun(postroom)
    clock.sleep(200)
    send(postroom, MONTH, who="other", run=Run())
    record(postroom, claimed, NAMED)
    found = stand(postroom)
    assert (found.balanced, found.equation.held, found.equation.rejected) == (True, 4, 0)


def test_a_refusal_that_is_learned_late_takes_nothing_from_the_request_that_came_after(
    postroom: Postroom, clock: Clock
) -> None:
    claimed = begun(postroom)
    clock.sleep(200)
    send(postroom, MONTH, who="other", run=Run())
    resolve(postroom, MONTH, claimed.request_id, order="resend", who="editor")
    send(postroom, MONTH, who="other", run=Run())
    record(postroom, claimed, NAMED)
    found = stand(postroom)
    assert (found.balanced, found.equation.accepted) == (True, len(READERS))


def test_a_report_that_it_was_taken_loses_nobody_while_its_request_is_recalled(
    postroom: Postroom, batches: SendGridBatches, sandbox: Sandbox, clock: Clock
) -> None:
    claimed = begun(postroom, batch_id=str(batches.new_batch()))
    _sent(postroom, claimed, Run().writer(postroom, claimed))
    clock.sleep(200)
    taken = replace(REPORT, request=claimed.public_id, delivery_id=claimed.deliveries[0].id)
    heard = Watched(batches, before=lambda: report(postroom, taken))
    other = replace(postroom, recaller=heard)
    assert send_patiently(other, MONTH, who="other", run=Run()).state is IssueState.SENT
    assert out(sandbox, clock) == Counter(READERS)
    assert stand(postroom).balanced


def test_nobody_settles_a_request_that_is_being_recalled(
    postroom: Postroom, batches: SendGridBatches, clock: Clock
) -> None:
    claimed = begun(postroom, batch_id=str(batches.new_batch()))
    _sent(postroom, claimed, Run().writer(postroom, claimed))
    clock.sleep(200)
    settle_orphans(postroom, now=clock())
    unheard = replace(postroom, recaller=Watched(batches, is_lost=True))
    assert recall_doubts(unheard, now=clock()) == 0
    with pytest.raises(StateError, match="is being recalled"):
        resolve(postroom, MONTH, claimed.request_id, order="accepted", who="editor")
    clock.sleep(10 * 60)
    assert resolve(postroom, MONTH, claimed.request_id, order="skip", who="editor") == "skipped"


def test_an_order_to_discard_stands_for_a_day_where_its_maker_may_still_wake(
    postroom: Postroom, batches: SendGridBatches, sandbox: Sandbox, clock: Clock
) -> None:
    one_each = replace(
        postroom, recaller=batches, rules=replace(postroom.rules, batch_size=1, lease=timedelta(0))
    )
    for _ in range(MOST_AT_ONCE):
        begun(one_each, batch_id=str(batches.new_batch()))
    clock.sleep(1)
    settle_orphans(one_each, now=clock())
    assert recall_doubts(one_each, now=clock()) == MOST_AT_ONCE
    clock.sleep(3 * 3600)
    late = begun(one_each, batch_id=str(batches.new_batch()))
    clock.sleep(1)
    settle_orphans(one_each, now=clock())
    assert recall_doubts(one_each, now=clock()) == 0
    assert "more requests are in doubt" in (stand(one_each).issue.pause_reason or "")
    clock.sleep(24 * 3600)
    steering.resume(one_each.newsroom, MONTH, who="editor", now=clock())
    begun(one_each, batch_id=str(batches.new_batch()))
    clock.sleep(1)
    settle_orphans(one_each, now=clock())
    assert recall_doubts(one_each, now=clock()) == 1
    assert late.request_id in {doubt.id for doubt in stand(one_each).doubts}


def report(postroom: Postroom, event: ReportedEvent) -> None:
    feedback.keep(postroom.database, [event], now=postroom.clock())
    feedback.apply(postroom.database, now=postroom.clock())


def begun(postroom: Postroom, batch_id: str | None = None) -> Claim:
    issue = freeze(postroom, MONTH, who="test", now=postroom.clock())
    claimed = claim(postroom, issue.id, now=postroom.clock(), batch_id=batch_id)
    assert claimed is not None
    return claimed


def stand(postroom: Postroom) -> IssueStatus:
    return status(postroom.newsroom, MONTH, now=NOW)


def out(sandbox: Sandbox, clock: Clock) -> Counter[str]:
    clock.sleep(3600)
    assert sandbox.wait_for_events(10)
    return Counter(each.address for each in read_ledger(sandbox.ledger_path).kept())
