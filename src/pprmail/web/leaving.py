"""Leaving: a page with one button for a person, one request for a mail program (RFC 8058)."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.model.link import LinkProblem
from pprmail.services.subscriptions import leave
from pprmail.web.answers import app_of, personal_page


def ask(request: Request) -> Response:
    """Show the button; looking changes nothing, whoever looks."""
    _public_id(request)
    return personal_page(request, "leave", title="Unsubscribe")


async def obey(request: Request) -> Response:
    """End the subscription: the same answer, however often it is asked."""
    public_id = _public_id(request)
    # Mail programs send one field, in one of two encodings; what it says makes no difference.
    async with request.form(max_files=0, max_fields=20, max_part_size=4096) as form:
        how = "one click" if form.get("List-Unsubscribe") == "One-Click" else "page"
    app = app_of(request)
    await run_in_threadpool(leave, app.database, public_id, how=how, now=utc_now())
    return personal_page(request, "left", title="You are unsubscribed")


def _public_id(request: Request) -> str:
    found = app_of(request).signer.read_leave(request.path_params["token"])
    if isinstance(found, LinkProblem):
        raise NotFoundError("this link does not open")
    return found
