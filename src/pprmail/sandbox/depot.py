"""The depot: where accepted mail is kept until it leaves, and how it leaves."""

from dataclasses import dataclass, field
from datetime import datetime

from pprmail.sandbox.event_queue import EventQueue
from pprmail.sandbox.events import events_of
from pprmail.sandbox.ledger import LedgerWriter, accepted_entry, discarded_entry
from pprmail.sandbox.mail import AcceptedRequest, Parcel, parcels_of
from pprmail.sandbox.schedule import Schedule
from pprmail.sandbox.suppressions import Suppressions
from pprmail.sandbox.telling import Event


@dataclass(frozen=True, kw_only=True)
class Depot:
    """Takes mail in through the ledger; lets nothing out but events, and these through a queue."""

    ledger: LedgerWriter
    queue: EventQueue
    wants_events: bool
    schedule: Schedule = field(default_factory=Schedule)
    suppressions: Suppressions = field(default_factory=Suppressions)

    def accept(self, request: AcceptedRequest) -> None:
        """Take a request in for good; when this returns, it is on the disk."""
        self.ledger.append(accepted_entry(request))
        self.schedule.add(parcels_of(request))

    def let_go(self, now: datetime) -> None:
        """Turn what leaves by now into events, or into a line of the ledger that says it won't."""
        for departure in self.schedule.take_due(now):
            if departure.discarded is None:
                self._send(departure.parcel, now=now)
            else:
                entry = discarded_entry(departure.parcel, at=now, reason=departure.discarded)
                self.ledger.append(entry)

    def _send(self, parcel: Parcel, *, now: datetime) -> None:
        for letter in parcel.letters():
            self.suppressions.note(letter.address, at=now)
        if self.wants_events:
            self._tell(parcel, now=now)

    def _tell(self, parcel: Parcel, *, now: datetime) -> None:
        telling, events = parcel.request.telling, _events_of(parcel, at=now)
        due = now + telling.late_by
        self.queue.put(telling.in_time(events), due=due)
        self.queue.put_apart(telling.again(events), due=due)

    def early_events(self, request: AcceptedRequest) -> list[Event]:
        """List what is to be told of a request before it is answered, whenever its mail leaves."""
        parcels = parcels_of(request)
        events = [event for parcel in parcels for event in _events_of(parcel, at=request.at)]
        return request.telling.early(events)

    def has_due(self, now: datetime) -> bool:
        """Tell whether anything that has been due is still here, or not acknowledged."""
        return self.schedule.has_due(now) or self.queue.has_due(now)


def _events_of(parcel: Parcel, *, at: datetime) -> list[Event]:
    return [event for letter in parcel.letters() for event in events_of(letter, at=at)]
