"""What is answered when a page can't be shown: a sentence for the visitor, and nobody's data in the log."""

from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pprmail.errors import UNAVAILABLE, NotFoundError, PprmailError
from pprmail.web.answers import page, personal_page

log = structlog.get_logger()

LATER: Final = {"Retry-After": "60"}
OURS: Final = str(Path(__file__).parents[1])


class LinkClosedError(PprmailError):
    """A reader's link was good once and opens nothing any more; the message is for the reader.

    Where there is a `token`, a fresh link can be mailed to the address that it was made for.
    """

    def __init__(self, message: str, *, token: str = "") -> None:
        super().__init__(message)
        self.token = token


@dataclass(frozen=True)
class LastResort:
    """Answers for a page that failed in a way nobody thought of.

    The server would log the error with its message, in which a reader's address may stand.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let pass, or answer 500."""
        try:
            await self.app(scope, receive, send)
        except ClientDisconnect:
            # A browser that goes on to another page gives up what it was sending; nobody waits.
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the visitor gets an answer
            request = Request(scope, receive)
            log.error("page failed", route=_route(request), **_what_failed(error))
            response = await run_in_threadpool(_went_wrong, request, 500)
            await response(scope, receive, send)


def not_found(request: Request, _: Exception) -> Response:
    """Say that there is no such page."""
    return page(request, "not_found", status=404, title="There is no such page")


def link_closed(request: Request, error: LinkClosedError) -> Response:
    """Say why a link opens nothing any more, and what to do instead."""
    title = "This link no longer opens"
    told = {"why": error.message, "token": error.token}
    return personal_page(request, "link_closed", status=410, title=title, **told)


def later(request: Request, error: PprmailError) -> Response:
    """Say that another try will help; mail programs, too, then try again."""
    log.warning("the database does not answer", route=_route(request), why=error.message)
    response = _went_wrong(request, 503)
    response.headers.update(LATER)
    return response


EXPECTED: Final[dict[Any, Any]] = {
    404: not_found,
    NotFoundError: not_found,
    LinkClosedError: link_closed,
    **dict.fromkeys(UNAVAILABLE, later),
}


def _went_wrong(request: Request, status: int) -> Response:
    try:
        return page(request, "went_wrong", status=status, title="Something went wrong")
    except PprmailError:
        # The templates themselves may be what is broken.
        return PlainTextResponse("Something went wrong. Please try again later.", status)


def _route(request: Request) -> str:
    # The path itself holds a reader's token.
    route = request.scope.get("route")
    return f"{request.method} {getattr(route, 'path', 'none')}"


def _what_failed(error: Exception) -> dict[str, str]:
    steps = [f for f in extract_tb(error.__traceback__) if f.filename.startswith(OURS)]
    where = " > ".join(f"{Path(f.filename).relative_to(OURS)}:{f.lineno}" for f in steps)
    return {"kind": type(error).__name__, "where": where}
