"""What the tests with a real browser share: the browser itself, and a site with all its pages."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import update

from making import EMPATHY, TRAINING, a_reader, a_summary, stored
from pprmail.bootstrap import App, utc_now
from pprmail.cli.serve import served
from pprmail.model.editor import Role
from pprmail.model.month import Month
from pprmail.model.subscriber import SubscriberStatus
from pprmail.services.confirming import confirm
from pprmail.storage.tables import Confirmation
from web.editor.at_the_desk import DeskVisitor, an_editor
from web.visiting import (
    an_app,
    confirm_address_path,
    confirm_path,
    leave_path,
    links_of,
    owner_path,
    preferences_path,
    publish,
)

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LONG_WORD = "Gegenübertragungsphänomenologie" * 3
RICH = f"""A first paragraph with a [link](https://example.org/{"a-long-path/" * 12}) in it.

### A heading

- one
- two, with {LONG_WORD}

| Measure | Before | After | Difference | Interval | Studies | Remarks of the authors |
|---|---|---|---|---|---|---|
| Alliance | 3.25 | 4.75 | 1.50 | 1.21 to 1.79 | 152 | considerable heterogeneity |

> A word from a client.
"""


@dataclass(frozen=True)
class Place:
    """A site that is served, with the paths of all its pages and the links of a letter."""

    app: App
    base: str
    paths: dict[str, str]
    links: list[str]

    def readers_page(self, kind: str, *topics: str) -> tuple[str, str]:
        """Make a reader; give the public id and the address of the reader's page of a kind."""
        reader = a_reader(self.app.database, f"{os.urandom(6).hex()}@example.org", *topics)
        paths = {"leave": leave_path, "preferences": preferences_path, "owner": owner_path}
        path = paths[kind](self.app, reader)
        return reader, self.base + path


def chromium() -> str | None:
    """Find a browser: the one that is named, else one that is installed."""
    return os.environ.get("PPRMAIL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def a_browser(path: str) -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def a_place(folder: Path) -> Iterator[Place]:
    """Serve a site that has something at every page."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    url = f"sqlite:///{folder / 'pprmail.db'}"
    with an_app(folder, url, newsletter__base_url=base, web__port=port) as app, served(app):
        yield _furnished(app, base)


def everything_on(page: Page) -> list[str]:
    """List every address that a page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def _furnished(app: App, base: str) -> Place:
    gone, ada, bo = (a_reader(app.database, f"{n}@example.org") for n in ("gone", "ada", "bo"))
    left = a_reader(app.database, "left@example.org", status=SubscriberStatus.ENDED)
    stored(app.database, a_summary("From Before?", month=Month("2026-09"), topics=[]))
    title = f"What {LONG_WORD} Means"
    (envelope, *_) = publish(
        app,
        a_summary(body=RICH, in_brief="In a few words.", topics=[EMPATHY, TRAINING]),
        a_summary(title, implications=RICH),
    )
    old = app.signer.preferences_token(ada, now=utc_now() - timedelta(days=500))
    paths = {
        "home": "/",
        "archive": "/archive",
        "letter": "/archive/2026-11",
        "older month": "/archive/2026-09",
        "summary": "/summaries/a-question-about-alliance",
        "leave": leave_path(app, bo),
        "preferences": preferences_path(app, ada),
        "expired": f"/preferences/{old}",
        "link by mail": "/preferences",
        "owner": owner_path(app, ada),
        "data of who left": owner_path(app, left),
        "erase": f"{owner_path(app, ada)}/erase",
        "new address": confirm_address_path(app, ada, "new@example.org"),
        "nothing": "/nothing",
        "subscribe": "/subscribe",
        **_confirm_paths(app),
    }
    del gone
    return Place(app, base, paths, links_of(envelope, envelope.recipients[0]))


def _confirm_paths(app: App) -> dict[str, str]:
    """Sign three addresses up: one waits, one has confirmed, one was too late."""
    waiting = confirm_path(app, "waiting@example.org", EMPATHY, TRAINING)
    done, late = confirm_path(app, "done@example.org"), confirm_path(app, "late@example.org")
    confirm(app.database, done.split("/")[2].split(".")[0], welcoming=app.welcoming, now=utc_now())
    with app.database.write() as session:
        named = Confirmation.public_id == late.split("/")[2].split(".")[0]
        over = {"good_until": utc_now() - timedelta(days=1)}
        session.execute(update(Confirmation).where(named).values(over))
    gone = f"/confirm/{app.signer.confirm_token('A' * 22)}"
    return {"confirm": waiting, "confirmed": done, "too late": late, "no longer": gone}


def free_port() -> int:
    """Give a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sign_in(page: Page, place: Place, email: str = "", *, role: Role = Role.ADMIN) -> DeskVisitor:
    """Sign an editor in with the browser of a page, who has proved just now who that is."""
    visitor = an_editor(place.app, role, email, base=place.base).fresh()
    cookie: Any = {"name": "pprmail-desk", "value": visitor.secret, "url": place.base}
    page.context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Lax"}])
    return visitor
