"""Plans: what one run does to a sending, drawn from a seed so that it can be played again."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from pprmail.cli.torture.mishaps import LATE, MISHAPS, Mishap
from pprmail.cli.torture.points import FIRST_SIGHT, POINTS

Manner = Literal["killed", "stopped"]
Deed = Literal["leave", "pause", "undo"]

MOST_FALLS: Final = 4
LATEST_HIT: Final = 5
LATEST_REQUEST: Final = 9


@dataclass(frozen=True)
class Fall:
    """A process that ends (SIGKILL), or stands still past its lease (SIGSTOP), at a named point.

    `hit` says at which time that it comes there; `alone`, that no other process works meanwhile.
    """

    point: str
    hit: int = 1
    manner: Manner = "killed"
    alone: bool = False

    def __str__(self) -> str:
        return f"{self.manner} at hit {self.hit} of “{self.point}”"


@dataclass(frozen=True)
class Plan:
    """One run: who sends, who falls, how the provider fails, and what people do meanwhile.

    `falls` meet one process after another; `deeds` are done between these processes.
    """

    seed: int = 0
    recalls: bool = True
    hears_back: bool = False
    processes: int = 1
    concurrency: int = 1
    falls: Sequence[Fall] = ()
    mishaps: Sequence[Mishap] = ()
    deeds: Sequence[Deed] = ()

    def __str__(self) -> str:
        parts = (
            f"seed {self.seed}",
            "doubts recalled" if self.recalls else "doubts held",
            *(["reports heard"] if self.hears_back else []),
            f"{self.processes} processes with {self.concurrency} workers each",
            *map(str, (*self.falls, *self.mishaps)),
            *self.deeds,
        )
        return "; ".join(parts)


def drawn(seed: int) -> Plan:
    """Draw a plan; the same seed draws the same one."""
    draw = Random(seed)  # noqa: S311 - no secret: it is to be drawn again
    falls = [_fall(draw) for _ in range(draw.randint(0, MOST_FALLS))]
    # Stopped as a whole, a process of several workers may hold the database's lock by another.
    is_stopped = any(fall.manner == "stopped" for fall in falls)
    return Plan(
        seed=seed,
        recalls=draw.random() < 0.6,
        hears_back=draw.random() < 0.2,
        processes=draw.choice((1, 1, 2, 3)),
        concurrency=1 if is_stopped else draw.choice((1, 1, 2, 4)),
        falls=falls,
        mishaps=[_mishap(draw) for _ in range(draw.choice((0, 0, 1, 2, 4)))],
        deeds=[draw.choice(("leave", "pause", "undo")) for _ in range(draw.choice((0, 0, 1, 2)))],
    )


def kill_sweep(*, recalls: bool, processes: int, hits: Sequence[int]) -> list[Plan]:
    """List the plans that kill a process at every named point, at each of these hits."""
    points = [name for name, point in POINTS.items() if recalls or not point.needs_recall]
    return [
        Plan(
            recalls=recalls,
            processes=processes,
            concurrency=_threads(point, hit),
            falls=(*_before(point, hit), Fall(point, hit)),
            mishaps=_held(point, hit),
        )
        for point in points
        for hit in (hits if POINTS[point].recurs else (1,))
    ]


def fault_matrix(*, recalls: bool, requests: Sequence[int]) -> list[Plan]:
    """List the plans in which each mishap meets each of these requests, counted from 1."""
    return [
        Plan(recalls=recalls, mishaps=(Mishap(name, request),))
        for name in MISHAPS
        for request in requests
        if recalls or not MISHAPS[name].needs_recall
    ]


def _before(point: str, hit: int) -> Sequence[Fall]:
    """Doubts come first where settling them is what is to be cut short."""
    return (Fall(FIRST_SIGHT, hit, alone=True),) if POINTS[point].needs_doubt else ()


def _held(point: str, hit: int) -> Sequence[Mishap]:
    # Requests that are answered late are all under way when the process is killed.
    return [Mishap(LATE, n + 1) for n in range(hit)] if POINTS[point].needs_doubt else ()


def _threads(point: str, hit: int) -> int:
    # As many requests are to be under way when the first process is killed as are settled then.
    return hit if POINTS[point].needs_doubt else 1


def _fall(draw: Random) -> Fall:
    manner: Manner = "stopped" if draw.random() < 0.2 else "killed"
    points = [name for name, p in POINTS.items() if manner == "killed" or not p.holds_lock]
    point = draw.choice(points)
    return Fall(point, draw.randint(1, LATEST_HIT) if POINTS[point].recurs else 1, manner)


def _mishap(draw: Random) -> Mishap:
    return Mishap(draw.choice(list(MISHAPS)), draw.randint(1, LATEST_REQUEST))
