"""Telling: how the events of a request reach the webhook, as usual or as a fault has it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

Event = dict[str, Any]
Manner = Literal["early", "shuffled", "twice", "twice-new-ids", "never"]


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told early, in time and once more; whatever the manners, no event is invented."""

    manners: tuple[Manner, ...] = ()
    late_by: timedelta = timedelta()
    seed: int = 0

    def early(self, events: list[Event]) -> list[Event]:
        """Pick what is told before the request is answered: that it is being processed."""
        return [event for event in events if self._is_early(event)]

    def in_time(self, events: list[Event]) -> list[Event]:
        """Pick what is told when the letter leaves, or `late_by` after it, in the order to come."""
        if "never" in self.manners:
            return []
        return self._ordered([event for event in events if not self._is_early(event)])

    def again(self, events: list[Event]) -> list[Event]:
        """Pick what is told a second time, in posts of its own."""
        same = events if "twice" in self.manners else []
        renamed = [_renamed(each) for each in events] if "twice-new-ids" in self.manners else []
        return self._ordered([*same, *renamed])

    def _is_early(self, event: Event) -> bool:
        return "early" in self.manners and event["event"] == "processed"

    def _ordered(self, events: list[Event]) -> list[Event]:
        return _shuffled(events, seed=self.seed) if "shuffled" in self.manners else events


AS_USUAL = Telling()


def _renamed(event: Event) -> Event:
    return {**event, "sg_event_id": f"{event['sg_event_id']}-again"}


def _shuffled(events: list[Event], *, seed: int) -> list[Event]:
    # By digests of the places, so that the seed and the number of events alone decide; and
    # never the order that they had, which a shuffle of two would leave every other time.
    places = sorted(range(len(events)), key=lambda place: _digest(seed, place))
    if places == sorted(places):
        places.reverse()
    return [events[place] for place in places]


def _digest(seed: int, place: int) -> bytes:
    return hashlib.sha256(f"{seed} {place}".encode()).digest()
