"""Points: the places in a sending where a process may be made to end, each with a name.

They are put around the product's own functions in a process that is to fall, so that the product
knows nothing of them.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from typing import Any, Final

from pprmail.model.issue import Issue
from pprmail.sending import journal
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.sendgrid import SendGridSender
from pprmail.services.dispatch import claim, freeze, recall, record, run, settle

Does = Callable[..., Any]
Fall = Callable[[], object]
Cut = Callable[[Does, Fall], Does]

A_LETTER: Final = 4_000
"""Bytes; what is longer and goes out to the provider holds letters."""


@dataclass(frozen=True)
class Point:
    """A function of the product, and where in its course the process falls.

    `recurs` says that it is come to for each request; `needs_doubt`, only where one has to be
    settled; `needs_recall`, only with a recall window. `holds_lock` says that a transaction is open; `turn` names
    what others must leave to the process that is to fall there, for one alone comes to it.
    """

    owner: object
    name: str
    cut: Cut
    recurs: bool = True
    needs_doubt: bool = False
    needs_recall: bool = False
    holds_lock: bool = False
    turn: str = ""


def arm(point: str, *, hit: int, fall: Fall) -> None:
    """Let this process fall when it comes to a point for the n-th time."""
    place, visits = POINTS[point], count(1)

    def fall_when_due() -> None:
        if next(visits) == hit:
            fall()

    put_around(place.owner, place.name, place.cut, fall_when_due)


def put_around(owner: object, name: str, cut: Cut, fall: Fall) -> None:
    """Put something around a function of the product, in this process."""
    setattr(owner, name, cut(getattr(owner, name), fall))


def before(whole: Does, fall: Fall) -> Does:
    """Fall instead of beginning."""

    def cut(*given: Any, **named: Any) -> Any:
        fall()
        return whole(*given, **named)

    return cut


def after(whole: Does, fall: Fall) -> Does:
    """Fall when it is done, before anybody is told."""

    def cut(*given: Any, **named: Any) -> Any:
        result = whole(*given, **named)
        fall()
        return result

    return cut


def _torn(*, intent: bool) -> Cut:
    """Fall in the middle of a line of the journal."""

    def cut(whole: Does, fall: Fall) -> Does:
        def append(handle: int, data: bytes) -> None:
            if (b'"what": "intent"' in data) is intent:
                whole(handle, data[: len(data) // 2])
                fall()
                os.ftruncate(handle, os.fstat(handle).st_size - len(data) // 2)
            whole(handle, data)

        return append

    return cut


def _line(*, intent: bool) -> Cut:
    """Fall when a line of the journal is on the disk."""

    def cut(whole: Does, fall: Fall) -> Does:
        def append(handle: int, data: bytes) -> None:
            whole(handle, data)
            if (b'"what": "intent"' in data) is intent:
                fall()

        return append

    return cut


def _body(*, share: float) -> Cut:
    """Fall when this share of the letters' bytes is out."""

    def cut(whole: Does, fall: Fall) -> Does:
        def send(connection: HTTPConnection, data: Any) -> None:
            is_letters = isinstance(data, bytes) and len(data) >= A_LETTER
            some = int(len(data) * share) if is_letters else len(data)
            whole(connection, data[:some])
            if is_letters:
                fall()
            if some < len(data):
                whole(connection, data[some:])

        return send

    return cut


def _claimed(whole: Does, fall: Fall) -> Does:
    """Fall when a claim is committed; finding nothing to claim is none."""

    def cut(*given: Any, **named: Any) -> Any:
        found = whole(*given, **named)
        if found is not None:
            fall()
        return found

    return cut


FIRST_SIGHT: Final = "the intent is in the journal"
"""Where a process dies to leave doubts behind."""

POINTS: Final[dict[str, Point]] = {
    "before the freeze": Point(run, "freeze", before, recurs=False, turn="freeze"),
    "inside the freeze": Point(
        freeze, "plan_deliveries", after, recurs=False, turn="freeze", holds_lock=True
    ),
    "after the freeze": Point(run, "freeze", after, recurs=False, turn="freeze"),
    "a batch is named": Point(run, "_new_batch", after, needs_recall=True),
    "inside the claim": Point(claim, "put_into_request", after, holds_lock=True),
    "after the claim": Point(run, "claim", _claimed),
    "half of the intent is in the journal": Point(journal, "_append", _torn(intent=True)),
    FIRST_SIGHT: Point(journal, "_append", _line(intent=True)),
    "half of the letters are out": Point(HTTPConnection, "send", _body(share=0.5)),
    "all letters are out": Point(HTTPConnection, "send", _body(share=1)),
    "the answer is read": Point(SendGridSender, "send", after),
    "half of the answer is in the journal": Point(journal, "_append", _torn(intent=False)),
    "the answer is in the journal": Point(journal, "_append", _line(intent=False)),
    "inside the record": Point(record, "_record", after, holds_lock=True),
    "after the record": Point(run, "record", after),
    "inside the finish": Point(
        Issue, "finish", after, recurs=False, turn="finish_if_settled", holds_lock=True
    ),
    "after the finish": Point(run, "finish_if_settled", after, recurs=False),
    "an orphan is found": Point(settle, "_settle", before, needs_doubt=True, turn="settle_orphans"),
    "inside an orphan's settling": Point(
        settle, "move_request", after, needs_doubt=True, turn="settle_orphans", holds_lock=True
    ),
    "an orphan is settled": Point(
        settle, "_settle", after, needs_doubt=True, turn="settle_orphans"
    ),
    "before a recall": Point(
        SendGridBatches,
        "recall",
        before,
        needs_doubt=True,
        turn="settle_orphans",
        needs_recall=True,
    ),
    "a recall was ordered": Point(
        SendGridBatches, "look", before, needs_doubt=True, turn="settle_orphans", needs_recall=True
    ),
    "a recall was read back": Point(
        SendGridBatches, "recall", after, needs_doubt=True, turn="settle_orphans", needs_recall=True
    ),
    "inside a recall's settling": Point(
        recall,
        "move_request",
        after,
        needs_doubt=True,
        turn="settle_orphans",
        needs_recall=True,
        holds_lock=True,
    ),
    "a recall is settled": Point(
        recall, "_settle", after, needs_doubt=True, turn="settle_orphans", needs_recall=True
    ),
}


def end_at_once() -> None:
    """Kill this process as nothing else can: without a last word."""
    os.kill(os.getpid(), 9)


def stand_still(tell: Fall) -> None:
    """Stop this process until somebody wakes it."""
    tell()
    sys.stdout.flush()
    os.kill(os.getpid(), 19)
