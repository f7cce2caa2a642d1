"""Torture: sendings that are killed and failed in every way, in throw-away copies, and judged."""

import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import structlog
import typer

from pprmail.cli import show
from pprmail.cli.door import Config, config_path, failures_shown
from pprmail.cli.torture.plan import drawn
from pprmail.cli.torture.play import Outcome, play
from pprmail.cli.torture.stage import Stage, sample_stage, stage_of
from pprmail.cli.torture.tally import Tally
from pprmail.errors import PromiseError

LARGEST_SEED: Final = 1_000_000
SAMPLE_URL: Final = "sqlite:///torture.db"


def torture(
    *,
    config: Config = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Of the first run. [default: drawn]")
    ] = None,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1)] = 100,
) -> None:
    """Kill, stop and fail a sending in every way, in throw-away copies, and hold it to its promise.

    Takes the issue in hand of the workspace here, or the sample month where there is none. All
    of it stays on this machine. A run that fails says how to play it again. Ctrl-C ends it early.
    """
    first = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    with failures_shown(), _folder() as folder, _stage(config, folder) as stage:
        tally, begun = Tally(), monotonic()
        # What befalls each sending is its plan's, and no news.
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
        # What was played until somebody stops it is told, and the copies are removed.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with show.progress(f"seeds from {first}") as watch, suppress(KeyboardInterrupt):
            for number in range(runs):
                watch(number, runs)
                tally.add(_played(stage, first + number, folder))
            watch(runs, runs)
        _show(tally, first=first, seconds=monotonic() - begun)


def _played(stage: Stage, seed: int, folder: Path) -> Outcome:
    place = folder / f"run-{seed}"
    outcome = play(stage, drawn(seed), place)
    for complaint in outcome.complaints:
        show.warning(f"seed {seed}: {complaint}")
    if outcome.complaints:
        show.note(f"  the plan: {outcome.plan}")
        show.note(f"  again: pprmail torture --seed {seed} --runs 1")
    shutil.rmtree(place)
    return outcome


def _show(tally: Tally, *, first: int, seconds: float) -> None:
    show.line(f"{tally.runs} runs, seeds {first} to {first + tally.runs - 1}, in {seconds:.0f} s")
    for line in tally.lines():
        show.line(line)
    if tally.broken:
        raise PromiseError(
            f"{tally.broken} of {tally.runs} runs broke the promise",
            remedy="play each again as it says above, and look at the first complaint",
        )


@contextmanager
def _folder() -> Iterator[Path]:
    # It holds a copy of the readers' addresses, and goes whatever happens.
    with tempfile.TemporaryDirectory(prefix="pprmail-torture-") as name:
        yield Path(name)


def _stage(config: Path | None, folder: Path) -> AbstractContextManager[Stage]:
    path = config_path(config)
    is_named = config is not None or path.exists()
    return stage_of(path, folder) if is_named else sample_stage(folder, SAMPLE_URL)
