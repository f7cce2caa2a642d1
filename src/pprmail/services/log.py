"""The log: who did what, when, and what it was before; in words, and never to be changed."""

import re
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
    "summaries taken in": "Summaries came into a letter",
    "topics chosen": "A reader chose topics",
    "address released": "A reader’s address was released",
}
NAMES: Final = {
    "cli": "the command line",
    "scheduler": "the system itself",
    "dispatch": "the system, while it sends",
    "recall": "the system, while it takes letters back",
    "reader": "a reader",
}
"""Those who are no editors."""

FIELDS: Final = {
    "frozen": "letters planned",
    "in_flight": "under way",
    "suppressed_late": "left before it went",
    "slugs": "summaries",
}
"""Names of what is told, where the word of the rows is not the one of people."""

SIDES: Final = ("before", "after")
LONGEST: Final = 400
_STATE: Final = re.compile(r"[a-z]+(?:_[a-z]+)+")
_DIGEST: Final = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")


@dataclass(frozen=True)
class Change:
    """One thing that is another now than it was before."""

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
    told: str


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
        told=_told(entry.detail),
    )


def _person(who: str) -> str:
    kind, _, name = who.partition(":")
    if kind not in NAMES:
        return who
    return f"{NAMES[kind]} ({name.strip()})" if name.strip() else NAMES[kind]


def _changes(detail: Mapping[str, Any]) -> list[Change]:
    before, after = (_fields(detail.get(side)) for side in SIDES)
    return [
        Change(_name(name), _shown(before.get(name)), _shown(after.get(name)))
        for name in dict.fromkeys([*before, *after])
    ]


def _told(detail: Mapping[str, Any]) -> str:
    """Say the rest in one line; what did not happen at all is left out."""
    told = {n: value for n, value in detail.items() if n not in SIDES and value not in (0, None)}
    return " · ".join(f"{_name(name)}: {_shown(value)}" for name, value in told.items())


def _fields(side: Any) -> dict[str, Any]:
    return side if isinstance(side, dict) else {}


def _name(name: str) -> str:
    return FIELDS.get(name, name.replace("_", " "))


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
        text = _DIGEST.sub(r"\1…", str(value))
        text = _name(text) if _STATE.fullmatch(text) else text
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
