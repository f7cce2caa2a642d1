"""Dispatch: from the freeze to the last acknowledgement, against the reference of `limit.py`."""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from bench.limit import run_limit
from bench.sink import sink
from bench.workspace import MONTH, approved_workspace

READERS = 100_000
ROUNDS = 3


class Measured(NamedTuple):
    """One run."""

    letters: int
    seconds: float
    cpu: float
    peak_mib: float


def main(readers: int = READERS, rounds: int = ROUNDS) -> None:
    """Run both in turn, and print the medians with their ratio."""
    with tempfile.TemporaryDirectory() as name, sink() as host:
        seed = Path(name) / "seed"
        approved_workspace(seed, readers, host)
        runs: dict[str, list[Measured]] = {"limit": [], "pprmail": []}
        for place in range(rounds):
            for kind, measured in runs.items():
                copy = Path(name) / f"{kind}{place}"
                shutil.copytree(seed, copy)
                measured.append(_run_apart(kind, copy, host))
                shutil.rmtree(copy)
    _show(readers, runs)


def _run_apart(kind: str, folder: Path, host: str) -> Measured:
    command = [sys.executable, "-m", "bench.dispatch", kind, str(folder), host]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _show(readers: int, runs: dict[str, list[Measured]]) -> None:
    print(f"dispatch: 3 summaries, {readers:,} subscribers, SQLite, sink on loopback")
    reference = median(run.seconds for run in runs["limit"])
    for kind, measured in runs.items():
        seconds = median(run.seconds for run in measured)
        letters = measured[0].letters
        cpu = median(run.cpu for run in measured) / letters * 1000
        peak = max(run.peak_mib for run in measured)
        print(
            f"  {kind:8} {letters:>9,} letters {seconds:7.2f} s {letters / seconds:>10,.0f}/s "
            f"{cpu:7.4f} CPU s per 1000 {peak:6.0f} MiB {seconds / reference:6.2f} × limit"
        )


def _measure(kind: str, folder: Path, host: str) -> Measured:
    work = {"limit": _limit, "pprmail": _pprmail}[kind]
    started = perf_counter()
    letters = work(folder, host)
    seconds = perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Measured(letters, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _limit(folder: Path, host: str) -> int:
    return run_limit(folder / "pprmail.db", host)


def _pprmail(folder: Path, _: str) -> int:
    from pprmail.bootstrap import open_app
    from pprmail.services.dispatch.run import Run, send

    app = open_app(folder / "config.toml")
    issue = send(app.postroom, MONTH, who="bench", run=Run())
    app.close()
    return issue.frozen_readers or 0


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3])._asdict()))
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
