"""Signing in and out: the pages before the desk."""

import re
import secrets
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.model.browser import browser_in_words
from pprmail.model.editor import LONGEST_HALF, DeskSession
from pprmail.services.desk_sessions import Begun, seated, sign_out
from pprmail.services.signing_in import Knock, LinkAsked, Refusal
from pprmail.web.answers import app_of
from pprmail.web.editor.cookies import ASKED, HALF, SESSION, cookie, drop, keep
from pprmail.web.editor.desk import Desk, desk_page, find_signed_in, text_of
from pprmail.web.editor.paths import landing, mounted, own_path, with_next
from pprmail.web.forms import fields_of
from pprmail.web.visitors import network_asking

TITLE: Final = "Sign in"
WRONG: Final = "This address and this password do not belong together."
BUSY: Final = (
    "There were too many tries. Please wait a quarter of an hour, or have a link mailed to you."
)
NO_ADDRESS: Final = "Please write your whole email address."
WRONG_CODE: Final = "This code is not right, or was used already. Please type the next one."
TOO_MANY_CODES: Final = "There were too many codes. Please wait a quarter of an hour."
ASKED_FOR: Final = 900
"""Seconds that the browser remembers having asked for a link: a little longer than it works."""

NONCE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
SECONDS_FOR_A_CODE: Final = int(LONGEST_HALF.total_seconds())


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/sign-in", SigningIn),
        Route(f"{prefix}/editor/sign-in/code", GivingCode),
        Route(f"{prefix}/editor/link/{{token}}", MailedLink),
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
        """Begin a session, mail a link, or say what did not fit."""
        return await run_in_threadpool(_sign_in, request, await fields_of(request))


class GivingCode(HTTPEndpoint):
    """The page that asks for the code, once the first half is proved."""

    def get(self, request: Request) -> Response:
        """Show the field; without a first half, the beginning."""
        leads_to = own_path(request.query_params.get("next", ""))
        return _code_page(request, leads_to) if _half(request) else _beginning(request, leads_to)

    async def post(self, request: Request) -> Response:
        """Begin the session, if the code is right."""
        return await run_in_threadpool(_give_code, request, await fields_of(request))


class MailedLink(HTTPEndpoint):
    """The page behind a mailed link."""

    def get(self, request: Request) -> Response:
        """Show the button; programs that look at links in mails change nothing."""
        is_here = bool(cookie(request, ASKED))
        return desk_page(request, "mailed_link", title=TITLE, is_here=is_here)

    async def post(self, request: Request) -> Response:
        """Begin a session, once."""
        return await run_in_threadpool(_follow, request)


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
    browser = browser_in_words(request.headers.get("user-agent", ""))
    return Knock(network_asking(request), browser, utc_now(), cookie(request, SESSION))


def let_in(request: Request, begun: Begun, leads_to: str) -> Response:
    """Hand the session to the browser, and lead on; one who waits for a code is asked for it."""
    if begun.awaits_code:
        there = with_next("/editor/sign-in/code", leads_to)
        response = RedirectResponse(mounted(request, there), 303)
        keep(request, response, HALF, begun.secret, max_age=SECONDS_FOR_A_CODE)
        return response
    response = RedirectResponse(mounted(request, leads_to or landing(request)), 303)
    keep(request, response, SESSION, begun.secret)
    return response


def mail_link(request: Request, address: str, leads_to: str) -> Response:
    """Have a link mailed, and remember in this browser that it was asked for here."""
    nonce = _nonce(request)
    sign_ins, asked = app_of(request).staff.sign_ins, LinkAsked(nonce, leads_to)
    if not sign_ins.mail_link(address, asked, knock=knock_of(request)):
        return _page(request, leads_to, status=429, email=address, problem=BUSY)
    title = "Please look into your mailbox"
    response = desk_page(request, "link_asked", title=title, address=address)
    keep(request, response, ASKED, nonce, max_age=ASKED_FOR)
    return response


def _nonce(request: Request) -> str:
    """Give the nonce that this browser has, so that every link asked for here works here."""
    kept = cookie(request, ASKED)
    return kept if NONCE.fullmatch(kept) else secrets.token_urlsafe(32)


def _sign_in(request: Request, fields: dict[str, Any]) -> Response:
    email, password = text_of(fields, "email").strip(), text_of(fields, "password")
    leads_to = own_path(text_of(fields, "next"))
    if "@" not in email:
        return _page(request, leads_to, status=422, email=email, wrong=NO_ADDRESS)
    if text_of(fields, "how") == "link":
        return mail_link(request, email, leads_to)
    found = app_of(request).staff.sign_ins.by_password(email, password, knock=knock_of(request))
    if isinstance(found, Refusal):
        problem, status = (BUSY, 429) if found is Refusal.BUSY else (WRONG, 422)
        return _page(request, leads_to, status=status, email=email, problem=problem)
    return let_in(request, found, leads_to)


def _give_code(request: Request, fields: dict[str, Any]) -> Response:
    half, leads_to = _half(request), own_path(text_of(fields, "next"))
    if half is None:
        return _beginning(request, leads_to)
    code, knock = text_of(fields, "code"), knock_of(request)
    found = app_of(request).staff.sign_ins.by_code(half, code, knock=knock)
    if isinstance(found, Refusal):
        is_busy = found is Refusal.BUSY
        problem = TOO_MANY_CODES if is_busy else WRONG_CODE
        return _code_page(request, leads_to, status=429 if is_busy else 422, problem=problem)
    response = let_in(request, found, leads_to)
    drop(request, response, HALF)
    return response


def _follow(request: Request) -> Response:
    sign_ins, nonce = app_of(request).staff.sign_ins, cookie(request, ASKED)
    token = request.path_params["token"]
    found = sign_ins.by_link(token, nonce=nonce, knock=knock_of(request))
    if isinstance(found, Refusal):
        is_elsewhere = found is Refusal.ELSEWHERE
        title = "Please open this link where you asked for it" if is_elsewhere else TITLE
        told: dict[str, Any] = {
            "is_elsewhere": is_elsewhere,
            "status": 403 if is_elsewhere else 410,
        }
        return desk_page(request, "link_refused", title=title, **told)
    # The nonce stays in this browser: another link that was asked for here works, too.
    return let_in(request, found, found.leads_to)


def _half(request: Request) -> DeskSession | None:
    secret = cookie(request, HALF)
    found = seated(app_of(request).database, secret, now=utc_now()) if secret else None
    return found if found is not None and found.awaits_code else None


def _beginning(request: Request, leads_to: str) -> Response:
    return RedirectResponse(mounted(request, with_next("/editor/sign-in", leads_to)), 303)


def _page(request: Request, leads_to: str, *, status: int = 200, **typed: str) -> Response:
    shown: dict[str, Any] = {"email": "", "problem": "", "wrong": "", "leads_to": leads_to} | typed
    return desk_page(request, "sign_in", status=status, title=TITLE, **shown)


def _code_page(
    request: Request, leads_to: str, *, status: int = 200, problem: str = ""
) -> Response:
    shown: dict[str, Any] = {"title": "Your code", "problem": problem, "leads_to": leads_to}
    return desk_page(request, "code", status=status, **shown)
