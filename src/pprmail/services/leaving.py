"""Leaving: a reader's letters end at once; many who leave at the same moment share one commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

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


@dataclass
class _Wish:
    public_id: str
    how: str
    now: datetime
    is_known: bool = False
    is_done: bool = False
    error: Exception | None = None


@dataclass(frozen=True)
class Leavers:
    """Those who leave at this moment: whoever's turn it is does it for all who wait."""

    database: Database
    _waiting: list[_Wish] = field(default_factory=list)
    _turn: Lock = field(default_factory=Lock)

    def leave(self, public_id: str, *, how: str, now: datetime) -> bool:
        """Do what `leave` does; when it returns, it is committed."""
        wish = _Wish(public_id, how, now)
        self._waiting.append(wish)
        with self._turn:
            if not wish.is_done:
                self._carry_out(self._all_who_wait())
        if wish.error is not None:
            raise wish.error
        return wish.is_known

    def _all_who_wait(self) -> Sequence[_Wish]:
        # Adding to a list and taking from its front are done in one step each.
        return [self._waiting.pop(0) for _ in range(len(self._waiting))]

    def _carry_out(self, wishes: Sequence[_Wish]) -> None:
        try:
            with self.database.write_rows() as rows:
                # In one order everywhere, so that nobody waits for a row in a circle.
                for wish in sorted(wishes, key=lambda each: each.public_id):
                    wish.is_known = _ended(rows, wish.public_id, how=wish.how, now=wish.now)
        except Exception as error:  # noqa: BLE001 - everybody who waits is told
            for wish in wishes:
                wish.error = error
        for wish in wishes:
            wish.is_done = True


def _ended(rows: Connection, public_id: str, *, how: str, now: datetime) -> bool:
    if not end_letters(rows, public_id, EndReason.UNSUBSCRIBED, now=now):
        return is_known(rows, public_id)
    told = {"at": now, "who": "reader", "what": "subscriber left"}
    note_line(rows, told | {"subject": public_id, "detail": {"how": how}})
    return True
