"""The desk: how long an editor waits for each page there is, with very many readers, on SQLite.

The routes are taken from the app, so that none is left out: one whose path leaves something open
that there is no example of ends the run. One process serves the pages, and one editor looks at
them, page after page. Some pages are asked for in several ways; the slowest way counts as any other.
The first looks come right after the start, when pages may say that the readers are being counted;
how often one said so instead of its figures is printed.
"""

import http.client
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from subprocess import Popen
from typing import Any, NamedTuple

from sqlalchemy import func, select, text, update
from starlette.routing import Route

from bench import bars
from bench.pages import READERS, connected, free_port, names_of, workspace_with
from making import a_summary, stored
from pprmail.bootstrap import App, open_app, utc_now
from pprmail.model.editor import Role
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.model.request import RequestState
from pprmail.model.sealed import Seal
from pprmail.model.subscriber import new_public_id
from pprmail.services.assembly import assemble
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.review import approve
from pprmail.storage.editors import editors
from pprmail.storage.tables import Delivery, Edition, Issue, Request
from pprmail.web.editor import routes_of_editors
from web.editor.at_the_desk import DeskVisitor, an_editor

ROUNDS = 30
BAR = 300
"""Milliseconds that 95 of a hundred looks at a page may take."""

SENT, DRAFT = Month("2026-11"), Month("2026-12")
VARIETY = """
UPDATE subscribers SET
  status = CASE WHEN id % 20 = 0 THEN 'ended' WHEN id % 33 = 0 THEN 'pending' ELSE 'active' END,
  follows_all = id % 10 = 1,
  paused_until = CASE WHEN id % 500 = 1 THEN '2099-01' END,
  created_at = datetime('2025-01-01', '+' || (id % 690) || ' days') || '.000000'
"""
ENDED = """
UPDATE subscribers SET
  end_reason = CASE id / 20 % 5 WHEN 0 THEN 'bounced' WHEN 1 THEN 'editor' ELSE 'unsubscribed' END,
  ended_at = datetime(created_at, '+9 days') || '.000000'
WHERE status = 'ended'
"""
LIST = "\r\n".join(
    ["email,name,consent_source", *(f"new{n}@example.org,N,fair" for n in range(500))]
)


@dataclass(frozen=True)
class Place:
    """A desk with everything on it: examples of what the paths of its routes leave open."""

    app: App
    editor: DeskVisitor
    names: Sequence[str]
    draw: Random

    def examples(self) -> dict[str, Callable[[], Sequence[str]]]:
        """Give, for each name in a route's path, what may stand there; several are asked in turn."""
        return {
            "reader": lambda: [self.draw.choice(self.names)],
            "person": lambda: [self._person()],
            "year": lambda: [SENT[:4]],
            "month": lambda: [SENT, DRAFT],
            "name": lambda: [SENT, DRAFT],
            "slug": lambda: ["first-of-the-draft", "first-of-the-sent"],
            "selection": lambda: ["1"],
            "script": lambda: ["nothing"],
            "token": lambda: ["nothing"],
        }

    def ways(self) -> dict[str, dict[str, str]]:
        """Give the queries that a page is asked for with, where it is asked for in several ways."""
        seal, now, some = Seal.of(self.app.signer), utc_now(), self.draw.choice(self.names)
        none, accent, many = (seal.closed(w, now=now) for w in ("zzzq", "élise", "example"))
        return {
            "/editor/issues/{name}/editions/{selection:int}": {
                "": "",
                "?show=text": "?show=text",
                "?show=changes": "?show=changes",
            },
            "/editor/summaries/{slug}": {"": "", "?mend=archive": "?mend=archive"},
            "/editor/subscribers": {
                "": "",
                "?after=…": f"?after={some}",
                "?standing=bounced": "?standing=bounced",
                "?standing=resting": "?standing=resting",
                "?standing=editor&topic=…": "?standing=editor&topic=training",
                "?topic=…&after=…": f"?topic=empathy&after={some}",
                "?find=(in nobody)": f"?find={none}",
                "?find=(in nobody, accents)": f"?find={accent}",
                "?find=(in nobody)&topic=…": f"?find={none}&topic=training",
                "?find=(in all)&standing=…": f"?find={many}&standing=pending",
            },
        }

    def _person(self) -> str:
        with self.app.database.read() as session:
            return editors(session)[0].public_id


def main(readers: int = READERS, rounds: int = ROUNDS) -> None:
    """Ask for every page again and again, and print how long it took."""
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        config = _furnished(Path(name) / "desk", readers, base)
        app = open_app(config)
        editor = an_editor(app, Role.ADMIN, base=base)
        place = Place(app, editor, names_of(app), Random(7))
        with Popen(
            [sys.executable, "-m", "bench.pages", "serve", str(config), str(port)]
        ) as served:
            try:
                connected(port).close()
                _upload(place)
                _show(readers, _measured(place, port, rounds))
            finally:
                served.terminate()
        app.close()


class Looked(NamedTuple):
    """How long a page took, and whether it only said that the readers are being counted."""

    milliseconds: float
    said_wait: bool


def _measured(place: Place, port: int, rounds: int) -> dict[str, list[Looked]]:
    took: dict[str, list[Looked]] = {}
    for _ in range(rounds):
        place.editor.fresh()
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as wire:
            for asked in _asked(place):
                took.setdefault(asked.label, []).append(_look(wire, place, asked))
    return took


class Asked(NamedTuple):
    """A page: what it is called here, its path, and whether there may be no such thing."""

    label: str
    path: str
    may_be_missing: bool


def _asked(place: Place) -> Iterator[Asked]:
    examples, ways = place.examples(), place.ways()
    for route in routes_of_editors(""):
        if not _is_looked_at(route):
            continue
        named = re.findall(r"\{(\w+)(?::\w+)?\}", route.path)
        missing = [name for name in named if name not in examples]
        if missing:
            raise RuntimeError(f"{route.path}: give an example of {missing[0]} in bench/desk.py")
        may_be_missing = bool({"token", "script"} & set(named))
        many = max((len(examples[name]()) for name in named), default=1)
        for place_in_turn in range(many):
            path = re.sub(r"\{(\w+)(?::\w+)?\}", _filling(examples, place_in_turn), route.path)
            for way, query in ways.get(route.path, {"": ""}).items():
                label = f"{path if many > 1 else route.path}{way}"
                yield Asked(label, path + query, may_be_missing)


def _filling(
    examples: dict[str, Callable[[], Sequence[str]]], turn: int
) -> Callable[[re.Match[str]], str]:
    def fill(found: re.Match[str]) -> str:
        given = examples[found[1]]()
        return given[turn % len(given)]

    return fill


def _is_looked_at(route: Route) -> bool:
    endpoint: Any = route.endpoint
    return "GET" in (route.methods or set()) or hasattr(endpoint, "get")


def _look(wire: http.client.HTTPConnection, place: Place, asked: Asked) -> Looked:
    started = time.perf_counter()
    wire.request("GET", asked.path, headers=place.editor.headers)
    answer = wire.getresponse()
    answer.read()
    took = time.perf_counter() - started
    if answer.status >= (500 if asked.may_be_missing else 400):
        raise RuntimeError(f"{asked.path} was answered with {answer.status}")
    return Looked(took * 1000, answer.getheader("Refresh") is not None)


def _show(readers: int, took: dict[str, list[Looked]]) -> None:
    print(f"desk: {readers:,} readers, SQLite, milliseconds; the bar is {BAR} at 95 %")
    for label, looks in sorted(took.items()):
        times = [look.milliseconds for look in looks]
        waits = sum(look.said_wait for look in looks)
        slow = quantiles(times, n=20, method="inclusive")[-1]
        bars.at_most(f"{label}, milliseconds", slow, BAR)
        over = "" if slow <= BAR else f"  OVER {BAR}"
        over += f"  ({waits} of {len(looks)} said: being counted)" if waits else ""
        print(
            f"  {label:66} median {median(times):6.0f}  95 % {slow:6.0f}  max {max(times):6.0f}{over}"
        )


def _furnished(folder: Path, readers: int, base: str) -> Path:
    """Make a workspace with an issue that everybody got, and one that is written just now."""
    changed = {("delivery", "allowed_recipients"): ["*"], ("newsletter", "base_url"): base}
    config = workspace_with(folder, readers, changed)
    app, now = open_app(config), datetime.now(UTC)
    with app.database.write() as session:
        session.execute(text(VARIETY))
        session.execute(text(ENDED))
    topics = [topic.slug for topic in app.topics.choosable]
    for month, said in ((SENT, "sent"), (DRAFT, "draft")):
        titles = [f"{number} of the {said}" for number in ("First", "Second", "Third")]
        written = [
            a_summary(t, month=month, topics=topics[n * 4 : n * 4 + 4])
            for n, t in enumerate(titles)
        ]
        stored(app.database, *written)
        assemble(app.newsroom, month, who="bench", now=now)
    approve(app.newsroom, SENT, by="bench@example.org", now=now)
    freeze(replace(app.postroom), SENT, who="bench", now=now)
    _deliver(app, now)
    app.close()
    return config


def _deliver(app: App, now: datetime) -> None:
    """Let the provider have taken every letter, and nearly every mailbox, too."""
    with app.database.write() as session:
        counted = select(Delivery.edition_id, func.count()).group_by(Delivery.edition_id)
        for edition_id, size in session.execute(counted).all():
            edition = session.get_one(Edition, edition_id)
            request = Request(
                public_id=new_public_id(),
                issue_id=edition.issue_id,
                edition_id=edition_id,
                size=size,
                state=RequestState.ACCEPTED,
                worker="bench",
                lease_until=now + timedelta(minutes=1),
                created_at=now,
                finished_at=now,
                http_status=202,
            )
            session.add(request)
            session.flush()
            mine = update(Delivery).where(Delivery.edition_id == edition_id)
            session.execute(mine.values(request_id=request.id, delivered_at=now))
        session.execute(update(Delivery).where(Delivery.id % 50 == 0).values(bounced_at=now))
        session.execute(
            update(Issue).where(Issue.name == SENT).values(state=IssueState.SENT, sent_at=now)
        )


def _upload(place: Place) -> None:
    answer = place.editor.upload(
        "/editor/subscribers/upload", {"list": ("list.csv", LIST.encode())}
    )
    if answer.status_code != 303:
        raise RuntimeError(f"the list was answered with {answer.status_code}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
    bars.end()
