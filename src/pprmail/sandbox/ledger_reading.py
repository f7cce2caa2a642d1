"""Reading the ledger: what was accepted, by whom it is known, and what was discarded."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pprmail.sandbox.errors import SandboxError
from pprmail.sandbox.mail import RECIPIENT_FIELDS


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One address that a request was accepted for, with its merged custom_args."""

    custom_args: Mapping[str, str]
    address: str
    request: int
    x_message_id: str
    discarded: bool


@dataclass(frozen=True)
class Ledger:
    """The entries of a ledger in the order in which they were written."""

    entries: tuple[dict[str, Any], ...]

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """The entries of accepted requests."""
        return [entry for entry in self.entries if entry["kind"] == "accepted"]

    @property
    def discarded(self) -> list[dict[str, Any]]:
        """The entries of mail that was cancelled, or that expired under a pause."""
        return [entry for entry in self.entries if entry["kind"] == "discarded"]

    def acceptances(self) -> list[Acceptance]:
        """List every acceptance, address by address, the discarded ones too."""
        gone = {
            (entry["x_message_id"], index)
            for entry in self.discarded
            for index in entry["personalizations"]
        }
        return [each for entry in self.accepted for each in _acceptances(entry, gone=gone)]

    def kept(self) -> list[Acceptance]:
        """List the acceptances that were not discarded: the mail that went out or will."""
        return [each for each in self.acceptances() if not each.discarded]


def _acceptances(entry: dict[str, Any], *, gone: set[tuple[str, int]]) -> Iterator[Acceptance]:
    x_message_id = entry["x_message_id"]
    for index, each in enumerate(entry["personalizations"]):
        discarded = (x_message_id, index) in gone
        for address in (one for name in RECIPIENT_FIELDS for one in each.get(name, ())):
            yield Acceptance(
                each["custom_args"], address, entry["request"], x_message_id, discarded
            )


def read_ledger(path: Path) -> Ledger:
    """Read a ledger, also while it is written; a torn last line was told to nobody and is left."""
    *lines, _torn = path.read_bytes().split(b"\n")
    return Ledger(tuple(_entry(line, number=number) for number, line in enumerate(lines, 1)))


def _entry(line: bytes, *, number: int) -> dict[str, Any]:
    try:
        entry: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise SandboxError(f"line {number} of the ledger is damaged") from error
    return entry
