"""The log: who did what, when, and what it was before; in words, and never to be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pprmail.storage.database import Database
from pprmail.storage.log import Wanted, find_lines
from pprmail.storage.tables import AuditEntry

PLAIN: Final = {
    "forgotten": "Old records deleted",
    "links made void": "Older links of a reader made void",
    "way back mailed": "A reader who left was mailed a way back",
    "doubt settled": "A request in doubt was settled",
    "orphan settled": "A request of a stopped process was settled",
    "undo begun": "A letter was called back",
    "consent lapsed": "A reader’s consent came to its end",
    "summaries taken in": "Summaries were imported",
    "topics chosen": "A reader chose topics",
    "address released": "A reader’s address was released",
}
NAMES: Final = {
    "cli": "The command line",
    "scheduler": "The system itself",
    "reader": "A reader",
}
"""Those who are no editors."""

LONGEST: Final = 400


@dataclass(frozen=True)
class Change:
    """One thing that is told of: with what it was before, where that is known."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One line of the log, in words."""

    at: datetime
    who: str
    what: str
    subject: str
    changes: list[Change]


@dataclass(frozen=True)
class Lines:
    """Some lines, and where to go on, if there may be more."""

    lines: list[Line]
    before: int | None
    searched_to: datetime | None


def log_lines(database: Database, wanted: Wanted) -> Lines:
    """Give some lines of the log, the newest first."""
    with database.read() as session:
        found = find_lines(session, wanted)
    return Lines([_in_words(entry) for entry in found.lines], found.before, found.searched_to)


def _in_words(entry: AuditEntry) -> Line:
    return Line(
        at=entry.at,
        who=_person(entry.who),
        what=PLAIN.get(entry.what, entry.what[:1].upper() + entry.what[1:]),
        subject=entry.subject if entry.subject != entry.who else "",
        changes=_changes(entry.detail),
    )


def _person(who: str) -> str:
    kind, _, name = who.partition(":")
    if kind not in NAMES:
        return who
    return f"{NAMES[kind]} ({name.strip()})" if name.strip() else NAMES[kind]


def _changes(detail: Mapping[str, Any]) -> list[Change]:
    before, after = (_fields(detail.get(side)) for side in ("before", "after"))
    told = {name: value for name, value in detail.items() if name not in {"before", "after"}}
    changed = [
        Change(_name(name), _shown(before.get(name)), _shown(after.get(name)))
        for name in dict.fromkeys([*before, *after])
    ]
    return changed + [Change(_name(name), "", _shown(value)) for name, value in told.items()]


def _fields(side: Any) -> dict[str, Any]:
    return side if isinstance(side, dict) else {}


def _name(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(map(_shown, value))
    elif isinstance(value, dict):
        text = ", ".join(f"{_name(str(name))}: {_shown(one)}" for name, one in value.items())
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
