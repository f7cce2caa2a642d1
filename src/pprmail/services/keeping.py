"""Keeping figures: what takes long to count is kept for a while, and counted anew beside the pages."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Final, Generic, TypeVar

import structlog

from pprmail.errors import BeingCountedError

T = TypeVar("T")
log = structlog.get_logger()

QUICK: Final = timedelta(milliseconds=30)
"""What is counted within this time is counted anew whenever it is asked for."""

TIMES: Final = 100
"""Figures serve for so many times the time that they took: a second of work in two minutes."""

LONGEST: Final = timedelta(minutes=10)
FRESH: Final = timedelta(minutes=8)
"""After which newer ones are counted in any case, in time before the old ones are too old."""

PATIENCE: Final = 0.1
"""Seconds that a page waits for newer figures; most are counted within."""

MOST: Final = 500


@dataclass(frozen=True)
class Counted(Generic[T]):
    """Figures, and when they were counted."""

    figures: T
    at: datetime


@dataclass(frozen=True)
class _Kept:
    counted: Counted[Any]
    took: timedelta

    def is_fresh(self, now: datetime) -> bool:
        return now - self.counted.at < min(self.took * TIMES, FRESH)


@dataclass
class _Counting:
    done: Event = field(default_factory=Event)
    counted: Counted[Any] | None = None


@dataclass
class Keeping:
    """Keeps the figures of every name; small installations never see old ones.

    What counts them may run in a thread of its own, and opens what it needs itself.
    """

    patience: float = PATIENCE
    _kept: dict[Hashable, _Kept] = field(default_factory=dict)
    _under_way: dict[Hashable, _Counting] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, name: Hashable, count: Callable[[], T], *, now: datetime) -> T:
        """Give figures that are ten minutes old at most; only for the first is waited."""
        with self._lock:
            kept = self._kept.get(name)
        newest: Counted[T] | None = None
        if kept is not None and now - kept.counted.at < LONGEST:
            newest = self.look(name, count, now=now)
        return (newest or self._count(name, count, now)).figures

    def soon(self, name: Hashable, count: Callable[[], T], *, now: datetime) -> T:
        """Give figures as old as `of` gives them, or raise BeingCountedError instead of waiting."""
        newest = self.look(name, count, now=now)
        if newest is None or now - newest.at >= LONGEST:
            newest = self._nearly_counted(name)
        # What failed beside the page fails here once more, and tells why.
        return (newest or self._count(name, count, now)).figures

    def look(self, name: Hashable, count: Callable[[], T], *, now: datetime) -> Counted[T] | None:
        """Give the newest figures of a name; None while they are counted for the first time."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and kept.is_fresh(now):
                return kept.counted
            counting = self._under_way.get(name) or self._begun(name, count, now)
        counting.done.wait(self.patience)
        return counting.counted or (kept.counted if kept else None)

    def _nearly_counted(self, name: Hashable) -> Counted[Any] | None:
        with self._lock:
            counting = self._under_way.get(name)
        if counting is None:
            return None
        # Without these the page would say nothing at all, so that they are waited for once more.
        if not counting.done.wait(self.patience):
            raise BeingCountedError("figures are being counted", remedy="look again in a moment")
        return counting.counted

    def _begun(self, name: Hashable, count: Callable[[], object], now: datetime) -> _Counting:
        counting = self._under_way[name] = _Counting()
        Thread(target=self._run, args=(name, count, now, counting), daemon=True).start()
        return counting

    def _run(
        self, name: Hashable, count: Callable[[], object], now: datetime, counting: _Counting
    ) -> None:
        try:
            counting.counted = self._count(name, count, now)
        except Exception as error:  # noqa: BLE001 - the next page that asks begins anew
            kind = type(error).__name__
            log.error("figures not counted", name=str(name), why=str(error), kind=kind)
        with self._lock:
            del self._under_way[name]
        counting.done.set()

    def _count(self, name: Hashable, count: Callable[[], T], now: datetime) -> Counted[T]:
        begun = monotonic()
        counted = Counted(count(), now)
        took = timedelta(seconds=monotonic() - begun)
        with self._lock:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept.pop(name, None)
            if took > QUICK:
                self._kept[name] = _Kept(counted, took)
        return counted
