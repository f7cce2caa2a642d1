"""The queue of events: what is to be posted, when, and how often it was tried."""

import heapq
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import TypeVar

from pprmail.sandbox.telling import Event

T = TypeVar("T")
# The running number keeps the order of what is due at the same time.
Entry = tuple[datetime, int, T]

MOST_BYTES = 768_000

# As on the wire: one event a line, and a line break at the very end.
FRAME = b"[%b]\r\n"
SEPARATOR = b",\r\n"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Events packed into the body of one post; `due` is when the first of them was due."""

    body: bytes
    count: int
    due: datetime
    tries: int = 0


class EventQueue:
    """Holds single events by due time, and bundles that were refused by the time of the next try.

    Nothing is forgotten until it is settled: an event counts as pending from the moment
    it is put in until it was acknowledged or given up.
    """

    def __init__(self, *, events_per_post: int) -> None:
        self._events_per_post = events_per_post
        self._lock = Lock()
        self._order = itertools.count()
        self._events: list[Entry[Event]] = []
        self._apart: list[Entry[list[Event]]] = []
        self._bundles: list[Entry[Bundle]] = []
        self._out = 0

    def put(self, events: list[Event], *, due: datetime) -> None:
        """Add events to be posted at a time."""
        with self._lock:
            for event in events:
                heapq.heappush(self._events, (due, next(self._order), event))

    def put_apart(self, events: list[Event], *, due: datetime) -> None:
        """Add events to be posted at a time, in no post with others."""
        if events:
            with self._lock:
                heapq.heappush(self._apart, (due, next(self._order), events))

    def take_due(self, now: datetime) -> list[Bundle]:
        """Take out what is due, packed; each bundle must be settled or put back."""
        with self._lock:
            events = _pop_due(self._events, now=now)
            apart = _pop_due(self._apart, now=now)
            refused = _pop_due(self._bundles, now=now)
            self._out += len(events) + _count(apart)
        together = [(events[0][0], [event for _, _, event in events])] if events else []
        groups = together + [(due, group) for due, _, group in apart]
        packed = [bundle for due, group in groups for bundle in self._packed(group, due=due)]
        return [bundle for _, _, bundle in refused] + packed

    def hand_out(self, events: list[Event], *, due: datetime) -> list[Bundle]:
        """Pack events that don't wait here; each bundle must be settled or put back."""
        with self._lock:
            self._out += len(events)
        return list(self._packed(events, due=due))

    def put_back(self, bundle: Bundle, *, next_try: datetime) -> None:
        """Keep a refused bundle for later."""
        again = replace(bundle, tries=bundle.tries + 1)
        with self._lock:
            heapq.heappush(self._bundles, (next_try, next(self._order), again))

    def settle(self, bundle: Bundle) -> None:
        """Forget a bundle that was acknowledged or given up."""
        with self._lock:
            self._out -= bundle.count

    def pending(self) -> int:
        """Count the events that are not settled, due or not."""
        with self._lock:
            return len(self._events) + _count(self._apart) + self._out

    def has_due(self, now: datetime) -> bool:
        """Tell whether any event that has been due is still not settled."""
        with self._lock:
            waiting = [heap[0][0] for heap in (self._events, self._apart) if heap]
            return self._out > 0 or any(due <= now for due in waiting)

    def _packed(self, events: list[Event], *, due: datetime) -> Iterator[Bundle]:
        lines: list[bytes] = []
        size = len(FRAME)
        for event in events:
            line = json.dumps(event, separators=(",", ":"), sort_keys=True).encode()
            if lines and (len(lines) == self._events_per_post or size + len(line) > MOST_BYTES):
                yield _bundle(lines, due=due)
                lines, size = [], len(FRAME)
            lines.append(line)
            size += len(line) + len(SEPARATOR)
        if lines:
            yield _bundle(lines, due=due)


def _pop_due(heap: list[Entry[T]], *, now: datetime) -> list[Entry[T]]:
    due = []
    while heap and heap[0][0] <= now:
        due.append(heapq.heappop(heap))
    return due


def _count(groups: list[Entry[list[Event]]]) -> int:
    return sum(len(group) for _, _, group in groups)


def _bundle(lines: list[bytes], *, due: datetime) -> Bundle:
    return Bundle(FRAME % SEPARATOR.join(lines), len(lines), due)
