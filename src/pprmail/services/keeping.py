"""Keeping figures: what takes long to count is counted beside the pages, and shown with its age."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Final, Generic, TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger()

PATIENCE: Final = 0.1
"""Seconds that a page waits for figures; most are counted within."""

AS_LONG_AGAIN: Final = 100
"""Figures serve for so many times the time that they took: a second of work in two minutes."""


@dataclass(frozen=True)
class Counted(Generic[T]):
    """Figures, and when they were counted."""

    figures: T
    at: datetime


@dataclass(frozen=True)
class _Kept:
    counted: Counted[Any]
    took: timedelta


@dataclass
class Keeping:
    """Keeps the figures of every name; each is counted by one thread at a time."""

    patience: float = PATIENCE
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _under_way: dict[str, Event] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def look(self, name: str, count: Callable[[], T], *, now: datetime) -> Counted[T] | None:
        """Give the newest figures of a name; None while they are counted for the first time."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and _is_fresh(kept, now):
                return kept.counted
            done = self._under_way.get(name) or self._begun(name, count, now)
        done.wait(self.patience)
        with self._lock:
            newest = self._kept.get(name)
        return newest.counted if newest else None

    def _begun(self, name: str, count: Callable[[], object], now: datetime) -> Event:
        done = self._under_way[name] = Event()
        Thread(target=self._run, args=(name, count, now, done), daemon=True).start()
        return done

    def _run(self, name: str, count: Callable[[], object], now: datetime, done: Event) -> None:
        begun, kept = monotonic(), None
        try:
            counted = Counted(count(), now)
            kept = _Kept(counted, timedelta(seconds=monotonic() - begun))
        except Exception as error:  # noqa: BLE001 - the next page that asks begins anew
            log.error("figures not counted", name=name, why=str(error), kind=type(error).__name__)
        with self._lock:
            if kept is not None:
                self._kept[name] = kept
            del self._under_way[name]
        done.set()


def _is_fresh(kept: _Kept, now: datetime) -> bool:
    return now - kept.counted.at < kept.took * AS_LONG_AGAIN
