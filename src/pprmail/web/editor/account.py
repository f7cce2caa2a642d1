"""One's own account: the name, the password, and the browsers one is signed in with."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.model.password import SHORTEST, SHORTEST_WITH_CODE
from pprmail.services.accounts import UnfitError
from pprmail.services.desk_sessions import sessions_open, sign_out_others
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in, text_of
from pprmail.web.editor.invitation import LONGEST_NAME, NAME_TOO_LONG, name_in

BY_LINK: Final = "Saved. You sign in with a link that we mail you; other browsers were signed out."
BY_PASSWORD: Final = "Your password is changed. Other browsers were signed out."  # noqa: S105


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/account", Account),
        Route(f"{prefix}/editor/account/password", Password),
        Route(f"{prefix}/editor/account/sessions", Sessions),
    ]


class Account(Desk):
    """The page of one's own account."""

    def get(self, request: Request) -> Response:
        """Show it."""
        return _page(request, signed_in(request).editor.name)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Change the name."""
        name = name_in(fields)
        if len(name) > LONGEST_NAME or not name.isprintable():
            return _page(request, name, problem=NAME_TOO_LONG)
        seat = signed_in(request).seat
        app_of(request).staff.accounts.rename(seat, name, now=utc_now())
        return go(request, "account", said="Your name is saved.")


class Password(Desk):
    """The page for another password, or for none."""

    must_be_fresh = True

    def get(self, request: Request) -> Response:
        """Show the form."""
        return _password_page(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Take the password, or give it up."""
        accounts, seat = app_of(request).staff.accounts, signed_in(request).seat
        if text_of(fields, "how") == "link":
            accounts.give_up_password(seat, now=utc_now())
            return go(request, "account", said=BY_LINK)
        try:
            accounts.change_password(seat, text_of(fields, "password"), now=utc_now())
        except UnfitError as problem:
            return _password_page(request, problem=str(problem))
        return go(request, "account", said=BY_PASSWORD)


class Sessions(Desk):
    """Where one signs out elsewhere."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """End every session but this one."""
        seat = signed_in(request).seat
        ended = sign_out_others(app_of(request).database, seat, now=utc_now())
        browsers = "one other browser" if ended == 1 else f"{ended} other browsers"
        said = f"Signed out of {browsers}." if ended else "You were signed in nowhere else."
        return go(request, "account", said=said)


def _page(request: Request, name: str, *, problem: str = "") -> Response:
    mine = signed_in(request).editor
    sessions = sessions_open(app_of(request).database, mine.id, now=utc_now())
    shown: dict[str, Any] = {
        "title": "Your account",
        "sessions": sessions,
        "name": name,
        "problem": problem,
    }
    return desk_page(request, "account", status=422 if problem else 200, **shown)


def _password_page(request: Request, *, problem: str = "") -> Response:
    mine = signed_in(request).editor
    shortest = SHORTEST_WITH_CODE if mine.has_code else SHORTEST
    shown: dict[str, Any] = {"title": "How you sign in", "problem": problem, "shortest": shortest}
    return desk_page(request, "password", status=422 if problem else 200, **shown)
