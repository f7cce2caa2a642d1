"""A run: workers claim, send and record until nothing waits, or something needs a person."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final

import structlog

from pprmail.errors import OutputError
from pprmail.model.issue import Issue, IssueState
from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.webhook import DELIVERY_ARGUMENT, REQUEST_ARGUMENT
from pprmail.services.dispatch.claim import Claim, claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.letters import LetterWriter
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import pause, record
from pprmail.services.dispatch.settle import finish_if_settled, settle_orphans
from pprmail.storage.deliveries import equation_of
from pprmail.storage.issues import issue_named

log = structlog.get_logger()

FAILURES_IN_A_ROW: Final = 3
FIRST_WAIT: Final = 5.0
PAUSE_FOR_OTHERS: Final = 0.1
"""Seconds after which is looked again at what others hold: a reader who changes a row just now,
another process with a request under way."""


def nobody_watches(done: int, frozen: int) -> None:
    """Take no notice of progress."""


@dataclass
class Run:
    """One process's work on one issue; its workers share what they learn of the provider."""

    watch: Callable[[int, int], None] = nobody_watches
    stop: Event = field(default_factory=Event)
    failures: int = 0
    done: int = 0
    not_before: float = 0
    _turn: Lock = field(default_factory=Lock)
    _writers: dict[int, LetterWriter] = field(default_factory=dict)

    def writer(self, postroom: Postroom, claimed: Claim) -> LetterWriter:
        """Give the one writer of an edition's letters."""
        edition, issue = claimed.edition, claimed.issue
        if edition.id not in self._writers:
            self._writers[edition.id] = LetterWriter.of(
                edition,
                issue,
                masthead=postroom.newsroom.masthead,
                signer=postroom.signer,
                topics=issue.topics or [],
            )
        return self._writers[edition.id]

    def learn(self, claimed: Claim, receipt: Receipt) -> bool:
        """Take in one answer; tell whether it is one failure too many."""
        with self._turn:
            failed = receipt.answer in {Answer.UNKNOWN, Answer.UNREACHABLE}
            self.failures = self.failures + 1 if failed else 0
            if receipt.answer is Answer.ACCEPTED:
                self.done += len(claimed.deliveries)
            wait = receipt.wait_seconds
            if receipt.answer is Answer.UNREACHABLE:
                wait = FIRST_WAIT * 2 ** (self.failures - 1)
            self.not_before = max(self.not_before, time.monotonic() + wait if wait else 0)
            return self.failures >= FAILURES_IN_A_ROW

    @property
    def must_wait(self) -> float:
        """Seconds that the provider asked everybody to wait."""
        return max(0.0, self.not_before - time.monotonic())


def send(postroom: Postroom, name: str, *, who: str, run: Run) -> Issue:
    """Freeze an issue if it is not yet, and send it to the end, or to where a person is needed.

    It may be called again at any time, by several processes at once: what one has claimed, no
    other sends.
    """
    issue = freeze(postroom, name, who=who, now=postroom.clock())
    postroom.journal.open()
    settle_orphans(postroom, now=postroom.clock())
    while _work(postroom, issue, run) and not run.stop.is_set():
        postroom.sleep(PAUSE_FOR_OTHERS)
        settle_orphans(postroom, now=postroom.clock())
    finish_if_settled(postroom, name)
    with postroom.database.read() as session:
        return issue_named(session, name)


def _work(postroom: Postroom, issue: Issue, run: Run) -> bool:
    """Let the workers work until they find nothing; tell whether there is more to come."""
    with postroom.database.read() as session:
        equation = equation_of(session, issue)
    run.done = equation.frozen - equation.pending
    run.watch(run.done, equation.frozen)
    workers = postroom.rules.concurrency
    with ThreadPoolExecutor(workers, thread_name_prefix="dispatch") as pool:
        for worker in [pool.submit(_worker, postroom, issue, run) for _ in range(workers)]:
            worker.result()
    with postroom.database.read() as session:
        present = issue_named(session, issue.name)
        is_going = present.state is IssueState.SENDING and present.paused_at is None
        equation = equation_of(session, present)
        return is_going and equation.pending + equation.in_flight > 0


def _worker(postroom: Postroom, issue: Issue, run: Run) -> None:
    while not run.stop.is_set():
        if run.must_wait:
            postroom.sleep(run.must_wait)
        claimed = claim(postroom, issue.id, now=postroom.clock())
        if claimed is None:
            return
        receipt = _post(postroom, claimed, run)
        record(postroom, claimed, receipt)
        if run.learn(claimed, receipt):
            reason = f"{FAILURES_IN_A_ROW} requests in a row failed; the last: {receipt.detail}"
            pause(postroom, issue.id, reason=reason)
        run.watch(run.done, issue.frozen_readers or 0)


def _post(postroom: Postroom, claimed: Claim, run: Run) -> Receipt:
    journal, facts = (
        postroom.journal,
        {"issue": claimed.issue.name, "size": len(claimed.deliveries)},
    )
    try:
        journal.write(claimed.public_id, "intent", at=postroom.clock(), **facts)
    except OutputError as error:
        # Without its intent on the disk nothing is sent: that much is certain.
        return Receipt(Answer.FORBIDDEN, detail=str(error))
    receipt = _sent(postroom, claimed, run)
    try:
        journal.write(
            claimed.public_id, receipt.answer, at=postroom.clock(), message_id=receipt.message_id
        )
    except OutputError as error:
        log.warning("answer not in the journal", request=claimed.request_id, why=str(error))
    return receipt


def _sent(postroom: Postroom, claimed: Claim, run: Run) -> Receipt:
    writer, now = run.writer(postroom, claimed), postroom.clock()
    recipients = (
        writer.recipient(
            waiting,
            now=now,
            arguments={DELIVERY_ARGUMENT: str(waiting.id), REQUEST_ARGUMENT: claimed.public_id},
        )
        for waiting in claimed.deliveries
    )
    return postroom.sender.send(writer.envelope(recipients))
