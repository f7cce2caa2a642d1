"""The dispatch journal: what was about to be sent, on disk before it is sent, outside the database.

A folder with one file for each working process, locked for as long as the process lives. A file
whose lock is free has been left behind: what it had begun and not ended is in doubt.
"""

import errno
import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from pprmail.errors import OutputError
from pprmail.sending.envelope import Answer

SUFFIX: Final = ".journal"


@dataclass(frozen=True)
class Intent:
    """A request that was about to be made: its name, the issue's, and its number of letters."""

    request: str
    issue: str
    size: int


@dataclass
class Journal:
    """This process's own file; every line is on the disk when `write` returns."""

    folder: Path
    installation: str
    worker: str = field(default_factory=lambda: f"{_host()}.{secrets.token_hex(6)}")
    _handle: int | None = None
    _begin: str = ""
    _turn: Lock = field(default_factory=Lock)

    def write(self, request: str, what: str, *, at: datetime, **facts: Any) -> None:
        """Add one line of a request's story, and wait until it can't be lost any more."""
        line = {"installation": self.installation, "request": request, "what": what}
        text = json.dumps(line | {"at": at.isoformat(), **facts})
        with self._turn:
            handle = self._opened()
            try:
                self._add(handle, text)
            except OSError as error:
                raise OutputError(
                    f"the journal can't be written: {error.strerror}",
                    where=str(self.folder),
                    remedy="free some space, then resume the issue; nothing was sent without it",
                ) from error

    def open(self) -> None:
        """Take the lock that tells others that this worker lives."""
        with self._turn:
            self._opened()

    def close(self) -> None:
        """Give the lock back."""
        with self._turn:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _add(self, handle: int, line: str) -> None:
        end = os.fstat(handle).st_size
        try:
            _append(handle, f"{self._begin}{line}\n".encode())
        except OSError:
            self._begin = self._begin if _is_cut(handle, end) else "\n"
            raise
        self._begin = ""

    def _opened(self) -> int:
        if self._handle is None:
            try:
                self._handle = _locked(self.folder / (self.worker + SUFFIX))
            except OSError as error:
                is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
                raise OutputError(
                    f"the journal can't be opened: {error.strerror}",
                    where=str(self.folder),
                    remedy="free some space, then run the command again"
                    if is_full
                    else "check that this user may write there, or set [delivery] journal",
                ) from error
        return self._handle


def is_abandoned(folder: Path, worker: str) -> bool:
    """Tell for sure that a worker of this machine is gone; of another machine's, it can't be told."""
    if worker.partition(".")[0] != _host():
        return False
    try:
        handle = os.open(folder / (worker + SUFFIX), os.O_RDONLY)
    except OSError as error:
        # A file that may not be read is another user's, who may still be at work.
        return isinstance(error, FileNotFoundError)
    try:
        # A shared lock, since two that ask at once must not take each other for the worker.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def accepted_according_to(folder: Path, worker: str, request: str) -> bool:
    """Tell whether a worker still wrote down that the provider took a request."""
    lines = _lines(folder / (worker + SUFFIX))
    return any(
        line.get("request") == request and line.get("what") == Answer.ACCEPTED for line in lines
    )


def intents(folder: Path, installation: str) -> list[Intent]:
    """List what an installation was about to send, as far as its journals tell."""
    lines = (line for path in sorted(folder.glob(f"*{SUFFIX}")) for line in _lines(path))
    return [
        Intent(str(line["request"]), str(line.get("issue", "")), int(line.get("size", 0)))
        for line in lines
        if line.get("what") == "intent" and line.get("installation") == installation
    ]


def _locked(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sync_folder(path.parent)
    except OSError:
        os.close(handle)
        raise
    return handle


def _sync_folder(folder: Path) -> None:
    # A file's lines are only as safe as the entry that leads to it.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _append(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)


def _is_cut(handle: int, end: int) -> bool:
    # Half a line would swallow the beginning of the next one, which begins a new one if need be.
    try:
        os.ftruncate(handle, end)
    except OSError:
        return False
    return True


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # No word of it: the request stays in doubt.
    for line in text.split("\n"):
        try:
            parsed = json.loads(line)
        except ValueError:
            continue  # The last line may be torn: its writer was killed while it wrote.
        if isinstance(parsed, dict):
            yield parsed


def _host() -> str:
    return socket.gethostname().replace(".", "-").replace("/", "-") or "host"
