"""The counting of what came and went."""

from collections import Counter
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Counters:
    """A look at the counters at one moment; `requests` are those to mail/send, refused ones too."""

    connections: int
    requests: int
    accepted: int
    events_sent: int
    events_pending: int
    events_lost: int


class Tally:
    """Counts under names, from any thread, without losing one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, *, by: int = 1) -> int:
        """Add to a count and tell the new one."""
        with self._lock:
            self._counts[name] += by
            return self._counts[name]

    def of(self, name: str) -> int:
        """Tell a count; what was never counted is 0."""
        with self._lock:
            return self._counts[name]
