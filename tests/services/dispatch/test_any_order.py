"""No silent duplicate, no silent loss, every doubt listed: in whatever order things happen."""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from making import MASTHEAD, MONTH, SIGNER, TOPICS
from pprmail.errors import PprmailError
from pprmail.model.audience import NoMatch
from pprmail.model.issue import MOVES as ISSUE_MOVES
from pprmail.model.request import MOVES as REQUEST_MOVES
from pprmail.sandbox import Fault
from pprmail.sending.webhook import DELIVERY_ARGUMENT, REQUEST_ARGUMENT, event_of
from pprmail.services import feedback, steering
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.recall import undo
from pprmail.services.dispatch.run import send
from pprmail.services.dispatch.settle import resolve, settle_orphans
from pprmail.services.enrolment import Registrar
from pprmail.services.leaving import leave
from pprmail.services.review import approve
from pprmail.services.subscriptions import Choice, choose
from pprmail.services.tick import tick
from pprmail.sources.subscriber_list import Origin, one_subscriber
from pprmail.storage.deliveries import equation_of, uneven_requests
from pprmail.storage.issues import issue_for_change, issue_named
from services.dispatch.letter_world import (
    CHOICES,
    POINTS,
    READERS,
    Killed,
    Letter,
    Stage,
    World,
)

WINDOWS: Final = ("recall", "recall", "recall", "hold", "no window")
ISSUES: Final = st.sampled_from([True, True, True, False])
ORDERS: Final = ("accepted", "resend", "skip")
KINDS: Final = ("processed", "delivered", "bounce", "spamreport")
PLACES: Final = st.integers(0, 9)
WORKERS: Final = st.integers(0, 1)
TIMELY: Final = ("kill", "kill", "kill", "pause", "undo", "leave", "settle")
SLOW: Final = ("other sends", "other ticks", "time")
TRAPS: Final = st.tuples(st.sampled_from(POINTS), st.integers(0, 2), st.sampled_from(TIMELY + SLOW))

READER_ACTS: Final = ("signs up", "leaves", "chooses")
MOST_TRAPS: Final = 2


JUMPS: Final = (1, 3, 3, 3, 5, 5, 5, 9, 10, 20, 61, 24 * 60, 72 * 60, -1, -5, -30, -120)
EDITOR_ACTS: Final = (
    "approves",
    "approves",
    "schedules",
    "changes the subject",
    "changes a summary",
    "replaces a summary",
)
FAULTS: Final = {
    f"{on}: {answer}, {'taken' if accepts else 'not taken'}, {times} times": Fault(
        on=on, answer=answer, accept=accepts, times=times
    )
    for on in ("mail/send", "user/scheduled_sends", "POST user/scheduled_sends", "mail/batch")
    for answer in ("drop", 500, 302, 400, 401, 413, 429)
    for accepts in (True, False)
    for times in (1, 2)
    # What the provider refuses in its own words it has never taken.
    if not accepts or answer in {"drop", 500, 302}
} | {
    f"mail/send: 400 that names {each}": Fault(
        answer=400, field="recipient", recipients=each, times=1
    )
    for each in READERS[:4]
}
AT_SENDING: Final = [name for name in FAULTS if name.startswith("mail/send")]
AT_RECALLING: Final = [name for name in FAULTS if "scheduled_sends" in name]
faults = st.lists(
    st.sampled_from(AT_SENDING) | st.sampled_from(AT_RECALLING) | st.sampled_from(sorted(FAULTS)),
    max_size=3,
)


class AnyOrder(RuleBasedStateMachine):
    """People, readers, the clock, the provider and two workers, each doing whatever they like."""

    stage: Stage
    numbers = count()

    @initialize(window=st.sampled_from(WINDOWS), is_approved=ISSUES, faults=faults, trap=TRAPS)
    def begin(
        self, window: str, is_approved: bool, faults: list[str], trap: tuple[str, int, str]
    ) -> None:
        self.world = World(
            self.stage,
            next(self.numbers),
            window=timedelta(minutes=0 if window == "no window" else 20),
            recalls=window == "recall",
        )
        self.approved: list[tuple[Any, ...]] = []
        self.signed: set[tuple[str, ...]] = set()
        self.resent, self.vouched = Counter[int](), set[int]()
        self.last_move, self.is_undoing, self.seen = 0, False, (-1, -1)
        self.edits_left = 2
        self.misbehave(faults)
        self.set_trap(trap)
        if is_approved:
            self._approve()

    @property
    def is_frozen(self) -> bool:
        return bool(self.world.rows("SELECT id FROM issues WHERE frozen_at IS NOT NULL"))

    @property
    def doubts(self) -> list[int]:
        unknown = "SELECT id FROM requests WHERE state = 'unknown' ORDER BY id"
        return [row[0] for row in self.world.rows(unknown)]

    # What people do.

    @rule(place=PLACES, choice=st.sampled_from(CHOICES), what=st.sampled_from(READER_ACTS))
    def reader_acts(self, place: int, choice: list[str], what: str) -> None:
        database, now = self.world.stage.database, self.world.clock()
        if what == "signs up":
            given = {"email": f"r{place}@example.org", "status": "active", "consent_source": "test"}
            Registrar(database, SIGNER).enrol(
                one_subscriber(given, TOPICS, zone=MASTHEAD.zone, origin=Origin.LIST),
                who="test",
                now=now,
            )
        if what == "leaves":
            leave(database, self._reader(place), how="page", now=now)
        if what == "chooses":
            chosen, words = Choice(tuple(choice), NoMatch.NOTE), self.world.correspondence
            choose(database, self._reader(place), chosen, correspondence=words, now=now)

    @precondition(lambda self: self.edits_left)
    @rule(what=st.sampled_from(EDITOR_ACTS), words=st.sampled_from("ab"))
    def editor_acts(self, what: str, words: str) -> None:
        # After the freeze an edit stops nothing; two show that, and leave steps for the rest.
        self.edits_left -= self.is_frozen
        if what == "approves":
            self._approve()
        elif what == "schedules":
            self._schedule()
        else:
            self._edit(what, words)

    def _edit(self, what: str, words: str) -> None:
        """Change a row and open the issue again, as an import does; or behind its back."""
        with self.world.stage.database.write() as session:
            issue = issue_for_change(session, MONTH)
            if what == "changes the subject":
                issue.subject = f"Subject {words}"
            else:
                issue.summaries[0].body = f"Some other words about what was found: {words}. " * 20
            if what == "replaces a summary":
                issue.reopen()

    def _approve(self) -> None:
        with suppress(PprmailError):
            now = self.world.clock()
            approve(self.world.stage.newsroom, MONTH, by="editor@example.org", now=now)
            present = "SELECT subject, text, html FROM editions WHERE superseded_at IS NULL"
            self.signed = {
                (subject, _digest(text), _digest(html))
                for subject, text, html in self.world.rows(present)
            }
            self.approved = self.world.rows(CONTENT)

    def _schedule(self) -> None:
        now, newsroom = self.world.clock(), self.world.stage.newsroom
        with suppress(PprmailError):
            at = now + timedelta(minutes=1)
            steering.schedule(newsroom, MONTH, at=at, who="test", now=now)

    @rule(
        what=st.sampled_from(["resume", "resume", "resume", "pause", "cancel"]),
        sure=st.integers(0, 4),
    )
    def steer(self, what: str, sure: int) -> None:
        if what != "cancel" or sure == 4:
            with suppress(PprmailError):
                step = getattr(steering, what)
                step(self.world.stage.newsroom, MONTH, who="test", now=self.world.clock())

    @precondition(lambda self: self.is_frozen)
    @rule(number=WORKERS)
    def undo(self, number: int) -> None:
        self.is_undoing = True
        self._do(number, lambda p: undo(p, MONTH, who="test", now=p.clock()))

    @precondition(lambda self: self.doubts)
    @rule(place=PLACES, order=st.sampled_from(ORDERS))
    def settle(self, place: int, order: str) -> None:
        if self.doubts:
            self._resolve(self.doubts[place % len(self.doubts)], order)

    # What goes by itself.

    @rule(number=WORKERS)
    def send(self, number: int) -> None:
        with self._freezing():
            self._send(number)

    @rule(number=WORKERS, minutes=st.sampled_from([0, 3, 3, 6]))
    def tick(self, number: int, minutes: int) -> None:
        self.world.clock.go(timedelta(minutes=minutes))
        with self._freezing():
            self._tick(number)

    @precondition(lambda self: self.is_frozen)
    @rule(place=PLACES, kind=st.sampled_from(KINDS), times=st.integers(1, 2))
    def report(self, place: int, kind: str, times: int) -> None:
        """Tell of a letter that has left or, where that is so, of one that was only taken."""
        known, clock = self.world.letters(), self.world.clock
        told = [letter for letter in known if letter.has_left]
        if kind == "processed":
            told = known
        if told:
            events = [event_of(self._told(told[place % len(told)], kind))] * times
            feedback.keep(self.world.stage.database, events, now=clock())
            feedback.apply(self.world.stage.database, now=clock())

    @rule(minutes=st.sampled_from(JUMPS))
    def time_goes_on(self, minutes: int) -> None:
        self.world.clock.go(timedelta(minutes=minutes))

    # What goes wrong.

    @rule(faults=faults)
    def misbehave(self, faults: list[str]) -> None:
        self.world.sandbox.misbehave([FAULTS[name] for name in faults])

    @precondition(lambda self: len(self.world.traps) < MOST_TRAPS)
    @rule(trap=TRAPS)
    def set_trap(self, trap: tuple[str, int, str]) -> None:
        point, rounds, deed = trap
        self.world.traps.append((point, rounds, lambda number: self._deed(deed, number)))

    def _deed(self, deed: str, number: int) -> None:
        deeds: dict[str, Callable[[], None]] = {
            "other sends": lambda: self._send(1 - number),
            "other ticks": lambda: self._tick(1 - number),
            "pause": lambda: self.steer("pause", 0),
            "undo": lambda: self.undo(1 - number),
            "leave": lambda: self.reader_acts(0, [], "leaves"),
            "time": lambda: self.time_goes_on(3),
            "settle": lambda: self.settle(0, "resend"),
        }
        if deed == "kill":
            raise Killed
        deeds[deed]()

    def _do(self, number: int, action: Callable[[Postroom], object]) -> None:
        with suppress(PprmailError):
            self.world.do(number, action)

    def _send(self, number: int) -> None:
        run = self.world.run(number)
        self._do(number, lambda p: send(p, MONTH, who="test", run=run))

    def _tick(self, number: int) -> None:
        def ticked(postroom: Postroom) -> None:
            clockwork = self.world.clockwork(postroom, lambda: self.world.run(number))
            assert tick(clockwork) == []

        self._do(number, ticked)

    def _resolve(self, request: int, order: str) -> None:
        mine = f"SELECT id FROM deliveries WHERE request_id = {request}"
        readers = [row[0] for row in self.world.rows(mine)]
        self._do(0, lambda p: resolve(p, MONTH, request, order=order, who="test"))
        if order == "resend":
            self.resent.update(readers)
        if order == "accepted":
            self.vouched.update(readers)

    def _reader(self, place: int) -> str:
        ids = self.world.rows("SELECT public_id FROM subscribers ORDER BY id")
        return str(ids[place % len(ids)][0])

    def _told(self, letter: Letter, kind: str) -> dict[str, Any]:
        return {
            "event": kind,
            "timestamp": int(self.world.clock().timestamp()),
            "email": letter.address,
            REQUEST_ARGUMENT: letter.request,
            DELIVERY_ARGUMENT: str(letter.delivery),
        }

    @contextmanager
    def _freezing(self) -> Iterator[None]:
        """Look at who is promised a letter, and whether all was as it had been approved."""
        active = "SELECT id FROM subscribers WHERE status = 'active'"
        frozen = "SELECT frozen_readers FROM issues WHERE frozen_at IS NOT NULL"
        states = self.world.rows("SELECT state FROM issues")
        content, before = self.world.rows(CONTENT), set(self.world.rows(active))
        was_frozen = bool(self.world.rows(frozen))
        yield
        if not was_frozen and self.world.rows(frozen):
            assert (states, content) == ([("approved",)], self.approved)
            promised = set(self.world.rows("SELECT subscriber_id FROM deliveries"))
            assert before & set(self.world.rows(active)) <= promised <= before
            assert self.world.rows(frozen) == [(len(promised),)]

    # What holds after every step.

    @invariant()
    def nothing_is_silent(self) -> None:
        ((version,),) = self.world.rows("PRAGMA data_version")
        size = self.world.sandbox.ledger_path.stat().st_size
        if (version, size) == self.seen:
            return
        self.seen = version, size
        self._moves_are_those_of_the_tables()
        self._ledger_holds_what_was_promised()
        self._rows_account_for_everybody()
        self.is_undoing = False

    def _moves_are_those_of_the_tables(self) -> None:
        statement = f"SELECT id, what, before, after FROM moves WHERE id > {self.last_move}"
        for number, what, before, after in self.world.rows(statement):
            self.last_move = number
            move = (what, before, after)
            is_step_back = self.is_undoing and move in STEPS_BACK
            assert move in MOVES or is_step_back or _is_bond(move), move

    def _ledger_holds_what_was_promised(self) -> None:
        letters = self.world.letters()
        bonds = {
            (delivery, request, address) for delivery, request, address in self.world.rows(BONDS)
        }
        for letter in letters:
            assert letter.contents in self.signed
            assert (letter.delivery, letter.request, letter.address) in bonds
        for delivery, times in Counter(x.delivery for x in letters if x.is_kept).items():
            assert times <= 1 + self.resent[delivery], f"delivery {delivery} went out {times} times"

    def _rows_account_for_everybody(self) -> None:
        with self.world.stage.database.read() as session:
            issue = issue_named(session, MONTH)
            equation, uneven = equation_of(session, issue), uneven_requests(session, issue)
        assert equation.balances
        assert not uneven
        if issue.state == "sent":
            assert equation.is_settled
            assert not self.world.rows("SELECT id FROM requests WHERE state = 'unknown'")

    # In the end a person mends everything.

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            if sys.exc_info()[0] is None:
                self._mend()
                self.seen = (-1, -1)
                self.nothing_is_silent()
                self._everybody_has_one_or_is_listed()
        finally:
            self.world.close()

    def _mend(self) -> None:
        self.world.sandbox.misbehave([])
        self.world.traps.clear()
        self._approve()
        self._go_on()
        self.world.clock.go(timedelta(hours=3))
        self._go_on()
        # As a tick does, also for what was cancelled meanwhile.
        settle_orphans(self.world.workers[0], now=self.world.clock())
        taken = {letter.request for letter in self.world.letters() if letter.is_kept}
        doubts = "SELECT id, public_id FROM requests WHERE state = 'unknown'"
        is_cancelled = bool(self.world.rows("SELECT id FROM issues WHERE state = 'cancelled'"))
        otherwise = "skip" if is_cancelled else "resend"
        for request, name in self.world.rows(doubts):
            self._resolve(request, "accepted" if name in taken else otherwise)
        self._go_on()
        self.world.clock.go(timedelta(hours=3))

    def _go_on(self) -> None:
        for _ in range(4):
            if self.world.rows("SELECT id FROM issues WHERE state IN ('sent', 'cancelled')"):
                return
            self.steer("resume", 0)
            self.send(0)
            self.world.clock.go(timedelta(minutes=3))

    def _everybody_has_one_or_is_listed(self) -> None:
        ((state,),) = self.world.rows("SELECT state FROM issues")
        if not self.world.rows("SELECT id FROM deliveries"):
            assert not self.world.rows("SELECT id FROM subscribers WHERE status = 'active'")
            return
        assert state in {"sent", "cancelled"}
        kept = Counter(letter.delivery for letter in self.world.letters() if letter.is_kept)
        for delivery, outcome, reason, request in self.world.rows(OUTCOMES):
            if outcome is None and request == "accepted":
                assert kept[delivery] or delivery in self.vouched, f"{delivery} is lost"
            elif outcome is None:
                assert request == "skipped"
            else:
                assert (outcome, bool(reason)) in LISTED
                assert kept[delivery] <= self.resent[delivery]


CONTENT: Final = "SELECT i.subject, s.body FROM issues i, summaries s ORDER BY s.id"
BONDS: Final = """
SELECT m.row, r.public_id, s.email FROM moves m JOIN requests r ON r.id = m.after
JOIN deliveries d ON d.id = m.row JOIN subscribers s ON s.id = d.subscriber_id
WHERE m.what = 'bond'
"""
OUTCOMES: Final = """
SELECT d.id, d.outcome, d.outcome_reason, r.state FROM deliveries d
LEFT JOIN requests r ON r.id = d.request_id
"""
LISTED: Final = {("suppressed_late", True), ("rejected", True), ("cancelled", False)}
MOVES: Final = {
    *(("issue", str(a), str(b)) for a, after in ISSUE_MOVES.items() for b in after),
    *(("request", str(a), str(b)) for a, after in REQUEST_MOVES.items() for b in after),
    *(("delivery", None, outcome) for outcome in ("rejected", "suppressed_late", "cancelled")),
    ("reader", "pending", "active"),
    ("reader", "active", "ended"),
    # A request is begun only while its issue is being sent and does not rest.
    ("claim", "sending", None),
}
STEPS_BACK: Final = {("issue", "sent", "sending"), ("request", "accepted", "unknown")}


def _is_bond(move: tuple[Any, ...]) -> bool:
    """Tell whether a delivery that was free went into a request, for a reader who is there."""
    return move[:2] == ("bond", "active")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def stage() -> Iterator[Stage]:
    """One stage for all stories, in memory where there is some: no power is cut in them."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        made = Stage.at(Path(folder))
        yield made
        made.database.close()


def test_in_any_order_nobody_gets_it_twice_nobody_is_lost_and_doubts_are_listed(
    stage: Stage,
) -> None:
    class Here(AnyOrder):
        pass

    Here.stage = stage
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=200,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
