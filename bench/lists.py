"""Lists: a hundred thousand lines come in, against the least that a program could do with them.

The reference reads the same file with `csv.reader` and puts the same rows (reader, topics, consent)
into the same tables with `executemany`, unchecked.
"""

import csv
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from zoneinfo import ZoneInfo

from bench import bars
from pprmail.model.link import Signer
from pprmail.services.enrolment import Registrar
from pprmail.sources.subscriber_list import COLUMNS, Told, read_subscribers
from pprmail.sources.topics import read_topics
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema

LINES = 100_000
BAR = 30
"""Seconds that so many lines may take."""

ZONE = ZoneInfo("America/Toronto")
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
SIGNER = Signer.of("a secret that is long enough to sign the links of readers")
READER = """INSERT INTO subscribers (id, public_id, email, address_key, name, status, follows_all,
no_match, created_at, updated_at, token_epoch) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0)"""
TOPIC = "INSERT INTO preferences (subscriber_id, topic, begun_at) VALUES (?, ?, ?)"
CONSENT = """INSERT INTO consents (subscriber_id, at, how, kind, wording, recorded_at)
VALUES (?, ?, ?, ?, '', ?)"""


def main(lines: int = LINES) -> None:
    """Measure reference, import, a second import that changes nothing, and export of SQLite."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = _list(folder / "list.csv", lines)
        reference = _reference(written, folder / "reference.db")
        print(f"lists: {lines:,} lines, three topics each, SQLite")
        _show("reference", lines, reference, reference)
        database = _database(folder / "pprmail.db")
        for what in ("import", "import again"):
            seconds = _import(written, database)
            _show(what, lines, seconds, reference)
            bars.at_most(f"{what} of {lines:,} lines, seconds", seconds, BAR)
        database.close()
    print(f"  {getrusage(RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


def _list(path: Path, lines: int) -> Path:
    draw, names = Random(7), [topic.name for topic in read_topics().choosable]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number in range(lines):
            address = f"reader{number}@uni{number % 500}.example.org"
            topics = ";".join(draw.sample(names, 3))
            rows.writerow(
                [address, f"Reader {number}", topics, "note", "active", "form", "2026-01-05", ""]
            )
    return path


def _reference(path: Path, target: Path) -> float:
    _database(target).close()
    started = perf_counter()
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    with sqlite3.connect(target) as connection:
        connection.executemany(READER, _readers(rows))
        connection.executemany(TOPIC, _topics(rows))
        connection.executemany(CONSENT, _consents(rows))
    connection.close()
    return perf_counter() - started


def _readers(rows: list[list[str]]) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(rows, 1):
        yield number, f"public{number}", row[0], row[0], row[1], row[4], row[3], str(NOW), str(NOW)


def _topics(rows: list[list[str]]) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(rows, 1):
        for topic in row[2].split(";"):
            yield number, topic, str(NOW)


def _consents(rows: list[list[str]]) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(rows, 1):
        yield number, row[6], row[5], "express", str(NOW)


def _database(path: Path) -> Database:
    database = Database.at(f"sqlite:///{path}", beside=Path("/"))
    ensure_schema(database)
    return database


def _import(path: Path, database: Database) -> float:
    started = perf_counter()
    lines = read_subscribers(Told(path, ZONE), read_topics())
    result = Registrar(database, SIGNER).enrol(lines, who="bench", now=NOW)
    seconds = perf_counter() - started
    assert not result.refused, result.refused[:3]
    return seconds


def _show(what: str, lines: int, seconds: float, reference: float) -> None:
    rate = lines / seconds
    print(
        f"  {what:24} {seconds:7.2f} s {rate:>10,.0f} lines/s {seconds / reference:6.2f} × reference"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
    bars.end()
