"""Figures that take long to count, kept for a little while, so that no page waits for them twice."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Final, TypeVar

QUICK: Final = timedelta(milliseconds=30)
"""What is counted within this time is counted anew whenever it is asked for."""

TIMES: Final = 100
"""How much longer than it took to count a figure is kept: so counting never takes more than 1 %."""

LONGEST: Final = timedelta(minutes=10)
MOST: Final = 500

T = TypeVar("T")


@dataclass(frozen=True)
class Kept:
    """Keeps figures by name; small installations never see an old one."""

    _found: dict[Hashable, tuple[datetime, Any]] = field(default_factory=dict)

    def of(self, name: Hashable, count: Callable[[], T], *, now: datetime) -> T:
        """Give a figure: one that is kept and still good, else counted now."""
        good_until, figure = self._found.get(name, (now, None))
        if now < good_until:
            kept: T = figure
            return kept
        begun = perf_counter()
        counted = count()
        took = timedelta(seconds=perf_counter() - begun)
        if took > QUICK:
            self._keep(name, counted, until=now + min(took * TIMES, LONGEST))
        return counted

    def _keep(self, name: Hashable, figure: object, *, until: datetime) -> None:
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[name] = (until, figure)
