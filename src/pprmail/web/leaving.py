"""Leaving: a page with one button for a person, one request for a mail program (RFC 8058)."""

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.model.link import LinkProblem
from pprmail.services.subscriptions import leave
from pprmail.web.answers import app_of, personal_page


class Leaving(HTTPEndpoint):
    """The page behind the leave link, which never expires."""

    def get(self, request: Request) -> Response:
        """Show the button; looking changes nothing, whoever looks."""
        _public_id(request)
        return personal_page(request, "leave", title="Unsubscribe")

    async def post(self, request: Request) -> Response:
        """End the subscription: the same answer, however often it is asked."""
        # The link says it all. The body, in whichever encoding and even if it is spoilt, only
        # tells who pressed the button.
        how = "one click" if b"One-Click" in await request.body() else "page"
        return await run_in_threadpool(_end, request, how)


def _end(request: Request, how: str) -> Response:
    leave(app_of(request).database, _public_id(request), how=how, now=utc_now())
    return personal_page(request, "left", title="You are unsubscribed")


def _public_id(request: Request) -> str:
    found = app_of(request).signer.read_leave(request.path_params["token"])
    if isinstance(found, LinkProblem):
        raise NotFoundError("this link does not open")
    return found
