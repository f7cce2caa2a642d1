"""Playing a plan: real processes against a local SendGrid, from the freeze to the verdict."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any, Final

import structlog

from pprmail.bootstrap import App, app_of
from pprmail.cli.serve import served
from pprmail.cli.torture.clock import Clock
from pprmail.cli.torture.plan import Deed, Fall, Plan
from pprmail.cli.torture.points import POINTS
from pprmail.cli.torture.stage import Place, Stage, free_port
from pprmail.cli.torture.verdict import Verdict, judge, unevenness
from pprmail.cli.torture.victim import Errand, run_errand
from pprmail.errors import PprmailError
from pprmail.model.issue import IssueState
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sending.journal import Journal
from pprmail.services import steering
from pprmail.services.dispatch.recall import undo
from pprmail.services.dispatch.run import Run, send_patiently
from pprmail.services.leaving import leave
from pprmail.services.reports import IssueStatus, status
from pprmail.storage.copies import drop_database
from pprmail.storage.deliveries import promises_of
from pprmail.storage.issues import issue_named

WHO: Final = "torture"
LONG: Final = 120.0
"""Real seconds after which a process that does not end has failed."""

MOST_ROUNDS: Final = 12
"""Processes that a sending is given to come to its end, when nothing goes wrong any more."""

CRASHED: Final = 1
"""The exit status of a process that raised what nobody expected."""

A_MOMENT: Final = 0.004
"""Real seconds from one look at the processes to the next."""

A_LOOK: Final = 600.0
"""Seconds that pass before a person has seen to what made a sending rest."""

A_DAY: Final = 24 * 3600.0

log = structlog.get_logger()

_processes = multiprocessing.get_context("forkserver")
# Whoever reads the modules once can be copied in a moment; it is a process without threads.
_processes.set_forkserver_preload(["pprmail.cli.torture.victim"])


@dataclass(frozen=True)
class Outcome:
    """What a run came to, and how much of its plan took place."""

    plan: Plan
    verdict: Verdict
    requests: int
    killed: int
    stopped: int
    complaints: Sequence[str]


@dataclass
class Scene:
    """One run: its own rows, journal, provider and clock."""

    plan: Plan
    stage: Stage
    folder: Path
    clock: Clock
    app: App
    sandbox: Sandbox
    complaints: list[str] = field(default_factory=list)
    killed: int = 0
    stopped: int = 0
    has_tried: bool = False

    @property
    def fallen(self) -> Path:
        """The file that is there when the process that is to fall has fallen."""
        return self.folder / "fallen"


def play(stage: Stage, plan: Plan, folder: Path) -> Outcome:
    """Play a plan in an empty folder, and judge what came of it."""
    folder.mkdir(mode=0o700)
    with scene_set(stage, plan, folder) as scene:
        deeds = [*plan.deeds, *[None] * MOST_ROUNDS]
        for fall, deed in zip(plan.falls, deeds, strict=False):
            _round(scene, fall)
            _do(scene, deed)
            _let_leases_end(scene)
        for deed in deeds[len(plan.falls) :]:
            if not _is_under_way(scene):
                break
            _round(scene, None)
            _do(scene, deed)
        return _outcome(scene)


@contextmanager
def scene_set(stage: Stage, plan: Plan, folder: Path) -> Iterator[Scene]:
    """Set the scene of a run, and clear it away."""
    clock, url = Clock(folder / "clock"), stage.copied(folder)
    faults = [fault for mishap in plan.mishaps for fault in mishap.faults]
    port = free_port()
    options = SandboxOptions(
        ledger_path=folder / "ledger.jsonl",
        clock=clock,
        faults=faults,
        webhook_url=f"http://127.0.0.1:{port}/hooks/sendgrid" if plan.hears_back else None,
    )
    try:
        with Sandbox(options) as sandbox:
            place = Place(folder, url, sandbox, port)
            app = app_of(stage.set_for(plan, place))
            postroom = replace(app.postroom, clock=clock, sleep=clock.sleep)
            app = replace(app, postroom=postroom)
            try:
                with served(app) if plan.hears_back else nullcontext():
                    yield Scene(plan, stage, folder, clock, app, sandbox)
            finally:
                app.close()
    finally:
        drop_database(url)


def _round(scene: Scene, fall: Fall | None) -> None:
    """Let processes send until each has ended, and one of them fall."""
    before, rests = scene.sandbox.counters.accepted, _rests(scene)
    if fall is None and scene.plan.processes == 1:
        _sent_here(scene)
    else:
        others = range(scene.plan.processes)
        _ended(scene, _fallers(scene, fall) if fall else [_begun(scene) for _ in others])
    scene.has_tried = fall is None
    scene.complaints += unevenness(_status(scene))
    if rests and scene.sandbox.counters.accepted > before:
        scene.complaints.append("it went on although it was paused")


def _sent_here(scene: Scene) -> None:
    """Send from this process, which nothing is to befall; it stands beside those that fell."""
    worker = Thread(target=_send, args=(scene,), daemon=True)
    worker.start()
    worker.join(LONG)
    if worker.is_alive():
        scene.complaints.append("a process does not come to its end")


def _send(scene: Scene) -> None:
    postroom = scene.app.postroom
    # Whoever sends anew is another worker, as it would be in a process of its own.
    journal = Journal(postroom.journal.folder, postroom.journal.installation)
    try:
        send_patiently(replace(postroom, journal=journal), scene.stage.month, who=WHO, run=Run())
    except PprmailError as error:
        log.info("somebody is needed", why=str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not pass unseen
        scene.complaints.append(f"sending ended with an error that has no name: {error!r}")
    finally:
        journal.close()


def _let_leases_end(scene: Scene) -> None:
    # Where the next process does not wait for leases itself, nothing else would.
    if scene.plan.recalls:
        scene.clock.go_on(scene.app.postroom.rules.lease.total_seconds())


def _fallers(scene: Scene, fall: Fall) -> list[ForkServerProcess]:
    """Begin a process that is to fall, and those that work beside it."""
    scene.fallen.unlink(missing_ok=True)
    others = 0 if fall.alone else scene.plan.processes - 1
    turn = POINTS[fall.point].turn
    beside = [_begun(scene, fallen=scene.fallen, turn=turn) for _ in range(others)]
    return [_begun(scene, fall=fall), *beside]


def _begun(scene: Scene, **more: Any) -> ForkServerProcess:
    app, marker = scene.app, scene.folder / "stopped"
    errand = Errand(app.settings, scene.stage.month, scene.clock, marker=marker, **more)
    process = _processes.Process(target=run_errand, args=(errand,), daemon=True)
    process.start()
    return process


def _ended(scene: Scene, running: Sequence[ForkServerProcess]) -> None:
    """Wait for processes; one that stands still is left behind, and woken when others went on."""
    marker, deadline = scene.folder / "stopped", time.monotonic() + LONG
    while any(process.is_alive() for process in running):
        if marker.exists() or not running[0].is_alive():
            scene.fallen.touch()
        if marker.exists() and sum(process.is_alive() for process in running) == 1:
            marker.unlink()
            _left_behind(scene, next(process for process in running if process.is_alive()))
        if time.monotonic() > deadline:
            scene.complaints.append("a process does not come to its end")
            for process in running:
                process.kill()
        time.sleep(A_MOMENT)
    scene.killed += sum(process.exitcode == -signal.SIGKILL for process in running)
    if any(process.exitcode == CRASHED for process in running):
        scene.complaints.append("a process ended with an error that has no name")


def _left_behind(scene: Scene, process: ForkServerProcess) -> None:
    scene.stopped += 1
    scene.clock.go_on(scene.app.postroom.rules.lease.total_seconds() + 1)
    _ended(scene, [_begun(scene)])
    os.kill(process.pid or 0, signal.SIGCONT)


def _do(scene: Scene, deed: Deed | None) -> None:
    """Do what a person does, and whatever a person is needed for."""
    app, month = scene.app, scene.stage.month
    if _rests(scene):
        scene.clock.go_on(A_LOOK)
        steering.resume(app.newsroom, month, who=WHO, now=scene.clock())
    now = scene.clock()
    with suppress(PprmailError):
        if deed == "leave":
            _leave(scene)
        if deed == "pause":
            steering.pause(app.newsroom, month, who=WHO, now=now)
        if deed == "undo":
            undo(app.postroom, month, who=WHO, now=now)


def _leave(scene: Scene) -> None:
    """Let a tenth of the readers leave."""
    draw = Random(scene.plan.seed)  # noqa: S311 - no secret: it is to be drawn again
    with scene.app.database.read() as session:
        promises = promises_of(session, issue_named(session, scene.stage.month))
    for _, reader, _ in draw.sample(list(promises), len(promises) // 10):
        leave(scene.app.database, reader.public_id, how="torture", now=scene.clock())


def _is_under_way(scene: Scene) -> bool:
    """Tell whether another process could still do something for this sending."""
    found = _status(scene)
    if found.issue.state is IssueState.SENT:
        return False
    is_waiting = found.equation.pending + found.equation.in_flight > 0
    may_settle = scene.plan.recalls and not scene.has_tried
    return is_waiting or not found.doubts or may_settle or found.issue.paused_at is not None


def _outcome(scene: Scene) -> Outcome:
    # What was recalled is discarded when its time comes, and what was reported is heard.
    scene.clock.go_on(A_DAY)
    if not scene.sandbox.wait_for_events(LONG):
        scene.complaints.append("the provider does not come to its end")
    if scene.plan.hears_back:
        _round(scene, None)
    ledger = read_ledger(scene.sandbox.ledger_path)
    verdict = judge(scene.app, scene.stage.month, ledger, now=scene.clock())
    made = scene.sandbox.counters.requests
    complaints = [*scene.complaints, *_unsettled(scene, verdict), *verdict.complaints]
    return Outcome(scene.plan, verdict, made, scene.killed, scene.stopped, complaints)


def _unsettled(scene: Scene, verdict: Verdict) -> Iterator[str]:
    if _is_under_way(scene):
        yield f"it does not come to its end: {verdict.status.issue.pause_reason}"


def _rests(scene: Scene) -> bool:
    with scene.app.database.read() as session:
        return issue_named(session, scene.stage.month).paused_at is not None


def _status(scene: Scene) -> IssueStatus:
    return status(scene.app.newsroom, scene.stage.month, now=scene.clock())
