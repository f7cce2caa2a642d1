"""The book of batches: which ids were issued and which of them are paused or cancelled."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

BATCH_ID_LIFE = timedelta(days=10)
CERTAIN_BEFORE = timedelta(minutes=10)
MOST_HOLDS = 10


class BatchStatus(StrEnum):
    """What can be asked for a batch; a batch without a status is sent."""

    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Hold:
    """A status and the time from which the batch has had one."""

    status: BatchStatus
    since: datetime


class BatchBook:
    """Issues ids and keeps their holds; every change happens whole, from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._issued: dict[str, datetime] = {}
        self._holds: dict[str, Hold] = {}

    def issue(self, *, now: datetime) -> str:
        """Make an id that is good for ten days."""
        batch_id = secrets.token_hex(24)
        with self._lock:
            self._issued[batch_id] = now
        return batch_id

    def knows(self, batch_id: str, *, now: datetime) -> bool:
        """Tell whether the id was issued here and has not run out."""
        issued = self._issued.get(batch_id)
        return issued is not None and now < issued + BATCH_ID_LIFE

    def holds(self) -> dict[str, BatchStatus]:
        """List the batches that are paused or cancelled."""
        with self._lock:
            return {batch_id: hold.status for batch_id, hold in self._holds.items()}

    def hold(self, batch_id: str, *, status: BatchStatus, now: datetime) -> str | None:
        """Pause or cancel a batch; return what stands against it, if anything does."""
        with self._lock:
            if batch_id in self._holds:
                return "A status is already set for this batch id: use PATCH to change it."
            if len(self._holds) >= MOST_HOLDS:
                return f"At most {MOST_HOLDS} batches can be paused or cancelled at once."
            self._holds[batch_id] = Hold(status, now)
        return None

    def change(self, batch_id: str, *, status: BatchStatus) -> bool:
        """Turn a pause into a cancel or back; false if the batch has no status."""
        with self._lock:
            hold = self._holds.get(batch_id)
            if hold is not None:
                self._holds[batch_id] = replace(hold, status=status)
        return hold is not None

    def release(self, batch_id: str) -> bool:
        """Take the status away; false if the batch has none."""
        with self._lock:
            return self._holds.pop(batch_id, None) is not None

    def status_of(self, batch_id: str | None, *, due: datetime) -> BatchStatus | None:
        """Tell the status that counts for mail due then.

        SendGrid promises nothing for a status set within ten minutes of the sending time;
        here it never works, the worse case for whoever relies on it.
        """
        with self._lock:
            hold = self._holds.get(batch_id or "")
        if hold is None or hold.since > due - CERTAIN_BEFORE:
            return None
        return hold.status
