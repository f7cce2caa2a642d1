"""Reading the log of what was done, in SQL. It grows for ever, so that each look has a bound."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from pprmail.storage.tables import AuditEntry

LINES_AT_ONCE: Final = 50
SEARCHED_AT_ONCE: Final = 50_000
"""How many lines one look goes through; the next goes on from there."""


@dataclass(frozen=True)
class Wanted:
    """Which lines are wanted: with these words, of this person, from one moment to before another.

    `before` is the number of the line that a former look had come to.
    """

    words: tuple[str, ...] = ()
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class Found:
    """The lines, the newest first, and where to go on, if there may be more.

    `searched_to` is when the last line was written that was looked at, where some are left.
    """

    lines: Sequence[AuditEntry]
    before: int | None = None
    searched_to: datetime | None = None


def find_lines(session: Session, wanted: Wanted) -> Found:
    """Find some lines."""
    newest = session.scalar(select(func.max(AuditEntry.id))) or 0
    top = _number_at(session, wanted.until, newest) if wanted.until else newest + 1
    top = min(top, wanted.before or top)
    floor = _number_at(session, wanted.since, newest) if wanted.since else 1
    low = max(floor, top - SEARCHED_AT_ONCE)
    within = (AuditEntry.id >= low, AuditEntry.id < top, *_that_fit(wanted))
    some = select(AuditEntry).where(*within).order_by(AuditEntry.id.desc())
    lines = session.scalars(some.limit(LINES_AT_ONCE + 1)).all()
    if len(lines) > LINES_AT_ONCE:
        return Found(lines[:LINES_AT_ONCE], lines[LINES_AT_ONCE - 1].id)
    if low > floor:
        onwards = select(AuditEntry.at).where(AuditEntry.id >= low).order_by(AuditEntry.id)
        return Found(lines, low, session.scalar(onwards.limit(1)))
    return Found(lines)


def _that_fit(wanted: Wanted) -> list[ColumnElement[bool]]:
    fitting = [_holds(word) for word in wanted.words]
    if wanted.who:
        theirs = AuditEntry.who.startswith(f"{wanted.who}:", autoescape=True)
        fitting.append(or_(AuditEntry.who == wanted.who, theirs))
    return fitting


def _holds(word: str) -> ColumnElement[bool]:
    columns = (AuditEntry.what, AuditEntry.subject, AuditEntry.who)
    # Details are kept as JSON, in which a letter like é is spelled by its number.
    spelled = json.dumps(word)[1:-1]
    in_detail = cast(AuditEntry.detail, Text).icontains(spelled, autoescape=True)
    return or_(in_detail, *(column.icontains(word, autoescape=True) for column in columns))


def _number_at(session: Session, moment: datetime, newest: int) -> int:
    """Give the number of the first line from a moment on: numbers grow as time does."""
    low, high = 1, newest + 1
    while low < high:
        middle = (low + high) // 2
        following = select(AuditEntry.id, AuditEntry.at).where(AuditEntry.id >= middle)
        found = session.execute(following.order_by(AuditEntry.id).limit(1)).first()
        if found is None or found.at >= moment:
            high = middle
        else:
            low = found.id + 1
    return low
