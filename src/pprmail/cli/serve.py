"""The commands that keep working: pages, clock and dispatch in one process; or one step by cron."""

import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Final

import structlog
import typer
import uvicorn

from pprmail.bootstrap import App, open_app
from pprmail.cli import show
from pprmail.cli.door import Config, config_path, failures_shown, now
from pprmail.errors import PprmailError
from pprmail.model.calendar import in_words
from pprmail.scheduler import start_counting, start_ticking
from pprmail.services.tick import tick as one_tick
from pprmail.web.site import site

DATES_SHOWN: Final = 3
PATIENCE: Final = 3
"""Seconds that answers under way are waited for when it is to end."""


def serve(*, config: Config = None) -> None:
    """Serve the pages, assemble and send what is due, until it is told to stop.

    SIGTERM and Ctrl-C end it with status 0, when what is under way has come to its end.
    """
    with failures_shown():
        app = open_app(config_path(config))
        log_to_stderr()
        try:
            _serve(app)
        finally:
            app.close()


def tick(*, config: Config = None) -> None:
    """Do what is due, once: for cron or a systemd timer."""
    with failures_shown():
        app = open_app(config_path(config))
        log_to_stderr()
        failed = one_tick(app.clockwork)
        app.close()
    if failed:
        show.warning(f"these steps failed, and will be tried again: {', '.join(failed)}")
        raise typer.Exit(1)


@contextmanager
def served(app: App) -> Iterator[None]:
    """Serve the pages beside other work."""
    with _open_door(app) as door:
        server = _server_of(app)
        thread = Thread(target=server.run, args=([door],), name="pages", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()


def log_to_stderr() -> None:
    """Write what happens to stderr, a line each; addresses are in none of them."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def _serve(app: App) -> None:
    server = _server_of(app)
    with _open_door(app) as door, _signals_heard(server):
        _show_start(app, door)
        ticking = start_ticking(app.clockwork)
        counting = start_counting(app.newsroom, app.clockwork.timetable)
        try:
            server.run([door])
        finally:
            counting.stop()
            ticking.stop()


def _open_door(app: App) -> socket.socket:
    """Listen before anything begins: a second process at the same port does nothing at all."""
    web = app.settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family)
    except OSError as error:
        raise PprmailError(
            f"the pages can't be served at {web.host}, port {web.port}: {error.strerror}",
            where="[web]",
            remedy="end what listens there, or set another port",
        ) from error


def _server_of(app: App) -> uvicorn.Server:
    settings = uvicorn.Config(
        site(app),
        access_log=False,
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
        ws="none",
    )
    return uvicorn.Server(settings)


@contextmanager
def _signals_heard(server: uvicorn.Server) -> Iterator[None]:
    # uvicorn sends itself the signal that ended it once more, for those who were there before:
    # without them, that would end the process before the tick under way has come to its end.
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, server.handle_exit) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_start(app: App, door: socket.socket) -> None:
    host, port = door.getsockname()[:2]
    show.note(f"Pages at {app.newsroom.masthead.base_url}, served from {host}:{port} (Ctrl-C ends)")
    show.note(f"Sender: {app.settings.delivery.sender}")
    _show_dates(app)


def _show_dates(app: App) -> None:
    timetable, zone = app.clockwork.timetable, app.newsroom.masthead.zone
    if not timetable.first_month:
        show.warning("[schedule] first_month is empty, so that no month is assembled by itself")
        return
    for moment in timetable.assemble.upcoming(now(), zone, count=DATES_SHOWN):
        show.note(f"Next assembly: {in_words(moment, zone)}")
