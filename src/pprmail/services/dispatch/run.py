"""A run: workers claim, send and record until nothing waits, or something needs a person."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final

from pprmail.model.issue import Issue, IssueState
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services.breaker import Breaker
from pprmail.services.dispatch.claim import Claim, claim
from pprmail.services.dispatch.fence import refuse_older_database
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.letters import LetterWriter
from pprmail.services.dispatch.post import post
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import recall_doubts, waits_for_recall
from pprmail.services.dispatch.record import pause, record
from pprmail.services.dispatch.settle import finish_if_settled, settle_orphans
from pprmail.storage.deliveries import equation_of
from pprmail.storage.issues import issue_named

FAILURES_IN_A_ROW: Final = 3
FIRST_WAIT: Final = 5.0
MOST_TRIES: Final = 5
TAKEN_BEFORE_MORE: Final = 10
MOST_LETTERS: Final = 1000
"""In one request, whatever the provider took before."""

PAUSE_FOR_RECALL: Final = 2.0
PAUSE_FOR_OTHERS: Final = 0.1
"""Seconds after which is looked again at what others hold: a reader who changes a row just now,
another process with a request under way."""


def nobody_watches(done: int, frozen: int) -> None:
    """Take no notice of progress."""


@dataclass
class Run:
    """One process's work on one issue; its workers share what they learn of the provider.

    `most` is the largest request that the provider is asked to take for now, if any was too large;
    after some that it took, more is tried again.
    `put_off` counts how often a letter alone was not taken just now; others go before it.
    """

    watch: Callable[[int, int], None] = nobody_watches
    stop: Event = field(default_factory=Event)
    failures: int = 0
    done: int = 0
    not_before: float = 0
    most: int = 0
    taken_in_a_row: int = 0
    is_halved: bool = False
    put_off: Counter[int] = field(default_factory=Counter)
    breaker: Breaker = field(default_factory=Breaker)
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

    def learn(self, size: int, receipt: Receipt) -> str | None:
        """Take in one answer; give the reason to pause, if there is one."""
        with self._turn:
            failed = receipt.answer in {Answer.UNKNOWN, Answer.UNREACHABLE}
            self.failures = self.failures + 1 if failed else 0
            if receipt.answer is Answer.ACCEPTED:
                self.done += size
                self._larger()
            wait = receipt.wait_seconds
            if receipt.answer is Answer.UNREACHABLE:
                wait = FIRST_WAIT * 2 ** (self.failures - 1)
            self.not_before = max(self.not_before, time.monotonic() + wait if wait else 0)
            if self.failures >= FAILURES_IN_A_ROW:
                return f"{FAILURES_IN_A_ROW} requests in a row failed; the last: {receipt.detail}"
            return self._smaller(size, receipt)

    def _smaller(self, size: int, receipt: Receipt) -> str | None:
        """Ask for less at once where that may help; a refusal without a name is halved once."""
        is_unnamed = receipt.answer is Answer.REFUSED and not receipt.refused_recipients
        if receipt.answer is not Answer.TOO_LARGE and not is_unnamed:
            return None
        if size == 1 or (is_unnamed and self.is_halved):
            return receipt.detail
        self.is_halved = self.is_halved or is_unnamed
        self.most, self.taken_in_a_row = size // 2, 0
        return None

    def _larger(self) -> None:
        """Ask for more at once again, lest one bad moment makes every later request small."""
        self.taken_in_a_row += 1
        if self.taken_in_a_row % TAKEN_BEFORE_MORE == 0:
            self.most = min(self.most * 2, MOST_LETTERS)

    @property
    def given_up(self) -> list[int]:
        """The letters that were put off so often that a person should look at it."""
        return [each for each, tries in self.put_off.items() if tries >= MOST_TRIES]

    @property
    def must_wait(self) -> float:
        """Seconds that the provider asked everybody to wait."""
        return max(0.0, self.not_before - time.monotonic())


def send(postroom: Postroom, name: str, *, who: str, run: Run) -> Issue:
    """Freeze an issue if it is not yet, and send it to the end, or to where a person is needed.

    It may be called again at any time, by several processes at once: what one has claimed, no
    other sends.
    """
    refuse_older_database(postroom)
    issue = freeze(postroom, name, who=who, now=postroom.clock())
    postroom.journal.open()
    settle_orphans(postroom, now=postroom.clock())
    recall_doubts(postroom, now=postroom.clock())
    while _work(postroom, issue, run) and not run.stop.is_set():
        postroom.sleep(PAUSE_FOR_OTHERS)
        settle_orphans(postroom, now=postroom.clock())
    finish_if_settled(postroom, name)
    with postroom.database.read() as session:
        return issue_named(session, name)


def send_patiently(postroom: Postroom, name: str, *, who: str, run: Run) -> Issue:
    """Send to the end, and wait for doubts that can be recalled until that is safe."""
    issue = send(postroom, name, who=who, run=run)
    while _hopes(postroom, issue) and not run.stop.is_set():
        postroom.sleep(PAUSE_FOR_RECALL)
        issue = send(postroom, name, who=who, run=run)
    return issue


def _hopes(postroom: Postroom, issue: Issue) -> bool:
    rests = _rests(postroom, issue)
    return not rests and waits_for_recall(postroom, issue, now=postroom.clock())


def _rests(postroom: Postroom, issue: Issue) -> bool:
    with postroom.database.read() as session:
        present = issue_named(session, issue.name)
    return present.state is not IssueState.SENDING or present.paused_at is not None


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
    batch_id: str | None = ""
    while _may_go_on(postroom, issue, run):
        batch_id = batch_id or _new_batch(postroom, issue, run)
        if batch_id is None and _rests(postroom, issue):
            return
        if batch_id is None:
            continue
        claimed = _claimed(postroom, issue, run, batch_id=batch_id or None)
        if claimed is None:
            _say_who_stays_busy(postroom, issue, run)
            return
        batch_id = ""
        receipt = post(postroom, claimed, run.writer(postroom, claimed))
        record(postroom, claimed, receipt)
        if receipt.answer is Answer.BUSY and len(claimed.deliveries) == 1:
            run.put_off[claimed.deliveries[0].id] += 1
        _learn(postroom, issue, run, receipt, size=len(claimed.deliveries))
        run.watch(run.done, issue.frozen_readers or 0)


def _may_go_on(postroom: Postroom, issue: Issue, run: Run) -> bool:
    """Wait as long as the provider asked for; tell whether nobody has said stop until then."""
    if run.must_wait and not run.stop.is_set():
        postroom.sleep(run.must_wait)
    run.breaker.look(postroom, issue)
    return not run.stop.is_set()


def _claimed(postroom: Postroom, issue: Issue, run: Run, *, batch_id: str | None) -> Claim | None:
    """Claim what was not put off yet, and then what was, until it is given up."""
    for without in [list(run.put_off), run.given_up][: 2 if run.put_off else 1]:
        found = claim(
            postroom,
            issue.id,
            now=postroom.clock(),
            batch_id=batch_id,
            most=run.most,
            without=without,
        )
        if found is not None:
            return found
    return None


def _say_who_stays_busy(postroom: Postroom, issue: Issue, run: Run) -> None:
    if run.given_up:
        times = f"{len(run.given_up)} letters were not taken in {MOST_TRIES} tries each"
        pause(postroom, issue.id, reason=f"{times}; resume the issue to try them again")


def _new_batch(postroom: Postroom, issue: Issue, run: Run) -> str | None:
    """Have a name made that the next request can be recalled by; nothing ("") without a window.

    Gives None where the provider made none: nothing is claimed then.
    """
    if postroom.recaller is None:
        return ""
    made = postroom.recaller.new_batch()
    if isinstance(made, str):
        return made
    _learn(postroom, issue, run, made, size=0)
    return None


def _learn(postroom: Postroom, issue: Issue, run: Run, receipt: Receipt, *, size: int) -> None:
    reason = run.learn(size, receipt)
    if reason is None and receipt.answer is Answer.FORBIDDEN:
        reason = receipt.detail
    if reason is not None:
        pause(postroom, issue.id, reason=reason)
