"""The schedule: accepted mail that waits for its time, and what becomes of it then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from pprmail.sandbox.batch_book import BatchBook, BatchStatus
from pprmail.sandbox.mail import Parcel

LONGEST_PAUSE = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Departure:
    """A parcel that leaves the schedule: to be sent, or to be discarded for a reason."""

    parcel: Parcel
    discarded: str | None = None


class Schedule:
    """Keeps parcels until they are due, and paused ones until their batch is let go."""

    def __init__(self) -> None:
        self.batches = BatchBook()
        self._lock = Lock()
        self._waiting: list[Parcel] = []

    def add(self, parcels: list[Parcel]) -> None:
        """Put parcels in to wait for their time."""
        with self._lock:
            self._waiting += parcels

    def take_due(self, now: datetime) -> list[Departure]:
        """Take out whatever leaves by now."""
        with self._lock:
            departures = self._departures(now)
            gone = {id(departure.parcel) for departure in departures}
            self._waiting = [each for each in self._waiting if id(each) not in gone]
        return departures

    def has_due(self, now: datetime) -> bool:
        """Tell whether anything would leave now."""
        with self._lock:
            return bool(self._departures(now))

    def _departures(self, now: datetime) -> list[Departure]:
        verdicts = [self._verdict(each, now) for each in self._waiting if each.due <= now]
        return [verdict for verdict in verdicts if verdict is not None]

    def _verdict(self, parcel: Parcel, now: datetime) -> Departure | None:
        status = self.batches.status_of(parcel.request.batch_id, due=parcel.due)
        if status is BatchStatus.CANCEL:
            return Departure(parcel, discarded="cancelled")
        if status is BatchStatus.PAUSE:
            expired = now >= parcel.due + LONGEST_PAUSE
            return Departure(parcel, discarded="expired") if expired else None
        return Departure(parcel)
