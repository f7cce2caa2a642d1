from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest
import time_machine
from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES

from making import (
    MASTHEAD,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail import scheduler
from pprmail.model.calendar import MonthlyTime
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.scheduler import Ticking, start_counting, start_ticking
from pprmail.services.announcing import Announcer
from pprmail.services.reports import status
from pprmail.services.steering import schedule
from pprmail.services.tick import Clockwork, Timetable
from pprmail.shipped import shipped
from pprmail.storage.database import Database

LONG = 20.0
"""Seconds after which a test that waits has failed."""
SHORT = 0.05


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def clockwork(sqlite: Database, tmp_path: Path, sender: PaperSender) -> Clockwork:
    newsroom = a_newsroom(sqlite)
    usual = MonthlyTime.parse("2nd tue 09:00")
    mails = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
    return Clockwork(
        postroom=a_postroom(newsroom, tmp_path, sender, batch_size=1),
        announcer=Announcer(newsroom, mails, "editor@example.org", usual),
        timetable=Timetable("", usual, usual, timedelta(days=7)),
    )


def test_it_ticks_at_its_start_and_again(clockwork: Clockwork) -> None:
    ticks: Queue[None] = Queue()
    with ticking(with_clock(clockwork, lambda: ticks.put(None)), every=SHORT):
        for _ in range(20):
            ticks.get(timeout=LONG)


def test_the_first_tick_does_not_wait_for_the_second(clockwork: Clockwork) -> None:
    ticks: Queue[None] = Queue()
    with ticking(with_clock(clockwork, lambda: ticks.put(None)), every=3600):
        ticks.get(timeout=LONG)


def test_a_tick_that_fails_keeps_no_other_from_coming(clockwork: Clockwork) -> None:
    ticks: Queue[None] = Queue()

    def fail() -> None:
        ticks.put(None)
        raise RuntimeError("the clock is broken")

    with ticking(with_clock(clockwork, fail), every=SHORT):
        for _ in range(20):
            ticks.get(timeout=LONG)


def test_a_tick_that_takes_long_is_alone_and_is_not_complained_of(
    clockwork: Clockwork, caplog: pytest.LogCaptureFixture
) -> None:
    ticks, left_out, go_on = Queue[None](), Queue[object](), Event()

    def wait() -> None:
        ticks.put(None)
        assert go_on.wait(LONG)

    with ticking(with_clock(clockwork, wait), every=SHORT) as running:
        running.scheduler.add_listener(left_out.put, EVENT_JOB_MAX_INSTANCES)
        ticks.get(timeout=LONG)
        for _ in range(3):
            left_out.get(timeout=LONG)
        assert ticks.empty()
        go_on.set()
        ticks.get(timeout=LONG)
    assert caplog.records == []


def test_ticks_that_were_slept_through_are_made_up_for_by_one(clockwork: Clockwork) -> None:
    done = Queue[object]()
    with time_machine.travel(NOW, tick=False) as moment:
        with ticking(clockwork, every=30) as running:
            running.scheduler.add_listener(done.put, EVENT_JOB_EXECUTED)
            moment.shift(3600)
            running.scheduler.wakeup()
            done.get(timeout=LONG)
        assert done.qsize() <= 1


def test_stopping_waits_for_the_tick_under_way(clockwork: Clockwork) -> None:
    begun, go_on, ended = Event(), Event(), Event()

    def wait() -> None:
        begun.set()
        assert go_on.wait(LONG)
        ended.set()

    running = start_ticking(with_clock(clockwork, wait), every=3600)
    assert begun.wait(LONG)
    stopping = Thread(target=running.stop)
    stopping.start()
    stopping.join(5 * SHORT)
    assert stopping.is_alive()
    go_on.set()
    stopping.join(LONG)
    assert not stopping.is_alive()
    assert ended.is_set()


def test_a_sending_that_is_stopped_records_its_request_and_begins_no_other(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    for number in range(5):
        a_reader(clockwork.postroom.database, f"reader{number}@example.org")
    newsroom = clockwork.postroom.newsroom
    name = an_approved_issue(newsroom, a_summary())
    before = NOW - timedelta(minutes=2)
    schedule(newsroom, name, at=NOW - timedelta(minutes=1), who="test", now=before)
    posted, go_on = Event(), Event()

    def hold(_: object) -> None:
        posted.set()
        assert go_on.wait(LONG)

    sender.before_answer = hold
    running = start_ticking(clockwork, every=3600)
    assert posted.wait(LONG)
    stopping = Thread(target=running.stop)
    stopping.start()
    assert running.stopped.wait(LONG)
    go_on.set()
    stopping.join(LONG)
    equation = status(newsroom, name, now=NOW).equation
    assert (equation.accepted, equation.pending, equation.in_flight) == (1, 4, 0)
    assert len(sender.envelopes) == 1


def test_what_the_desk_shows_is_counted_from_the_start(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: Queue[object] = Queue()
    monkeypatch.setattr(scheduler, "count_ahead", lambda *given, **_: rounds.put(given))
    counting = start_counting(clockwork.postroom.newsroom, clockwork.timetable)
    assert rounds.get(timeout=LONG) == (clockwork.postroom.newsroom, clockwork.timetable)
    counting.stop()


@contextmanager
def ticking(clockwork: Clockwork, *, every: float) -> Iterator[Ticking]:
    running = start_ticking(clockwork, every=every)
    try:
        yield running
    finally:
        running.stop()


def with_clock(clockwork: Clockwork, look: Callable[[], None]) -> Clockwork:
    """Look at the clock as told: every step of a tick does so first."""

    def clock() -> datetime:
        look()
        return NOW

    return replace(clockwork, postroom=replace(clockwork.postroom, clock=clock))
