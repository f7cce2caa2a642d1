"""The code of an app beside the password: switched on, renewed, switched off."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import StateError
from pprmail.rendering.qr import qr_code
from pprmail.services.accounts import UnfitError
from pprmail.services.second_factor import app_address, new_app_secret
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in, text_of
from pprmail.web.editor.keepsakes import OFFER, opened, sealed

WRONG: Final = (
    "This is not the code that the app shows for this letter just now. Please try the next."
)
NO_CODE: Final = "Please type the six digits that the app shows now."
SQUARE: Final = "The square for the app’s camera. The same as text stands below."
TITLE: Final = "A code beside your password"


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}/editor/account/code", Code)]


class Code(Desk):
    """The page for the code."""

    must_be_fresh = True

    def get(self, request: Request) -> Response:
        """Show what the app needs to know, or what can be done with a code that is asked for."""
        if signed_in(request).editor.has_code:
            return _kept(request)
        return _offered(request, new_app_secret())

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Switch it on or off, or make new recovery codes."""
        accounts, seat = app_of(request).staff.accounts, signed_in(request).seat
        how = text_of(fields, "how")
        try:
            if how == "off":
                accounts.ask_for_no_code(seat, now=utc_now())
                return go(request, "account", said="No code is asked for any more.")
            if how == "renew":
                codes = accounts.renew_recovery_codes(seat, now=utc_now())
                return _shown_once(request, codes)
        except (UnfitError, StateError) as problem:
            return _kept(request, problem=str(problem))
        return _begin(request, fields)


def _begin(request: Request, fields: dict[str, Any]) -> Response:
    secret, code = _secret_in(request, fields), text_of(fields, "code")
    if signed_in(request).editor.has_code:
        return go(request, "account/code")
    if secret is None:
        return go(request, "account/code", said="Please begin again with the square below.")
    if not code:
        return _offered(request, secret, problem=NO_CODE)
    accounts, seat = app_of(request).staff.accounts, signed_in(request).seat
    codes = accounts.ask_for_code(seat, secret, code, now=utc_now())
    return (
        _offered(request, secret, problem=WRONG) if codes is None else _shown_once(request, codes)
    )


def _secret_in(request: Request, fields: dict[str, Any]) -> str | None:
    """Give the secret that a form of this editor offers to an app."""
    whose, _, secret = (opened(request, OFFER, text_of(fields, "offer")) or "").partition(" ")
    return secret if whose == signed_in(request).editor.public_id else None


def _offered(request: Request, secret: str, *, problem: str = "") -> Response:
    issuer = app_of(request).newsroom.masthead.name
    address = app_address(secret, signed_in(request).email, issuer=issuer)
    return desk_page(
        request,
        "code_offered",
        status=422 if problem else 200,
        title=TITLE,
        offer=_offer(request, secret),
        spelled=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        square=qr_code(address, label=SQUARE),
        problem=problem,
    )


def _offer(request: Request, secret: str) -> str:
    # Closed, so that a page which keeps the form may keep this too: the app has learnt it by now.
    return sealed(request, OFFER, f"{signed_in(request).editor.public_id} {secret}")


def _kept(request: Request, *, problem: str = "") -> Response:
    left = len(signed_in(request).editor.recovery_codes)
    shown: dict[str, Any] = {"title": TITLE, "left": left, "problem": problem}
    return desk_page(request, "code_kept", status=422 if problem else 200, **shown)


def _shown_once(request: Request, codes: list[str]) -> Response:
    # No page to come back to: the codes are kept as digests, and can't be shown again.
    return desk_page(request, "recovery_codes", title="Your recovery codes", codes=codes)
