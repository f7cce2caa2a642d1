"""A process that sends, as `pprmail issue send` does, and that may be made to fall."""

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
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
from pprmail.rendering.shelf import Shelf
from pprmail.services.dispatch import run
from pprmail.shipped import shipped

# Done here once, it is done for each process that begins as a copy of one that has read this.
configure_mappers()
Shelf([shipped("templates")]).digests("email/letter")

WHO: Final = "torture"
MOST_MEANWHILE: Final = 2
"""Claims of somebody who works beside a process that is to fall, until it has fallen."""

A_MOMENT: Final = 0.005
LONG: Final = 30.0
"""Real seconds from one look to the next, and until one waits no longer."""

REFUSED: Final = 2
"""The exit status when something that has a name keeps the process from going on."""


@dataclass(frozen=True)
class Errand:
    """What a process is sent to do; `fall` ends it.

    Whoever goes beside one that is to fall lets it get there: `fallen` is there when it has.
    """

    settings: Settings
    month: str
    clock: Clock
    fall: Fall | None = None
    marker: Path = Path()
    fallen: Path | None = None
    turn: str = ""


def run_errand(errand: Errand) -> None:
    """Send, and end with 0 when nothing keeps it from going on; with `REFUSED` when something does."""
    # What comes from the process that this one is a copy of need not be looked through again.
    gc.freeze()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    if errand.fall is not None:
        arm(errand.fall.point, hit=errand.fall.hit, fall=_falling(errand))
    if errand.fallen is not None:
        _hold_back(errand.fallen, turn=errand.turn)
    try:
        _send(errand)
    except PprmailError as error:
        errand.marker.with_suffix(".error").write_text(str(error), encoding="utf-8")
        os._exit(REFUSED)


def _send(errand: Errand) -> None:
    app, clock = app_of(errand.settings), errand.clock
    postroom = replace(app.postroom, clock=clock, sleep=clock.sleep)
    run.send_patiently(postroom, errand.month, who=WHO, run=run.Run())


def _hold_back(fallen: Path, *, turn: str) -> None:
    """Claim no more than some, and leave to the other what it is to fall at."""
    claims = count(1)

    def wait_after_some() -> None:
        if next(claims) > MOST_MEANWHILE:
            _wait(fallen)

    put_around(run, "claim", before, wait_after_some)
    if turn:
        put_around(run, turn, before, lambda: _wait(fallen))


def _wait(fallen: Path) -> None:
    deadline = time.monotonic() + LONG
    while not fallen.exists() and time.monotonic() < deadline:
        time.sleep(A_MOMENT)


def _falling(errand: Errand) -> Callable[[], None]:
    if errand.fall is not None and errand.fall.manner == "stopped":
        return lambda: stand_still(errand.marker.touch)
    return end_at_once
