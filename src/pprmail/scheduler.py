"""The clock's door: APScheduler looks at the time, and a tick does what is due.

Nothing is kept in the scheduler: what is due is read from the rows at every tick, so that a
restart, a crash or a second scheduler changes nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final

from apscheduler.schedulers.background import BackgroundScheduler

from pprmail.services.ahead import count_ahead
from pprmail.services.dispatch.run import Run
from pprmail.services.newsroom import Newsroom
from pprmail.services.tick import Clockwork, Timetable, tick

EVERY_SECONDS: Final = 30


@dataclass(frozen=True)
class Ticking:
    """A scheduler that runs."""

    scheduler: Any
    stopped: Event

    def stop(self) -> None:
        """Begin nothing new, and wait until what is under way has come to its end."""
        self.stopped.set()
        self.scheduler.shutdown(wait=True)


def start_ticking(clockwork: Clockwork, *, every: float = EVERY_SECONDS) -> Ticking:
    """Tick now and from now on, one tick at a time; a missed one is made up for once."""
    stopped = Event()
    told = replace(clockwork, run=lambda: Run(stop=stopped))
    return Ticking(_started(lambda: tick(told), every), stopped)


def start_counting(newsroom: Newsroom, timetable: Timetable) -> Ticking:
    """Count now and from now on what the desk's pages will be asked for."""
    ahead = lambda: count_ahead(newsroom, timetable, now=datetime.now(UTC))  # noqa: E731
    return Ticking(_started(ahead, EVERY_SECONDS), Event())


def _started(step: Callable[[], object], every: float) -> BackgroundScheduler:
    # At every step that finds a long one under way, it would warn that it leaves one out.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        step,
        "interval",
        seconds=every,
        next_run_time=datetime.now(UTC),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.start()
    return scheduler
