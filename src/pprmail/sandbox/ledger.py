"""The ledger: one line a fact, on the disk before anyone is told of it."""

import fcntl
import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from pprmail.sandbox.errors import SandboxError
from pprmail.sandbox.mail import RECIPIENT_FIELDS, AcceptedRequest, Parcel


class LedgerWriter:
    """Appends whole lines to a file of JSON lines, from any thread, and waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._file = -1

    def open(self) -> None:
        """Open the file to append to it; only one sandbox at a time may write a ledger."""
        # Only its owner may read it: it holds addresses.
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise SandboxError(f"another sandbox writes the ledger {self._path}") from error
        self._cut_torn_line()

    def append(self, entry: dict[str, Any]) -> None:
        """Write an entry; return when it would survive a power cut, raise OSError otherwise."""
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            self._write_whole(line)
        # Outside the lock: one fsync covers whatever others have written meanwhile.
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file; every line is on the disk already."""
        os.close(self._file)

    def _write_whole(self, line: bytes) -> None:
        end = os.fstat(self._file).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError:
            os.ftruncate(self._file, end)
            raise

    def _cut_torn_line(self) -> None:
        # A line without its end belongs to a sandbox that was killed while it wrote: nobody was
        # told of it, and what is appended next must not run into it.
        content = self._path.read_bytes()
        if not content.endswith(b"\n"):
            os.ftruncate(self._file, content.rfind(b"\n") + 1)


def accepted_entry(request: AcceptedRequest) -> dict[str, Any]:
    """Say what was accepted; `custom_args` are merged, as the events will carry them."""
    message = request.message
    return {
        "kind": "accepted",
        "request": request.number,
        "at": request.at.isoformat(),
        "x_message_id": request.x_message_id,
        "from": message["from"]["email"],
        "sha256": request.sha256,
        "contents": [_content_entry(each) for each in message.get("content", ())],
        **_present(message, "subject", "categories", "batch_id", "send_at", "headers"),
        "personalizations": _personalization_entries(request),
    }


def _content_entry(content: dict[str, str]) -> dict[str, str]:
    value = content["value"].encode("utf-8", "surrogatepass")
    return {"type": content["type"], "sha256": hashlib.sha256(value).hexdigest()}


def _personalization_entries(request: AcceptedRequest) -> list[dict[str, Any]]:
    return [
        {
            **{name: _addresses(each[name]) for name in RECIPIENT_FIELDS if name in each},
            "custom_args": request.custom_args(index),
            **_present(each, "headers", "substitutions", "subject", "send_at"),
        }
        for index, each in enumerate(request.message["personalizations"])
    ]


def _addresses(people: list[dict[str, str]]) -> list[str]:
    return [person["email"] for person in people]


def _present(holder: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: holder[name] for name in names if name in holder}


def discarded_entry(parcel: Parcel, *, at: datetime, reason: str) -> dict[str, Any]:
    """Say which personalizations of an accepted request will never go out, and why."""
    return {
        "kind": "discarded",
        "reason": reason,
        "request": parcel.request.number,
        "at": at.isoformat(),
        "x_message_id": parcel.request.x_message_id,
        "batch_id": parcel.request.batch_id,
        "personalizations": list(parcel.indices),
    }
