"""Events: what the provider reports, from the socket to the facts of deliveries, on both databases.

The pages are served by `pprmail serve` in a process of its own, clock and all. Signed posts of 500
come over one connection; each is answered when its events are stored and applied. The reference
stores the same rows in the same number of transactions, by the bare driver and nothing else: no
web, no signature, no second table.
"""

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select, text

from bench import bars
from bench.workspace import MONTH, approved_workspace
from postgres_server import binaries_found, running
from pprmail.bootstrap import App, open_app
from pprmail.sandbox.webhook import Signer
from pprmail.sending.envelope import Answer, Envelope, Receipt
from pprmail.services.dispatch.run import Run, send
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema
from pprmail.storage.tables import Delivery, Event, Request

READERS = 20_000
ROUNDS = 3
IN_A_POST = 500
BAR = 1000
DURABLE = "-c fsync=on -c synchronous_commit=on"

Told = dict[str, Any]


def main(readers: int = READERS, rounds: int = ROUNDS) -> None:
    """Run both databases, and print the medians with their ratio to the reference."""
    with tempfile.TemporaryDirectory() as name:
        _run("SQLite", Path(name) / "sqlite", readers, rounds, "sqlite:///pprmail.db")
        binaries = binaries_found()
        if binaries is None:
            print("events: no PostgreSQL server found")
            return
        with running(binaries, DURABLE) as url:
            _run("PostgreSQL", Path(name) / "postgres", readers, rounds, url)


def _run(kind: str, folder: Path, readers: int, rounds: int, url: str) -> None:
    signer, port = Signer(), free_port()
    changed: dict[str, Any] = {
        "database__url": url,
        "web__port": port,
        "sendgrid__webhook_public_key": signer.public_key,
    }
    app = open_app(approved_workspace(folder, readers, "http://127.0.0.1:9", **changed))
    told, other = _sent(app), _another(app, folder)
    size = len(told) // rounds
    took: list[tuple[float, float]] = []
    with _served(folder, port):
        for place in range(rounds):
            some = told[place * size : (place + 1) * size]
            took.append((_post_all(some, signer, port), _bare(app.database, other)))
    _check(app, size * rounds)
    app.close()
    other.close()
    _show(kind, size, took)


def _another(app: App, folder: Path) -> Database:
    """Make an empty database of the same kind, for the reference."""
    url = "sqlite:///bare.db"
    if not app.database.is_sqlite:
        engine = app.database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE bare"))
        url = app.settings.database.url.replace("/postgres?", "/bare?")
    other = Database.at(url, beside=folder)
    ensure_schema(other)
    return other


def _show(kind: str, size: int, took: Sequence[tuple[float, float]]) -> None:
    seconds, bare = (median(column) for column in zip(*took, strict=True))
    print(f"events: {size:,} in signed posts of {IN_A_POST}, {kind}")
    print(f"  {'bare INSERT':24} {bare:7.2f} s {size / bare:>10,.0f}/s")
    bars.at_least(f"events a second, {kind}", size / seconds, BAR)
    print(f"  {'pprmail':24} {seconds:7.2f} s {size / seconds:>10,.0f}/s {seconds / bare:6.2f} ×")


class _Taker:
    """A provider that takes everything."""

    def send(self, _: Envelope) -> Receipt:
        return Receipt(Answer.ACCEPTED, "", 202, "bench")


def _sent(app: App) -> list[Told]:
    """Send the issue; give what the provider will tell of it, as a mailbox's answers come in."""
    postroom = replace(app.postroom, sender=_Taker(), recaller=None)
    send(postroom, MONTH, who="bench", run=Run())
    with app.database.read() as session:
        pairs = session.execute(
            select(Delivery.id, Request.public_id).join(Request).order_by(Delivery.id)
        )
        return [event for delivery, request in pairs for event in _events(delivery, request)]


def _events(delivery: int, request: str) -> list[Told]:
    """Tell of one letter: one in fifty bounces, one in a thousand is complained about."""
    shared = {
        "email": f"reader{delivery}@example.org",
        "smtp-id": f"<{request}@bench.example>",
        "sg_message_id": f"{request}.recvd-bench-{delivery}",
        "category": ["letter", "letter-2026-11"],
        "pm_d": str(delivery),
        "pm_r": request,
    }
    steps: list[Told] = [
        {"event": "processed", "send_at": 0},
        {"event": "delivered", "response": "250 OK"},
    ]
    if delivery % 50 == 0:
        steps[1] = {"event": "bounce", "type": "bounce", "reason": "550 unknown", "status": "5.1.1"}
    if delivery % 1000 == 1:
        steps.append({"event": "spamreport"})
    return [
        {**shared, **step, "timestamp": 1_795_442_400 + n, "sg_event_id": f"{n}-{delivery}-bench"}
        for n, step in enumerate(steps)
    ]


@contextmanager
def _served(folder: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "pprmail", "serve", "--config", str(folder / "config.toml")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except ConnectionRefusedError:
            time.sleep(0.05)


def _post_all(told: Sequence[Told], signer: Signer, port: int) -> float:
    bodies = [
        json.dumps(told[start : start + IN_A_POST]).encode() + b"\r\n"
        for start in range(0, len(told), IN_A_POST)
    ]
    posts = [(body, signer.headers(body, timestamp=int(time.time()))) for body in bodies]
    wire = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    for body, headers in posts:
        wire.request("POST", "/hooks/sendgrid", body, headers)
        answer = wire.getresponse()
        answer.read()
        if answer.status != 204:
            raise RuntimeError(f"the report was answered with {answer.status}")
    return time.perf_counter() - started


def _bare(database: Database, other: Database) -> float:
    """Store the newest rows once more, in another database, by its bare driver."""
    names = [c.name for c in Event.__table__.columns]
    columns = ", ".join("CAST(payload AS text)" if n == "payload" else n for n in names)
    with closing(database.engine.raw_connection()) as ours:
        ours.rollback()
        cursor = ours.cursor()
        cursor.execute(f"SELECT {columns} FROM events WHERE id > {_last(other)} ORDER BY id")
        rows = cursor.fetchall()
    marks = ", ".join(["?" if database.is_sqlite else "%s"] * len(names))
    insertion = f"INSERT INTO events ({', '.join(names)}) VALUES ({marks})"
    begin = "BEGIN IMMEDIATE" if database.is_sqlite else "SELECT 1"
    with closing(other.engine.raw_connection()) as theirs:
        cursor = theirs.cursor()
        started = time.perf_counter()
        for start in range(0, len(rows), IN_A_POST):
            cursor.execute(begin)
            cursor.executemany(insertion, rows[start : start + IN_A_POST])
            theirs.commit()
        return time.perf_counter() - started


def _last(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.max(Event.id))) or 0


def _check(app: App, posted: int) -> None:
    """See that every event was stored, applied, and taken for one of ours."""
    is_done = (Event.applied_at.is_not(None), Event.problem.is_(None))
    with app.database.read() as session:
        done = session.scalar(select(func.count()).select_from(Event).where(*is_done))
    if done != posted:
        raise RuntimeError(f"{posted} events were posted, and {done} are done with")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
    bars.end()
