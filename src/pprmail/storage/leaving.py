"""Leaving, in SQL, in as few steps as there can be: mail programs ask for it, many at a time."""

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, or_, select, update

from pprmail.model.record import Record
from pprmail.model.subscriber import EndReason, SubscriberStatus, outweighs
from pprmail.storage.tables import Subscriber

_ROWS: Final = Record.metadata.tables[Subscriber.__tablename__]
_IS_MEANT: Final = _ROWS.c.public_id == bindparam("reader")
_KNOWN: Final = select(_ROWS.c.id).where(_IS_MEANT)


def end_letters(rows: Connection, public_id: str, reason: EndReason, *, now: datetime) -> bool:
    """Stop all letters of a reader; false where a reason that weighs as much is there, or nobody.

    The moment of an earlier end stays.
    """
    return rows.execute(_ending(reason), {"reader": public_id, "now": now}).first() is not None


def is_known(rows: Connection, public_id: str) -> bool:
    """Tell whether anybody has a public id."""
    return rows.execute(_KNOWN, {"reader": public_id}).first() is not None


@cache
def _ending(reason: EndReason) -> Any:
    # Made once, since making it takes longer than carrying it out.
    ended_at, present = _ROWS.c.ended_at, _ROWS.c.end_reason
    lighter = [present == each for each in EndReason if outweighs(reason, each)]
    now = bindparam("now", type_=ended_at.type)
    changed = {
        "status": SubscriberStatus.ENDED,
        "end_reason": reason,
        "ended_at": func.coalesce(ended_at, now),
        "updated_at": now,
    }
    meant = update(_ROWS).where(_IS_MEANT, or_(present.is_(None), *lighter))
    return meant.values(changed).returning(_ROWS.c.id)
