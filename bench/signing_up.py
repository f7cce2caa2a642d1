"""Signing up: how long the page takes for an address that is known, and for one that is not.

The pages are served on this machine; known and unknown addresses take turns, each from a network of
its own, so that no budget is met. Who watches the time must learn nothing: medians within 10 %.
"""

import http.client
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from bench import bars
from bench.events import free_port
from bench.workspace import MONTH, fill
from postgres_server import binaries_found, running
from pprmail.bootstrap import App, open_app
from pprmail.cli.serve import served
from pprmail.services.workspace import make_workspace

READERS = 5_000
EACH = 200
WARM_UP = 20
CLOSE = 0.10
DURABLE = "-c fsync=on -c synchronous_commit=on"
BASE = "https://letter.example.org"


def main(each: int = EACH) -> None:
    """Run both databases, and print the medians with what lies between them."""
    with tempfile.TemporaryDirectory() as name:
        _run("SQLite", Path(name) / "sqlite", "sqlite:///pprmail.db", each)
        binaries = binaries_found()
        if binaries is None:
            print("signing up: no PostgreSQL server found")
            return
        with running(binaries, DURABLE) as url:
            _run("PostgreSQL", Path(name) / "postgres", url, each)


def _run(kind: str, folder: Path, url: str, each: int) -> None:
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    with a_site(folder, url) as (app, port):
        wire = http.client.HTTPConnection("127.0.0.1", port)
        for turn in range(2 * (each + WARM_UP // 2)):
            known = turn % 2 == 0
            # One in twenty of the readers has left: those after them are active.
            address = f"reader{turn * 5 + 1}@example.org" if known else f"new{turn}@example.org"
            seconds = _sign_up(wire, app, address, turn)
            if turn >= WARM_UP:
                took["known" if known else "unknown"].append(seconds)
    show(kind, took)


@contextmanager
def a_site(folder: Path, url: str) -> Iterator[tuple[App, int]]:
    port = free_port()
    settings: dict[tuple[str, str], Any] = {
        ("newsletter", "from_email"): "letter@example.org",
        ("newsletter", "postal_address"): "1 Example Street",
        ("newsletter", "base_url"): BASE,
        ("database", "url"): url,
        ("web", "port"): port,
        ("web", "trusted_proxies"): ["127.0.0.1"],
    }
    app = open_app(make_workspace(folder, MONTH, settings))
    fill(app.database, READERS, [topic.slug for topic in app.topics.choosable])
    if not app.database.is_sqlite:
        with app.database.write() as session:
            # Rows were written with their numbers, of which the server knows nothing yet.
            session.connection().exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('subscribers', 'id'), {READERS})"
            )
    try:
        with served(app):
            yield app, port
    finally:
        app.close()


def _sign_up(wire: http.client.HTTPConnection, app: App, address: str, turn: int) -> float:
    form = app.signer.form_token(datetime.now(UTC) - timedelta(seconds=10))
    body = urlencode({"email": address, "form": form, "website": ""})
    headers = {
        "Host": "letter.example.org",
        "Origin": BASE,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-For": f"10.{turn // 250}.{turn % 250}.1",
    }
    started = time.perf_counter()
    wire.request("POST", "/subscribe", body, headers)
    answer = wire.getresponse()
    answer.read()
    seconds = time.perf_counter() - started
    if answer.status != 200:
        raise RuntimeError(f"a sign-up was answered with {answer.status}")
    return seconds


def show(kind: str, took: dict[str, list[float]], what: str = "signing up") -> None:
    middle = {name: median(seconds) for name, seconds in took.items()}
    apart = abs(middle["known"] - middle["unknown"]) / min(middle.values())
    print(f"{what}: {len(took['known'])} known and as many unknown addresses, {kind}")
    for name, seconds in took.items():
        low, _, high = quantiles(seconds, n=4)
        print(
            f"  {name:24} {middle[name] * 1000:7.2f} ms (half of them {low * 1000:.2f} to {high * 1000:.2f})"
        )
    print(f"  {'apart':24} {apart:7.1%}")
    bars.at_most(f"{what}, {kind}, apart", apart, CLOSE)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
    bars.end()
