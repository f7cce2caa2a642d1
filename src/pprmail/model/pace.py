"""The pace of a sending: how many letters a minute are taken, and about when the last one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LOOKED_AT: Final = timedelta(minutes=3)
"""What was taken before says little of what is taken now."""

SHORTEST: Final = timedelta(seconds=2)


@dataclass(frozen=True)
class Pace:
    """Letters a minute, and the seconds that the rest takes; None where that can't be told yet."""

    a_minute: int
    seconds_left: int | None

    @classmethod
    def of(
        cls, taken: Sequence[tuple[datetime, int]], *, begun: datetime, pending: int, now: datetime
    ) -> "Pace":
        """Work it out from when how many were taken; `begun` is when the sending began or went on."""
        since = max(begun, now - LOOKED_AT)
        recent = sum(letters for at, letters in taken if at >= since)
        span = max(now - since, SHORTEST).total_seconds()
        left = round(pending * span / recent) if recent else None
        return cls(round(recent * 60 / span), left)

    @property
    def words(self) -> str:
        """Say how long the rest takes: "about 4 minutes"."""
        if self.seconds_left is None:
            return ""
        return span_in_words(self.seconds_left)


def span_in_words(seconds: float) -> str:
    """Write a span of time as roughly as it is known: "about 4 minutes"."""
    if seconds < 50:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    return f"about {round(minutes / 60)} hours"
