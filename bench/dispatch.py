"""Dispatch: from the freeze to the last acknowledgement, against the reference of `limit.py`."""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from bench.limit import run_limit
from bench.sink import sink
from bench.workspace import MONTH
from pprmail.bootstrap import open_app
from pprmail.services.dispatch.run import Run, send

READERS = 100_000
ROUNDS = 3


class Measured(NamedTuple):
    """One run."""

    letters: int
    seconds: float
    cpu: float
    peak_mib: float


def main(readers: int = READERS, rounds: int = ROUNDS) -> None:
    """Run all in turn, and print the medians with their ratio to the reference."""
    with tempfile.TemporaryDirectory() as name, sink() as host, sandbox(Path(name)) as strict:
        folder = Path(name)
        seeds = {
            "limit": _seed(folder / "three", readers, host, summaries=3),
            "pprmail": folder / "three",
            "pprmail, 6 summaries": _seed(folder / "six", readers, host, summaries=6),
            "pprmail, to the sandbox": _seed(folder / "strict", readers, strict, summaries=3),
        }
        runs: dict[str, list[Measured]] = {kind: [] for kind in seeds}
        for place in range(rounds):
            for kind, seed in seeds.items():
                copy = folder / f"run{place}"
                shutil.copytree(seed, copy)
                runs[kind].append(_run_apart(kind.partition(",")[0], copy, host))
                shutil.rmtree(copy)
    _show(readers, runs)


def _seed(folder: Path, readers: int, host: str, *, summaries: int) -> Path:
    # Apart too: a child that is forked from a large process counts as large itself.
    call = f"approved_workspace(Path({str(folder)!r}), {readers}, {host!r}, summaries={summaries})"
    code = f"from pathlib import Path; from bench.workspace import approved_workspace; {call}"
    subprocess.run([sys.executable, "-c", code], check=True)
    return folder


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    """Run the sandbox in a process of its own, and give its address."""
    command = [sys.executable, "-m", "pprmail", "sandbox", "--port", "0", "--webhook", ""]
    command += ["--ledger", str(folder / "ledger.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("host = "))
        try:
            yield said.split('"')[1]
        finally:
            process.terminate()


def _run_apart(kind: str, folder: Path, host: str) -> Measured:
    command = [sys.executable, "-m", "bench.dispatch", kind, str(folder), host]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _show(readers: int, runs: dict[str, list[Measured]]) -> None:
    print(f"dispatch: {readers:,} subscribers, 3 summaries, SQLite, a sink on loopback")
    reference = median(run.seconds for run in runs["limit"])
    for kind, measured in runs.items():
        seconds = median(run.seconds for run in measured)
        letters = measured[0].letters
        cpu = median(run.cpu for run in measured) / letters * 1000
        peak = max(run.peak_mib for run in measured)
        print(
            f"  {kind:24} {letters:>9,} letters {seconds:7.2f} s {letters / seconds:>10,.0f}/s "
            f"{cpu:7.4f} CPU s per 1000 {peak:6.0f} MiB {seconds / reference:6.2f} × limit"
        )


def _measure(kind: str, folder: Path, host: str) -> Measured:
    letters, seconds = _limit(folder, host) if kind == "limit" else _pprmail(folder)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Measured(letters, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _limit(folder: Path, host: str) -> tuple[int, float]:
    started = perf_counter()
    return run_limit(folder / "pprmail.db", host), perf_counter() - started


def _pprmail(folder: Path) -> tuple[int, float]:
    app = open_app(folder / "config.toml")
    started = perf_counter()
    issue = send(app.postroom, MONTH, who="bench", run=Run())
    seconds = perf_counter() - started
    app.close()
    return issue.frozen_readers or 0, seconds


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3])._asdict()))
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
