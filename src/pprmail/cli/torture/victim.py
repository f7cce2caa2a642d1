"""A process that sends, as `pprmail issue send` does, and that may be made to fall."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.orm import configure_mappers

from pprmail.bootstrap import app_of
from pprmail.cli.torture.clock import Clock
from pprmail.cli.torture.plan import Fall
from pprmail.cli.torture.points import arm, before, end_at_once, put_around, stand_still
from pprmail.config import Settings
from pprmail.errors import PprmailError
from pprmail.services.dispatch import run

# Done here once, it is done for each process that begins as a copy of one that has read this.
configure_mappers()

WHO: Final = "torture"
LATER: Final = 15
"""How much longer than to claim somebody who holds back waits to settle what others left."""

REFUSED: Final = 2
"""The exit status when something that has a name keeps the process from going on."""


@dataclass(frozen=True)
class Errand:
    """What a process is sent to do; `patience` are seconds that it really waits before a claim."""

    settings: Settings
    month: str
    clock: Clock
    fall: Fall | None = None
    marker: Path = Path()
    patience: float = 0


def run_errand(errand: Errand) -> None:
    """Send, and end with 0 when nothing keeps it from going on; with `REFUSED` when something does."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    if errand.fall is not None:
        arm(errand.fall.point, hit=errand.fall.hit, fall=_falling(errand))
    else:
        _hold_back(errand.patience)
    try:
        _send(errand)
    except PprmailError as error:
        errand.marker.with_suffix(".error").write_text(str(error), encoding="utf-8")
        os._exit(REFUSED)


def _send(errand: Errand) -> None:
    app, clock = app_of(errand.settings), errand.clock
    postroom = replace(app.postroom, clock=clock, sleep=clock.sleep)
    run.send_patiently(postroom, errand.month, who=WHO, run=run.Run())


def _hold_back(seconds: float) -> None:
    """Let others go first, to claim and to settle."""
    put_around(run, "claim", before, lambda: time.sleep(seconds))
    put_around(run, "settle_orphans", before, _once(lambda: time.sleep(seconds * LATER)))


def _once(does: Callable[[], None]) -> Callable[[], None]:
    chances = [does]
    return lambda: chances.pop()() if chances else None


def _falling(errand: Errand) -> Callable[[], None]:
    if errand.fall is not None and errand.fall.manner == "stopped":
        return lambda: stand_still(errand.marker.touch)
    return end_at_once
