"""Signing in and out: the pages before the desk."""

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.model.browser import browser_in_words
from pprmail.services.desk_sessions import Begun, sign_out
from pprmail.services.signing_in import Knock, Refusal
from pprmail.web.answers import app_of
from pprmail.web.editor.cookies import SESSION, cookie, drop, keep
from pprmail.web.editor.desk import Desk, desk_page, find_signed_in
from pprmail.web.editor.paths import landing, mounted, own_path
from pprmail.web.forms import fields_of
from pprmail.web.visitors import network_asking

WRONG: Final = "This address and this password do not belong together."
BUSY: Final = "There were too many tries. Please wait a quarter of an hour."


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/sign-in", SigningIn),
        Route(f"{prefix}/editor/sign-out", SigningOut),
    ]


class SigningIn(HTTPEndpoint):
    """The page with the two fields."""

    def get(self, request: Request) -> Response:
        """Show them; one who is signed in goes on."""
        leads_to = own_path(request.query_params.get("next", ""))
        if find_signed_in(request) is not None:
            return RedirectResponse(mounted(request, leads_to or landing(request)), 303)
        return _page(request, leads_to)

    async def post(self, request: Request) -> Response:
        """Begin a session, or say what did not fit."""
        return await run_in_threadpool(_sign_in, request, await fields_of(request))


class SigningOut(Desk):
    """Where a session ends."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """End it."""
        sign_out(app_of(request).database, cookie(request, SESSION))
        response = RedirectResponse(mounted(request, "/editor/sign-in"), 303)
        drop(request, response, SESSION)
        return response


def knock_of(request: Request) -> Knock:
    """Say who knocks."""
    agent = request.headers.get("user-agent", "")
    return Knock(network_asking(request), browser_in_words(agent), utc_now())


def let_in(request: Request, begun: Begun, leads_to: str) -> Response:
    """Hand the session to the browser, and lead on."""
    response = RedirectResponse(mounted(request, leads_to or landing(request)), 303)
    keep(request, response, SESSION, begun.secret)
    return response


def _sign_in(request: Request, fields: dict[str, Any]) -> Response:
    email, password, leads_to = (_text(fields, name) for name in ("email", "password", "next"))
    found = app_of(request).sign_ins.by_password(email, password, knock=knock_of(request))
    leads_to = own_path(leads_to)
    if isinstance(found, Refusal):
        problem, status = (BUSY, 429) if found is Refusal.BUSY else (WRONG, 422)
        return _page(request, leads_to, status=status, email=email, problem=problem)
    return let_in(request, found, leads_to)


def _text(fields: dict[str, Any], name: str) -> str:
    given = fields.get(name, "")
    return given if isinstance(given, str) else ""


def _page(request: Request, leads_to: str, *, status: int = 200, **typed: str) -> Response:
    shown = {"email": "", "problem": "", "leads_to": leads_to} | typed
    return desk_page(request, "sign_in", status=status, title="Sign in", **shown)
