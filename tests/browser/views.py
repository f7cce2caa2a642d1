"""Every page there is to see, and every page that answers a form: how each is come by."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager as Meanwhile
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

from playwright.sync_api import Page, Response

from browser.browsing import Place
from making import EMPATHY, TRAINING
from pprmail.bootstrap import utc_now
from pprmail.services.archive import Archive
from pprmail.services.bounds import Bounds
from pprmail.services.fresh_links import void_older
from pprmail.services.leaving import leave
from pprmail.services.rights import erase
from web.visiting import a_sign_up, confirm_address_path, confirm_path

SENT: Final = """([path, fields]) => {
  const form = Object.assign(document.createElement('form'), {method: 'post', action: path});
  for (const [name, value] of fields)
    form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}));
  document.body.append(form);
  form.submit();
}"""
"""Sends a form from a page of the site, as a browser does."""

Fields = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class View:
    """A page: its path, the form that it answers if it answers one, and what is so meanwhile."""

    path: str
    fields: Fields | None = None
    status: int = 200
    meanwhile: Callable[[], Meanwhile[Any]] = field(default=nullcontext)

    def open(self, page: Page, place: Place) -> Response:
        """Go there; give the answer."""
        with self.meanwhile():
            if self.fields is None:
                answer = page.goto(place.base + self.path)
            else:
                page.goto(f"{place.base}/archive")
                with page.expect_navigation() as gone:
                    page.evaluate(SENT, [self.path, _pairs(self.fields)])
                answer = gone.value
        assert answer is not None
        return answer


def views(place: Place) -> Iterator[tuple[str, View]]:
    """Give every view by its name; each is made just before it is looked at."""
    for name, path in place.paths.items():
        status = {"nothing": 404, "expired": 410, "too late": 410, "no longer": 410}
        yield name, View(path, status=status.get(name, 200))
    yield from _of_signing_up(place)
    yield from _of_choosing(place)
    yield from _of_leaving(place)
    yield from _of_owning(place)
    yield from _of_closed_links(place)
    broken = patch.object(Archive, "months", side_effect=RuntimeError)
    yield "went wrong", View("/archive?anew", status=500, meanwhile=lambda: broken)


def _of_signing_up(place: Place) -> Iterator[tuple[str, View]]:
    app, address = place.app, f"{os.urandom(4).hex()}@gmial.com"
    fine, many = (
        a_sign_up(app, address, EMPATHY),
        patch.object(Bounds, "is_busy", return_value=True),
    )
    yield "asked", View("/subscribe", fine)
    yield "no address", View("/subscribe", fine | {"email": "nobody"}, 422)
    yield "form too old", View("/subscribe", fine | {"form": ""}, 422)
    yield "form of another site", View("/subscribe/start", {"email": address})
    yield "busy", View("/subscribe", fine, 429, lambda: many)
    yield "confirmed just now", View(confirm_path(app, f"now{address}", EMPATHY), {"yes": "yes"})
    yield "asked again", View(place.paths["too late"], {"again": "yes"})


def _of_choosing(place: Place) -> Iterator[tuple[str, View]]:
    _, path = _own(place, "preferences")
    fine: dict[str, str | list[str]] = {
        "follow": "topics",
        "topics": [EMPATHY, TRAINING],
        "no_match": "note",
        "offered": f"{EMPATHY} {TRAINING}",
    }
    yield "what choices mean", View(path, fine | {"do": "show"})
    yield "saved", View(path, fine | {"do": "save", "name": "Ada"})
    yield "no topic", View(path, fine | {"topics": [], "name": "<b>"}, 422)
    yield "not understood", View(path, {"follow": "sometimes"}, 422)
    _, own = _own(place, "owner")
    yield "saved by the owner", View(own, fine)


def _of_leaving(place: Place) -> Iterator[tuple[str, View]]:
    _, path = _own(place, "leave")
    more = path.replace("/unsubscribe/", "/leaving/")
    yield "fewer topics", View(f"{more}/topics", {"topics": [EMPATHY]})
    yield "no topic ticked", View(f"{more}/topics", {}, 422)
    yield "no topic left", View(f"{more}/topics", {"topics": [EMPATHY, TRAINING]}, 422)
    yield "left", View(path, {})
    yield "no reason", View(f"{more}/reason", {}, 422)
    yield "reason told", View(f"{more}/reason", {"reason": "other", "words": "So be it."})
    yield "a mistake", View(f"{more}/back", {})


def _of_owning(place: Place) -> Iterator[tuple[str, View]]:
    public_id, path = _own(place, "owner")
    yield "link mailed", View("/preferences", {"email": "somebody@example.org"})
    yield "no such address", View("/preferences", {"email": "nobody"}, 422)
    yield "bad new address", View(f"{path}/address", {"email": "nobody"}, 422)
    yield "new address asked for", View(f"{path}/address", {"email": f"{public_id}@example.net"})
    confirming = confirm_address_path(place.app, public_id, f"b{public_id}@example.net")
    yield "new address confirmed", View(confirming, {})
    yield "confirmed before", View(confirming, {}, 410)
    _, other = _own(place, "owner")
    yield "older links void", View(f"{other}/older-links", {})
    _, third = _own(place, "owner")
    yield "erased", View(f"{third}/erase", {})


def _of_closed_links(place: Place) -> Iterator[tuple[str, View]]:
    app, now = place.app, utc_now()
    public_id, path = _own(place, "preferences")
    void_older(app.database, public_id, now=now)
    yield "void link", View(path, status=410)
    public_id, path = _own(place, "preferences")
    leave(app.database, public_id, how="test", now=now)
    yield "link of who left", View(path, status=410)
    public_id, path = _own(place, "preferences")
    erase(app.database, public_id, who="test", signer=app.signer, now=now)
    yield "link of who was erased", View(path, status=410)


def _own(place: Place, kind: str) -> tuple[str, str]:
    public_id, address = place.readers_page(kind, EMPATHY, TRAINING)
    return public_id, address.removeprefix(place.base)


def _pairs(fields: Fields) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, given in fields.items()
        for value in ([given] if isinstance(given, str) else given)
    ]


@contextmanager
def watched(place: Place) -> Iterator[set[str]]:
    """Collect the names of the pages that are filled."""
    filled, fill = set[str](), type(place.app.pages.shelf).fill

    def noting(shelf: Any, name: str, data: Any) -> str:
        filled.add(name)
        return fill(shelf, name, data)

    with patch.object(type(place.app.pages.shelf), "fill", noting):
        yield filled
