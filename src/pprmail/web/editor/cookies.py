"""The desk's cookies: which there are, and that no other site and no script reads them."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from pprmail.web.answers import app_of

SESSION: Final = "pprmail-desk"
HALF: Final = "pprmail-half"
"""The session that waits for its code, beside the one that still holds."""

SAID: Final = "pprmail-said"
ASKED: Final = "pprmail-asked"
"""The nonce of the browser that asked for a mailed link."""


def cookie(request: Request, name: str) -> str:
    """Give what a cookie holds, or nothing."""
    return request.cookies.get(_full(request, name), "")


def keep(request: Request, response: Response, name: str, value: str, **how: int) -> None:
    """Have the browser keep a cookie until it is closed, or for `max_age` seconds."""
    response.set_cookie(
        _full(request, name),
        value,
        path="/",
        secure=_is_https(request),
        httponly=True,
        samesite="lax",
        max_age=how.get("max_age"),
    )


def drop(request: Request, response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    keep(request, response, name, "", max_age=0)


def _full(request: Request, name: str) -> str:
    # The prefix, which browsers grant on https alone, keeps other hosts of the domain from setting it.
    return f"__Host-{name}" if _is_https(request) else name


def _is_https(request: Request) -> bool:
    return app_of(request).newsroom.masthead.base_url.startswith("https:")
