"""The clock's door: APScheduler looks at the time, and a tick does what is due.

Nothing is kept in the scheduler: what is due is read from the rows at every tick, so that a
restart, a crash or a second scheduler changes nothing.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final

from apscheduler.schedulers.background import BackgroundScheduler

from pprmail.services.dispatch.run import Run
from pprmail.services.tick import Clockwork, tick

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
    # At every tick that finds a long one under way, it would warn that it leaves one out.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        tick,
        "interval",
        args=[replace(clockwork, run=lambda: Run(stop=stopped))],
        seconds=every,
        next_run_time=datetime.now(UTC),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.start()
    return Ticking(scheduler, stopped)
