"""One session at a time: a second one in the same thread could wait for itself.

With SQLite's rollback journal, whoever is about to write waits for every look to end, and no new
look begins meanwhile. A thread that looks once more while its first look is open then waits for
the writer, who waits for the thread.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import local
from types import FrameType
from typing import Any, Final

import pytest

from pprmail.services.keeping import Keeping
from pprmail.storage.database import Database

OURS: Final = str(Path(__file__).parents[1] / "src" / "pprmail")
SESSIONS: Final = ("read", "write", "write_rows")
COUNTS: Final = ("of", "soon", "look")


class _Open(local):
    def __init__(self) -> None:
        self.places: list[str] = []


_OPEN: Final = _Open()


@contextmanager
def watched() -> Iterator[None]:
    """Fail wherever the program opens a session, or asks for figures, inside of a session."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SESSIONS:
            patch.setattr(Database, name, _alone(getattr(Database, name)))
        for name in COUNTS:
            patch.setattr(Keeping, name, _outside(getattr(Keeping, name)))
        yield


def _alone(opened: Callable[..., AbstractContextManager[Any]]) -> Callable[..., Any]:
    @contextmanager
    def session(self: Database) -> Iterator[Any]:
        # Between this frame and whoever opens it is one of contextlib.
        place = _place(sys._getframe(2))
        with opened(self) as given:
            if not place.startswith(OURS):
                yield given
                return
            _refuse(place)
            _OPEN.places.append(place)
            try:
                yield given
            finally:
                _OPEN.places.remove(place)

    return session


def _outside(asked: Callable[..., Any]) -> Callable[..., Any]:
    def figures(self: Keeping, *given: Any, **more: Any) -> Any:
        _refuse(_place(sys._getframe(1)))
        return asked(self, *given, **more)

    return figures


def _refuse(place: str) -> None:
    assert not _OPEN.places, f"{place} inside of the session that {_OPEN.places[-1]} opened"


def _place(frame: FrameType | None) -> str:
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""
