"""The answers that pages are given in."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pprmail.bootstrap import App
from pprmail.errors import NotFoundError

PERSONAL = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
"""Pages behind a reader's own link are kept nowhere."""


def app_of(request: Request) -> App:
    """Give what the pages work with."""
    app: App = request.app.state.pprmail
    return app


def page(request: Request, name: str, *, status: int = 200, **data: Any) -> HTMLResponse:
    """Show the page of a name."""
    return HTMLResponse(app_of(request).pages.page(name, **data), status)


def personal_page(request: Request, name: str, *, status: int = 200, **data: Any) -> HTMLResponse:
    """Show a page that is one reader's alone."""
    response = page(request, name, status=status, **data)
    response.headers.update(PERSONAL)
    return response


def not_found(request: Request, _: Exception) -> Response:
    """Say that there is no such page."""
    return page(request, "not_found", status=404, title="There is no such page")


def went_wrong(request: Request, _: Exception) -> Response:
    """Say that it is not the visitor's fault, and nothing more."""
    return page(request, "went_wrong", status=500, title="Something went wrong")


EXPECTED: dict[Any, Any] = {404: not_found, NotFoundError: not_found, 500: went_wrong}
