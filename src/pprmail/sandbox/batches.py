"""The endpoints for batches: make an id, validate it, pause, cancel and let go."""

from typing import Any

from pprmail.sandbox.batch_book import BatchBook, BatchStatus
from pprmail.sandbox.call import Call, RefusedError, Reply, answer, refused
from pprmail.sandbox.objection import Objection
from pprmail.sandbox.options import Clock

NOT_FOUND = "batch id not found"


class Batches:
    """Speaks for a batch book over HTTP."""

    def __init__(self, book: BatchBook, *, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def create(self, _: Call) -> Reply:
        """Issue an id."""
        return answer(201, {"batch_id": self._book.issue(now=self._clock())})

    def validate(self, _: Call, batch_id: str) -> Reply:
        """Say whether an id was issued; nothing about its mail."""
        self._known(batch_id)
        return answer(200, {"batch_id": batch_id})

    def list_held(self, _: Call) -> Reply:
        """List the batches with a status, and only these."""
        return answer(200, [_line(*held) for held in self._book.holds().items()])

    def hold(self, call: Call) -> Reply:
        """Give a batch its first status; a second one is refused."""
        wish = _wish(call)
        batch_id, status = self._known(wish.get("batch_id")), _status(wish)
        obstacle = self._book.hold(batch_id, status=status, now=self._clock())
        return refused(400, obstacle) if obstacle else answer(201, _line(batch_id, status))

    def look_up(self, _: Call, batch_id: str) -> Reply:
        """List the status of one batch: an array, empty without a status."""
        status = self._book.holds().get(batch_id)
        return answer(200, [] if status is None else [_line(batch_id, status)])

    def change(self, call: Call, batch_id: str) -> Reply:
        """Change a status that is set."""
        changed = self._book.change(batch_id, status=_status(_wish(call)))
        return Reply(204) if changed else refused(404, NOT_FOUND)

    def release(self, _: Call, batch_id: str) -> Reply:
        """Remove a status, so that the mail goes out."""
        return Reply(204) if self._book.release(batch_id) else refused(404, NOT_FOUND)

    def _known(self, batch_id: object) -> str:
        if isinstance(batch_id, str) and self._book.knows(batch_id, now=self._clock()):
            return batch_id
        raise RefusedError(refused(400, "invalid batch id"))


def _line(batch_id: str, status: BatchStatus) -> dict[str, str]:
    return {"batch_id": batch_id, "status": status}


def _wish(call: Call) -> dict[str, Any]:
    wish = call.json()
    if isinstance(wish, dict):
        return wish
    raise RefusedError(refused(400, "An object is expected."))


def _status(wish: dict[str, Any]) -> BatchStatus:
    try:
        return BatchStatus(str(wish.get("status")))
    except ValueError as error:
        objection = Objection("The status is either pause or cancel.", "status")
        raise RefusedError(refused(400, objection)) from error
