"""The stage: an approved issue in a throw-away copy, from which each run takes one of its own."""

import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pprmail.bootstrap import App, app_of, utc_now
from pprmail.cli.demo_readers import fictional_readers
from pprmail.cli.torture.plan import Plan
from pprmail.config import Settings, load
from pprmail.files import write_whole
from pprmail.model.month import Month
from pprmail.sandbox import Sandbox
from pprmail.services.assembly import assemble, month_in_hand
from pprmail.services.enrolment import Registrar
from pprmail.services.importing import bring_in
from pprmail.services.review import approve, see
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.reading import read_sources
from pprmail.sources.subscriber_list import Told, read_subscribers
from pprmail.storage.copies import copy_database, drop_database, empty_database

WHO: Final = "torture"
EDITOR: Final = "editor@example.org"
MONTH: Final = Month("2026-11")
READERS: Final = 60
REQUESTS: Final = 5
"""About so many requests are made in a run, and some more for what remains of each edition."""

TIMEOUT: Final = 1.0
WINDOW: Final = 20


Begin = Callable[[App, Path], tuple[Month, int]]
"""What gives an approved issue's month and the number of its readers."""


@dataclass(frozen=True)
class Place:
    """Where one run takes place: its folder, its database, its provider, and a port for reports."""

    folder: Path
    url: str
    sandbox: Sandbox
    port: int


@dataclass(frozen=True)
class Stage:
    """Settings that lead nowhere but to this machine, and a database to be copied for each run."""

    settings: Settings
    month: Month
    batch_size: int

    def copied(self, folder: Path) -> str:
        """Copy the database for one run; give its address."""
        url = self.settings.database.url
        return copy_database(url, f"torture_{secrets.token_hex(6)}", beside=folder, folder=folder)

    def set_for(self, plan: Plan, place: Place) -> Settings:
        """Give the settings of one run."""
        key = place.sandbox.public_key if plan.hears_back else ""
        return _changed(
            self.settings,
            database={"url": place.url},
            delivery={
                "journal": str(place.folder / "journal"),
                "batch_size": self.batch_size,
                "concurrency": plan.concurrency,
                "recall_window_minutes": WINDOW if plan.recalls else 0,
                "on_unknown": "recall" if plan.recalls else "hold",
            },
            outbox={"directory": str(place.folder / "outbox")},
            sendgrid={"host": place.sandbox.url, "webhook_public_key": key},
            web={"host": "127.0.0.1", "port": place.port},
        )


@contextmanager
def sample_stage(folder: Path, url: str) -> Iterator[Stage]:
    """Set the stage with the sample month and fictional readers, in a database like this one."""
    config = make_workspace(folder / "stage", MONTH, SAMPLE)
    fresh = empty_database(url, f"torture_{secrets.token_hex(6)}", folder=folder)
    settings = _harmless(load(config), folder, fresh)
    try:
        yield _set_up(settings, _with_sample_month)
    finally:
        drop_database(fresh)


@contextmanager
def stage_of(config: Path, folder: Path) -> Iterator[Stage]:
    """Set the stage with a copy of a workspace, whose issue in hand is approved there."""
    given = load(config)
    for name in ("templates", "topics.toml"):
        _copy_if_there(given.root / name, folder / name)
    name = f"torture_{secrets.token_hex(6)}"
    copy = copy_database(given.database.url, name, beside=given.root, folder=folder)
    settings = _harmless(given, folder, copy)
    try:
        yield _set_up(settings, _with_issue_in_hand)
    finally:
        drop_database(copy)


SAMPLE: Final = {
    ("newsletter", "from_email"): "letter@example.org",
    ("newsletter", "postal_address"): "1 Example Street",
}


def _harmless(settings: Settings, folder: Path, url: str) -> Settings:
    """Let no setting lead outside: neither to a provider, nor to a file of the workspace."""
    changed = _changed(
        settings,
        database={"url": url},
        delivery={
            "sender": "sendgrid",
            "allowed_recipients": ("*",),
            "journal": str(folder / "journal"),
        },
        outbox={"directory": str(folder / "outbox")},
        sendgrid={
            "api_key": "SG.torture",
            "host": "http://127.0.0.1:9",
            "timeout_seconds": TIMEOUT,
        },
        web={"secret_key": secrets.token_urlsafe(48), "previous_secret_keys": []},
    )
    changed._root = folder  # noqa: SLF001 - the copy lies in another folder than its original
    return changed


def _changed(settings: Settings, **sections: dict[str, Any]) -> Settings:
    whole = {
        name: type(section)(**(dict(section) | sections.get(name, {})))
        for name, section in settings
    }
    return settings.model_copy(update=whole)


def _set_up(settings: Settings, begin: Begin) -> Stage:
    app = app_of(settings)
    try:
        month, readers = begin(app, settings.root)
    finally:
        app.close()
    return Stage(settings, month, batch_size=max(1, readers // REQUESTS))


def _with_sample_month(app: App, folder: Path) -> tuple[Month, int]:
    now = utc_now()
    bring_in(app.newsroom, read_sources([shipped("summaries")], app.topics), who=WHO, now=now)
    people = write_whole(folder / "readers.csv", fictional_readers(READERS, app.topics), mode=0o600)
    registrar = Registrar(app.database, app.signer)
    told = Told(people, app.newsroom.masthead.zone)
    registrar.enrol(read_subscribers(told, app.topics), who=WHO, now=now)
    assemble(app.newsroom, MONTH, who=WHO, now=now)
    return MONTH, _approved(app, MONTH)


def _with_issue_in_hand(app: App, _: Path) -> tuple[Month, int]:
    month = month_in_hand(app.newsroom, now=utc_now())
    return month, _approved(app, month)


def _approved(app: App, month: Month) -> int:
    approve(app.newsroom, month, by=EDITOR, now=utc_now())
    return sum(see(app.newsroom, month, now=utc_now()).head_counts.values())


def free_port() -> int:
    """Find a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _copy_if_there(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy(source, target)
