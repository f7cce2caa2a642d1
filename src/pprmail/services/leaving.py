"""Leaving: a reader's letters end at once; many who leave at the same moment share one commit."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from pprmail.model.subscriber import EndReason
from pprmail.storage.audit import note_line
from pprmail.storage.database import Database
from pprmail.storage.leaving import end_letters, is_known


def leave(database: Database, public_id: str, *, how: str, now: datetime) -> bool:
    """End a subscription at once, also in the middle of a sending; repeated, it stays ended.

    Gives False where nobody has this public id.
    """
    with database.write_rows() as rows:
        return _ended(rows, public_id, how=how, now=now)


@dataclass(frozen=True)
class _Wish:
    public_id: str
    how: str
    now: datetime
    was_known: Future[bool] = field(default_factory=Future)


@dataclass(frozen=True)
class Leavers:
    """Those who leave at this moment: one thread does it for all who came while it was busy."""

    database: Database
    _waiting: list[_Wish] = field(default_factory=list)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "leaving"))

    def leave(self, public_id: str, *, how: str, now: datetime) -> Future[bool]:
        """Do what `leave` does, soon; when the answer is there, it is committed."""
        wish = _Wish(public_id, how, now)
        # Whoever gives the connection up meanwhile has asked to leave all the same.
        wish.was_known.set_running_or_notify_cancel()
        self._waiting.append(wish)
        self._thread.submit(self._carry_out)
        return wish.was_known

    def close(self) -> None:
        """Let everybody who asked leave first."""
        self._thread.shutdown()

    def _carry_out(self) -> None:
        # Adding to a list and taking from its front are done in one step each.
        wishes = [self._waiting.pop(0) for _ in range(len(self._waiting))]
        # In one order everywhere, so that no two processes wait for a row in a circle.
        wishes.sort(key=lambda wish: wish.public_id)
        try:
            answers = self._answers(wishes)
        except Exception as error:  # noqa: BLE001 - everybody who waits is told
            for wish in wishes:
                wish.was_known.set_exception(error)
        else:
            for wish, was_known in zip(wishes, answers, strict=True):
                wish.was_known.set_result(was_known)

    def _answers(self, wishes: Sequence[_Wish]) -> list[bool]:
        if not wishes:
            return []
        with self.database.write_rows() as rows:
            return [_ended(rows, each.public_id, how=each.how, now=each.now) for each in wishes]


def _ended(rows: Connection, public_id: str, *, how: str, now: datetime) -> bool:
    if not end_letters(rows, public_id, EndReason.UNSUBSCRIBED, now=now):
        return is_known(rows, public_id)
    told = {"at": now, "who": "reader", "what": "subscriber left"}
    note_line(rows, told | {"subject": public_id, "detail": {"how": how}})
    return True
