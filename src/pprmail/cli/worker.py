"""A dispatcher alone: it goes on with what was begun, beside as many others as you like."""

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Final

from pprmail.bootstrap import App, open_app
from pprmail.cli import show
from pprmail.cli.door import Config, config_path, failures_shown
from pprmail.cli.serve import log_to_stderr
from pprmail.services.dispatch.run import Run
from pprmail.services.tick import Clockwork, work

EVERY: Final = 2.0
AFTER_A_FAILURE: Final = 10.0
"""Seconds from one look at the rows to the next."""

A_MOMENT: Final = 0.1

Sleep = Callable[[float], None]


def worker(*, config: Config = None) -> None:
    """Send what was begun, and queued mails, until it is told to stop; begin no issue.

    SIGTERM and Ctrl-C end it with status 0 when the requests under way have their answers; the
    second one ends it at once, and so does the end of the lease, when others take it for gone.
    """
    with failures_shown():
        app = open_app(config_path(config))
        log_to_stderr()
        try:
            _work(app)
        finally:
            app.close()


def _work(app: App) -> None:
    stopped = Event()
    _stop_gently(stopped, lease=app.postroom.rules.lease)
    sleep = _waking(stopped)
    clockwork = _stoppable(app.clockwork, stopped, sleep)
    show.note("Going on with whatever is under way (Ctrl-C ends)")
    show.note(f"Sender: {app.settings.delivery.sender}")
    while not stopped.is_set():
        failed = work(clockwork)
        if not stopped.is_set():
            sleep(AFTER_A_FAILURE if failed else EVERY)


def _stop_gently(stopped: Event, *, lease: timedelta) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM)

    def stop(_: int, __: object) -> None:
        stopped.set()
        signal.alarm(int(lease.total_seconds()))
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)

    for number in numbers:
        signal.signal(number, stop)


def _waking(stopped: Event) -> Sleep:
    """Make a sleep that ends when it is told to stop; whoever sleeps after that, sleeps it out.

    Waiting for the event itself could lock up: the signal comes to the thread that waits for it.
    """

    def sleep(seconds: float) -> None:
        end, was_stopped = time.monotonic() + seconds, stopped.is_set()
        while (left := end - time.monotonic()) > 0 and stopped.is_set() == was_stopped:
            time.sleep(min(left, A_MOMENT))

    return sleep


def _stoppable(clockwork: Clockwork, stopped: Event, sleep: Sleep) -> Clockwork:
    postroom = replace(clockwork.postroom, sleep=sleep)
    return replace(clockwork, postroom=postroom, run=lambda: Run(stop=stopped))
