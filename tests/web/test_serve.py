"""The whole program as a process of its own: it starts, serves, says nothing private, and ends."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from making import a_reader, a_summary, an_approved_issue
from pprmail.bootstrap import utc_now
from pprmail.services.reports import status
from pprmail.services.steering import schedule
from web.visiting import (
    PROVIDER,
    an_app,
    leave_path,
    links_of,
    preferences_path,
    publish,
)

PPRMAIL = Path(sys.executable).parent / "pprmail"
CANARY = "canary.reader@example.org"
A_WHILE = 20.0
"""Seconds after which a process that should have ended, or begun, has failed."""


@dataclass
class Served:
    """A `pprmail serve` that runs, and everything it has said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    listening: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Take down what it says, to the end."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if "Next assembly" in line:
                self.listening.set()

    @property
    def words(self) -> str:
        return "".join(self.said)

    @property
    def url(self) -> str:
        assert self.listening.wait(A_WHILE), self.words
        place = re.search(r"served from (\S+:\d+)", self.words)
        assert place, self.words
        return f"http://{place[1]}"

    def end(self, number: int) -> int:
        """Send a signal; give the exit status."""
        self.process.send_signal(number)
        return self.process.wait(A_WHILE)


def test_it_says_where_it_is_and_when_it_assembles_and_ends_when_it_is_told(
    tmp_path: Path, sqlite_url: str
) -> None:
    with an_app(tmp_path, sqlite_url, web__port=0) as app:
        config = app.settings.root / "config.toml"
    for number in (signal.SIGTERM, signal.SIGINT):
        with served(config) as running:
            assert httpx2.get(f"{running.url}/health").json() == {"ok": True}
            dates = re.findall(r"Next assembly: .*(\d{4})", running.words)
            assert len(dates) == 3
            assert "https://letter.example.org" in running.words
            started = utc_now()
            assert running.end(number) == 0
            assert utc_now() - started < timedelta(seconds=5)
        assert "Traceback" not in running.words


def test_a_visitor_who_never_ends_a_request_keeps_it_from_ending_for_seconds_only(
    tmp_path: Path, sqlite_url: str
) -> None:
    with an_app(tmp_path, sqlite_url, web__port=0) as app:
        config = app.settings.root / "config.toml"
    with served(config) as running, connected(running.url) as endless:
        endless.sendall(
            b"POST /hooks/sendgrid HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1"
        )
        assert httpx2.get(f"{running.url}/health").status_code == 200
        assert running.end(signal.SIGTERM) == 0


def test_a_port_in_use_is_said_and_nothing_is_begun(tmp_path: Path, sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with an_app(tmp_path, sqlite_url, web__port=port) as app:
            config = app.settings.root / "config.toml"
        done = run(config)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "Address already in use" in done.stderr
    assert "set another port" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Next assembly" not in done.stderr


def test_a_host_that_is_not_this_machines_is_said(tmp_path: Path, sqlite_url: str) -> None:
    with an_app(tmp_path, sqlite_url, web__host="192.0.2.1", web__port=0) as app:
        config = app.settings.root / "config.toml"
    done = run(config)
    assert (done.returncode, "can't be served at 192.0.2.1" in done.stderr) == (1, True)


def test_nothing_that_it_says_tells_who_reads_or_with_which_link(
    tmp_path: Path, sqlite_url: str
) -> None:
    with an_app(tmp_path, sqlite_url, web__port=0) as app:
        config, ada = app.settings.root / "config.toml", a_reader(app.database, CANARY)
        (envelope,) = publish(app, a_summary())
        links = links_of(envelope, envelope.recipients[0])
        own = [leave_path(app, ada), preferences_path(app, ada)]
        arguments = dict(envelope.recipients[0].arguments)
    tokens = [path.rpartition("/")[2] for path in own]
    with served(config) as running, httpx2.Client(base_url=running.url) as client:
        paths = [*own, *(re.sub(r"https?://[^/]+", "", link) for link in links)]
        for path in (*paths, *(f"{path}%00" for path in own), f"/summaries/{CANARY}"):
            for method in ("GET", "HEAD", "POST", "DELETE"):
                client.request(method, path, headers={"Origin": "https://letter.example.org"})
        spoil(tmp_path)
        assert client.get(own[1]).status_code == 500
        tell(client, [arguments | {"event": "bounce", "email": CANARY, "timestamp": 1}])
        client.get("/", headers={"Host": CANARY})
        client.get("/nothing", params={"address": CANARY, "token": tokens[0]})
        lost(tmp_path)
        assert client.get("/archive").status_code == 503
        raw(running.url, f"GET /{tokens[0]} {CANARY}\r\n\r\n".encode())
        raw(running.url, f"GET {own[0]} HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".encode())
        assert running.end(signal.SIGTERM) == 0
    assert "page failed" in running.words
    assert "GET /preferences/{token}" in running.words
    for private in (CANARY, ada, *tokens, *(t.rpartition(".")[2] for t in tokens)):
        assert private not in running.words


def test_it_ends_when_the_request_under_way_has_been_recorded_and_begins_no_other(
    tmp_path: Path, sqlite_url: str
) -> None:
    with a_slow_provider() as provider:
        settings: dict[str, Any] = {
            "delivery__sender": "sendgrid",
            "delivery__allowed_recipients": ["*"],
            "delivery__batch_size": 1,
            "delivery__recall_window_minutes": 0,
            "delivery__concurrency": 1,
            "sendgrid__api_key": "SG.key",
            "sendgrid__host": provider.url,
            "web__port": 0,
        }
        with an_app(tmp_path, sqlite_url, **settings) as app:
            config = app.settings.root / "config.toml"
            for name in ("ada", "bo"):
                a_reader(app.database, f"{name}@example.org")
            issue, now = an_approved_issue(app.newsroom, a_summary()), utc_now()
            long_ago, due = now - timedelta(minutes=2), now - timedelta(minutes=1)
            schedule(app.newsroom, issue, at=due, who="test", now=long_ago)
            with served(config) as running:
                assert provider.asked.wait(A_WHILE)
                running.process.send_signal(signal.SIGTERM)
                with pytest.raises(subprocess.TimeoutExpired):
                    running.process.wait(0.5)
                provider.go_on.set()
                assert running.process.wait(A_WHILE) == 0
            equation = status(app.newsroom, issue, now=now).equation
            assert (equation.accepted, equation.pending) == (1, 1)
            warned = [line for line in running.said if "warning" in line]
            assert all("nobody is told" in line for line in warned), running.words


@contextmanager
def served(config: Path) -> Iterator[Served]:
    process = subprocess.Popen(
        [str(PPRMAIL), "serve", "--config", str(config)], stderr=subprocess.PIPE, text=True
    )
    running = Served(process)
    listener = threading.Thread(target=running.listen)
    listener.start()
    try:
        yield running
    finally:
        process.kill()
        process.wait()
        listener.join()
        assert process.stderr is not None
        process.stderr.close()


def run(config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PPRMAIL), "serve", "--config", str(config)],
        capture_output=True,
        text=True,
        timeout=A_WHILE,
        check=False,
    )


def tell(client: httpx2.Client, events: list[Any]) -> None:
    body = json.dumps(events).encode()
    headers = PROVIDER.headers(body, timestamp=int(time.time()))
    assert client.post("/hooks/sendgrid", content=body, headers=headers).status_code == 204


def spoil(folder: Path) -> None:
    """Make reading a row fail, with somebody's address in the error's message."""
    execute(folder, f"UPDATE subscribers SET no_match = '{CANARY}', status = 'active'")


def lost(folder: Path) -> None:
    execute(folder, "ALTER TABLE summaries RENAME TO lost")


def execute(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "pprmail.db", isolation_level=None)) as connection:
        connection.execute(statement)


def connected(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=A_WHILE)


def raw(url: str, said: bytes) -> None:
    with connected(url) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


@dataclass
class SlowProvider:
    """A provider that answers when it is told to."""

    url: str
    asked: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)


@contextmanager
def a_slow_provider() -> Iterator[SlowProvider]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            provider.asked.set()
            provider.go_on.wait(A_WHILE)
            self.send_response(202)
            self.send_header("X-Message-Id", "an-id")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    provider = SlowProvider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        provider.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
