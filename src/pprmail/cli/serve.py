"""The commands that keep working: pages, clock and dispatch in one process; or one step by cron."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Final

import structlog
import typer
import uvicorn

from pprmail.bootstrap import App, open_app
from pprmail.cli import show
from pprmail.cli.door import Config, config_path, failures_shown, now
from pprmail.errors import PprmailError
from pprmail.model.calendar import in_words
from pprmail.scheduler import start_ticking
from pprmail.services.tick import tick as one_tick
from pprmail.web.site import site

DATES_SHOWN: Final = 3


def serve(*, config: Config = None) -> None:
    """Serve the pages, assemble and send what is due, until it is told to stop."""
    with failures_shown():
        app = open_app(config_path(config))
        log_to_stderr()
        _show_start(app)
        ticking = start_ticking(app.clockwork)
        try:
            server_of(app).run()
        finally:
            ticking.stop()
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


def server_of(app: App) -> uvicorn.Server:
    """Make the server of an app's pages."""
    web = app.settings.web
    settings = uvicorn.Config(
        site(app),
        host=web.host,
        port=web.port,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )
    return uvicorn.Server(settings)


@contextmanager
def served(app: App) -> Iterator[None]:
    """Serve the pages beside other work."""
    server = server_of(app)
    thread = Thread(target=server.run, name="pages", daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise PprmailError(
                f"the pages can't be served at port {app.settings.web.port}",
                remedy="set another [web] port",
            )
        sleep(0.01)
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


def _show_start(app: App) -> None:
    timetable, zone = app.clockwork.timetable, app.newsroom.masthead.zone
    show.note(f"Pages at {app.newsroom.masthead.base_url} (Ctrl-C ends)")
    show.note(f"Sender: {app.settings.delivery.sender}")
    if not timetable.first_month:
        show.warning("[schedule] first_month is empty, so that no month is assembled by itself")
        return
    for moment in timetable.assemble.upcoming(now(), zone, count=DATES_SHOWN):
        show.note(f"Next assembly: {in_words(moment, zone)}")
