"""Every edition: how it looks in mail programs, as a given reader sees it, and what has changed."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.rendering.looks import Look, as_seen
from pprmail.services.differing import difference
from pprmail.services.given_reader import GivenReader, found_by_address, found_by_name
from pprmail.services.inert import InertLetter, inert_letter
from pprmail.services.looking import LIMIT_KB, EditionSeen, IssueSeen, look_at
from pprmail.web.answers import PERSONAL, app_of
from pprmail.web.editor.desk import Desk, go, newsroom_of
from pprmail.web.editor.issue_paths import ISSUE, WITH_FRAMES, issue_page, name_of_issue, text_in

LETTER_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src {images}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""A letter is a stranger's page: nothing in it may run, be sent, lead away or read anything."""

ANY_IMAGE: Final = "https: data:"
EDITIONS: Final = f"{ISSUE}/editions"

Kind = TypeVar("Kind", bound=StrEnum)


class Shown(StrEnum):
    """What of an edition is shown."""

    LETTER = "letter"
    TEXT = "text"
    CHANGES = "changes"


class Width(StrEnum):
    """How wide the mail program is."""

    PHONE = "phone"
    DESKTOP = "desktop"


WIDTHS: Final = {Width.PHONE: 375, Width.DESKTOP: 800}
CHOICES: Final[dict[str, dict[str, str]]] = {
    "show": {Shown.LETTER: "Letter", Shown.TEXT: "Plain text", Shown.CHANGES: "What changed"},
    "width": {Width.PHONE: "Phone", Width.DESKTOP: "Desktop"},
    "look": {
        Look.LIGHT: "Light",
        Look.DARK: "Dark",
        Look.TURNED: "Turned dark by the program",
        Look.WITHOUT_IMAGES: "Images off",
    },
}


@dataclass(frozen=True)
class View:
    """How an edition is looked at; whatever is not understood is as usual."""

    show: Shown = Shown.LETTER
    width: Width = Width.PHONE
    look: Look = Look.LIGHT
    reader: str = ""

    @classmethod
    def of(cls, request: Request) -> "View":
        """Read it from the address of a page."""
        asked = request.query_params
        return cls(
            show=_one_of(Shown, asked.get("show", ""), Shown.LETTER),
            width=_one_of(Width, asked.get("width", ""), Width.PHONE),
            look=_one_of(Look, asked.get("look", ""), Look.LIGHT),
            reader=asked.get("reader", ""),
        )

    @property
    def query(self) -> str:
        """Give the end of the address that shows this."""
        usual = vars(View())
        chosen = {name: str(value) for name, value in vars(self).items() if value != usual[name]}
        return f"?{urlencode(chosen)}" if chosen else ""

    def choices(self, name: str) -> list[tuple[str, str, bool]]:
        """List what may be chosen instead: words, the end of the address, and whether it is now."""
        present = getattr(self, name)
        kinds = type(present)
        return [
            (words, replace(self, **{name: kinds(value)}).query, value == present)
            for value, words in CHOICES[name].items()
        ]


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}{EDITIONS}", Editions),
        Route(f"{prefix}{EDITIONS}/{{selection:int}}", OneEdition),
        Route(f"{prefix}{EDITIONS}/{{selection:int}}/letter", Letter),
    ]


class Editions(Desk):
    """All editions of an issue with their readers."""

    def get(self, request: Request) -> Response:
        """List them."""
        return _listed(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Find the edition of one reader; the address stands in no address of a page."""
        name, address = name_of_issue(request), text_in(fields, "address").strip()
        try:
            given = found_by_address(app_of(request).newsroom, name, address, now=utc_now())
        except NotFoundError:
            look_at(newsroom_of(request), name, now=utc_now())
            wrong = "Nobody has this address." if address else "Give a reader’s address."
            return _listed(request, address=address, problem=wrong, status=422)
        if given.reader is None:
            wrong = f"This reader gets no letter: {given.why_not}."
            return _listed(request, address=address, problem=wrong, status=422)
        view = View(reader=given.public_id)
        return go(request, f"issues/{name}/editions/{given.reader.selection}{view.query}")


class OneEdition(Desk):
    """One edition in full."""

    def get(self, request: Request) -> Response:
        """Show it."""
        app, view = app_of(request), View.of(request)
        seen, edition, given = _asked_for(request, view)
        letter = _filled(request, seen, edition, given)
        places = [each.edition.selection for each in seen.editions]
        here = places.index(edition.edition.selection)
        response = issue_page(
            request,
            "edition",
            seen.issue,
            title=f"{edition.label}: {seen.issue.in_words}",
            here="/editions",
            seen=seen,
            edition=edition,
            view=view,
            pixels=WIDTHS[view.width],
            limit=LIMIT_KB,
            given=given,
            letter=letter,
            before=seen.editions[here - 1] if here else None,
            after=seen.editions[here + 1] if here + 1 < len(places) else None,
            difference=difference(app.newsroom, seen.issue, edition.edition),
        )
        response.headers.update(WITH_FRAMES)
        return response


class Letter(Desk):
    """A letter by itself, for a frame: nothing in it can act."""

    def get(self, request: Request) -> Response:
        """Show a copy of it, as a mail program of some kind does."""
        view = View.of(request)
        seen, edition, given = _asked_for(request, view)
        letter = _filled(request, seen, edition, given)
        images = "'none'" if view.look is Look.WITHOUT_IMAGES else ANY_IMAGE
        policy = {"Content-Security-Policy": LETTER_POLICY.format(images=images)}
        return HTMLResponse(as_seen(letter.html, view.look), headers=PERSONAL | policy)


def _listed(request: Request, *, status: int = 200, **data: Any) -> Response:
    seen = look_at(newsroom_of(request), name_of_issue(request), now=utc_now())
    return issue_page(
        request,
        "editions",
        seen.issue,
        title=f"Every edition: {seen.issue.in_words}",
        here="/editions",
        seen=seen,
        limit=LIMIT_KB,
        status=status,
        **({"address": "", "problem": ""} | data),
    )


def _asked_for(request: Request, view: View) -> tuple[IssueSeen, EditionSeen, GivenReader | None]:
    newsroom, name, now = newsroom_of(request), name_of_issue(request), utc_now()
    seen = look_at(newsroom, name, now=now)
    edition = seen.edition(request.path_params["selection"])
    if not view.reader:
        return seen, edition, None
    if not view.reader.isprintable():
        raise NotFoundError("nobody has such a name")
    return seen, edition, found_by_name(newsroom, name, view.reader, now=now)


def _filled(
    request: Request, seen: IssueSeen, edition: EditionSeen, given: GivenReader | None
) -> InertLetter:
    reader = given.reader if given else None
    is_theirs = reader is not None and reader.selection == edition.edition.selection
    shown = reader if is_theirs else None
    postroom = app_of(request).postroom
    return inert_letter(postroom, seen.issue, edition.edition, shown, now=utc_now())


def _one_of(kinds: type[Kind], given: str, usual: Kind) -> Kind:
    return kinds(given) if given in set(kinds) else usual
