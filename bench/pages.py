"""Pages: a reader's choices shown, and one-click leaving, at few readers and at very many.

One process serves the pages, on SQLite; a few connections ask it at once, each one request after the
other. The reference of the page is a bare Starlette text response from the same process; that of
leaving is a bare committed UPDATE of one row, in the same file and under the same settings, one
after the other, since SQLite lets one writer in at a time.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import uvicorn
from sqlalchemy import select, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bench import bars
from pprmail.bootstrap import App, open_app, utc_now
from pprmail.model.month import Month
from pprmail.scheduler import start_counting
from pprmail.services.workspace import make_workspace
from pprmail.storage.tables import Subscriber
from pprmail.web.site import site

READERS = int(os.environ.get("BENCH_READERS", "1000000"))
FEW = 10_000
BARS = {"preferences": 0.15, "one-click": 0.5}
"""What each is to reach, of its reference."""

SAME = 0.9
"""What the rate at very many readers is to reach, of that at few."""

ROUNDS = 15
SECONDS = 0.5
CONNECTIONS = 4

FILL = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :readers)
INSERT INTO subscribers (id, public_id, email, address_key, name, status, follows_all, no_match,
                         created_at, updated_at, token_epoch)
SELECT n, lower(hex(randomblob(11))), 'reader' || n || '@example.org',
       'reader' || n || '@example.org', 'Reader ' || n, 'active', 0, 'note',
       datetime('2024-01-01', '+' || n || ' minutes') || '.000000', :at, 0
FROM numbers
"""
"""Readers who came one after the other, a minute apart."""

CHOOSE = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :readers)
INSERT INTO preferences (subscriber_id, topic, begun_at)
SELECT n, (SELECT slug FROM slugs WHERE place = (n * 7 + each.k * 11) % :slugs), :at
FROM numbers, (SELECT 0 AS k UNION SELECT 1 UNION SELECT 2) AS each
"""


@dataclass(frozen=True)
class Served:
    """A site that is served, and what its readers' links are."""

    app: App
    wires: list[socket.socket]
    names: list[str]

    def ask(self, place: int, method: str, path: str, body: bytes = b"") -> None:
        """Send one request, and read the whole answer."""
        kind = "Content-Type: application/x-www-form-urlencoded\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{kind}Content-Length: {len(body)}"
        wire = self.wires[place]
        wire.sendall(f"{head}\r\n\r\n".encode() + body)
        answer = wire.recv(65536)
        while answer and b"\r\n\r\n" not in answer:
            answer += wire.recv(65536)
        if b" 200 " not in answer[:20]:
            raise RuntimeError(f"the answer was {answer[:200]!r}")
        head_of, _, rest = answer.partition(b"\r\n\r\n")
        size = int(head_of.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        while len(rest) < size:
            more = wire.recv(65536)
            if not more:
                raise RuntimeError("the answer ended before its end")
            rest += more


def main(readers: int = READERS, rounds: int = ROUNDS) -> None:
    """Measure few and many by turns, and print the medians with their ratios."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        sites = {
            size: stack.enter_context(_served(Path(name) / str(size), size))
            for size in (FEW, readers)
        }
        rates: dict[tuple[int, str], list[float]] = {}
        for _ in range(rounds):
            for size, served in sites.items():
                for kind, step in _steps(served).items():
                    at_once = 1 if kind == "bare update" else CONNECTIONS
                    rates.setdefault((size, kind), []).append(_rate(step, at_once))
    _show(rates, readers)


def _show(rates: dict[tuple[int, str], list[float]], readers: int) -> None:
    print(f"pages: SQLite, {FEW:,} and {readers:,} readers, requests a second")
    for size in dict.fromkeys((FEW, readers)):
        for ours, reference in (("preferences", "bare text"), ("one-click", "bare update")):
            mine, other = rates[size, ours], rates[size, reference]
            print(
                f"  {size:>9,}  {reference} {median(other):7,.0f}  {ours} {median(mine):7,.0f}"
                f"  {_ratio(mine, other):.2f} ×"
            )
            bars.at_least(f"{ours} at {size:,} readers", _ratio(mine, other), BARS[ours])
    for kind in BARS:
        kept = _ratio(rates[readers, kind], rates[FEW, kind])
        print(f"  {kind}, many to few: {kept:.2f} ×")
        bars.at_least(f"{kind}, many to few", kept, SAME)


def _ratio(mine: list[float], other: list[float]) -> float:
    """Compare what was measured side by side, since a machine is not equally quick all the time."""
    return median(one / another for one, another in zip(mine, other, strict=True))


def _rate(step: Callable[[int], None], at_once: int) -> float:
    started = time.perf_counter()

    def again(place: int) -> int:
        done = 0
        while time.perf_counter() - started < SECONDS:
            step(place)
            done += 1
        return done

    with ThreadPoolExecutor(at_once) as pool:
        done = sum(pool.map(again, range(at_once)))
    return done / (time.perf_counter() - started)


def _steps(served: Served) -> dict[str, Callable[[int], None]]:
    names, signer, now = served.names, served.app.signer, utc_now()
    draw = Random(7)

    def preferences(place: int) -> None:
        token = signer.preferences_token(draw.choice(names), now=now)
        served.ask(place, "GET", f"/preferences/{token}")

    def one_click(place: int) -> None:
        # Each reader leaves once: what is measured is the first time.
        token = signer.leave_token(names.pop())
        served.ask(place, "POST", f"/unsubscribe/{token}", b"List-Unsubscribe=One-Click")

    def update(_: int) -> None:
        with closing(served.app.database.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            at = datetime.now(UTC).isoformat()
            name = draw.choice(names)
            cursor.execute("UPDATE subscribers SET updated_at = ? WHERE public_id = ?", (at, name))
            connection.commit()

    return {
        "bare text": lambda place: served.ask(place, "GET", "/bare"),
        "preferences": preferences,
        "bare update": update,
        "one-click": one_click,
    }


@contextmanager
def _served(folder: Path, readers: int) -> Iterator[Served]:
    config = workspace_with(folder, readers)
    app, port = open_app(config), free_port()
    command = [sys.executable, "-m", "bench.pages", "serve", str(config), str(port)]
    process = subprocess.Popen(command)
    try:
        with ExitStack() as stack:
            wires = [stack.enter_context(closing(connected(port))) for _ in range(CONNECTIONS)]
            yield Served(app, wires, names_of(app))
    finally:
        process.terminate()
        process.wait()
        app.close()


def workspace_with(
    folder: Path, readers: int, changed: dict[tuple[str, str], Any] | None = None
) -> Path:
    """Make a workspace with very many readers, each of whom chose three topics."""
    settings: dict[tuple[str, str], Any] = {
        ("newsletter", "from_email"): "letter@example.org",
        ("newsletter", "postal_address"): "1 Example Street",
        **(changed or {}),
    }
    config = make_workspace(folder, Month("2026-11"), settings)
    app = open_app(config)
    slugs = [topic.slug for topic in app.topics.choosable]
    told: dict[str, Any] = {
        "readers": readers,
        "slugs": len(slugs),
        "at": "2026-01-01 00:00:00.000000",
    }
    with app.database.write() as session:
        session.execute(text("CREATE TEMP TABLE slugs (place INTEGER PRIMARY KEY, slug TEXT)"))
        places = [{"place": place, "slug": slug} for place, slug in enumerate(slugs)]
        session.execute(text("INSERT INTO slugs VALUES (:place, :slug)"), places)
        session.execute(text(FILL), told)
        session.execute(text(CHOOSE), told)
    app.close()
    return config


def names_of(app: App) -> list[str]:
    with app.database.read() as session:
        named: Sequence[str] = session.scalars(select(Subscriber.public_id)).all()
    names = list(named)
    Random(7).shuffle(names)
    return names[:20_000]


def connected(port: int) -> socket.socket:
    for _ in range(600):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the pages do not answer")


def _serve(config: Path, port: int) -> None:
    app = open_app(config)
    ours, bare = site(app), Starlette(routes=[Route("/bare", _bare)])

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        await (bare if scope.get("path") == "/bare" else ours)(scope, receive, send)

    start_counting(app.newsroom, app.clockwork.timetable)
    uvicorn.run(both, host="127.0.0.1", port=port, log_level="error", access_log=False)


async def _bare(_: Request) -> PlainTextResponse:
    return PlainTextResponse("Hello")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        _serve(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
        bars.end()
