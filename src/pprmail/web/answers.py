"""The answers that pages are given in; what is not said to be public is kept nowhere."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from pprmail.bootstrap import App

PUBLIC: Final = {"Cache-Control": "public, max-age=300"}
PERSONAL: Final = {"X-Robots-Tag": "noindex"}


def app_of(request: Request) -> App:
    """Give what the pages work with."""
    app: App = request.app.state.pprmail
    return app


def page(request: Request, name: str, *, status: int = 200, **data: Any) -> HTMLResponse:
    """Show the page of a name; no browser and no proxy keeps it."""
    return HTMLResponse(app_of(request).pages.page(name, **data), status)


def personal_html(html: str) -> HTMLResponse:
    """Show a page behind a reader's own link that is written already."""
    return HTMLResponse(html, headers=PERSONAL)


def public_page(html: str) -> HTMLResponse:
    """Show a page that is the same for everybody."""
    return HTMLResponse(html, headers=PUBLIC)


def personal_page(request: Request, name: str, *, status: int = 200, **data: Any) -> HTMLResponse:
    """Show a page behind a reader's own link; no search engine lists it."""
    response = page(request, name, status=status, **data)
    response.headers.update(PERSONAL)
    return response
