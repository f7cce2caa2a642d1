"""The page behind an invitation: where somebody becomes an editor."""

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.model.password import SHORTEST
from pprmail.services.accounts import UnfitError
from pprmail.services.signing_in import Refusal
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import desk_page, text_of
from pprmail.web.editor.signing_in import knock_of, let_in
from pprmail.web.forms import fields_of

LONGEST_NAME: Final = 100
NAME_TOO_LONG: Final = f"Please write a name of at most {LONGEST_NAME} letters."
CHOOSE: Final = "Please choose one of the two."


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}/editor/invitation/{{token}}", Invitation)]


class Invitation(HTTPEndpoint):
    """The page with the name, and the choice of how to sign in."""

    def get(self, request: Request) -> Response:
        """Show the choice; looking changes nothing."""
        return _page(request, {})

    async def post(self, request: Request) -> Response:
        """Join, and be signed in."""
        return await run_in_threadpool(_join, request, await fields_of(request))


def name_in(fields: dict[str, Any]) -> str:
    """Give the name that was typed, in one line."""
    return " ".join(text_of(fields, "name").split())


def _join(request: Request, fields: dict[str, Any]) -> Response:
    name, how = name_in(fields), text_of(fields, "how")
    if how not in {"password", "link"}:
        return _page(request, fields, how=CHOOSE)
    if len(name) > LONGEST_NAME or not name.isprintable():
        return _page(request, fields, name=NAME_TOO_LONG)
    password = text_of(fields, "password") if how == "password" else None
    accounts, token = app_of(request).staff.accounts, request.path_params["token"]
    try:
        begun = accounts.accept(token, name=name, password=password, knock=knock_of(request))
    except UnfitError as problem:
        return _page(request, fields, password=str(problem))
    return _closed(request) if isinstance(begun, Refusal) else let_in(request, begun, "")


def _page(request: Request, fields: dict[str, Any], **wrong: str) -> Response:
    accounts, token = app_of(request).staff.accounts, request.path_params["token"]
    link = accounts.invitation(token, now=utc_now())
    if link is None:
        return _closed(request)
    return desk_page(
        request,
        "invitation",
        status=422 if wrong else 200,
        title="Welcome to the editors’ desk",
        invited=link.editor,
        name=name_in(fields) or link.editor.name,
        how=text_of(fields, "how") or "password",
        wrong=wrong,
        shortest=SHORTEST,
    )


def _closed(request: Request) -> Response:
    title = "This invitation no longer opens"
    return desk_page(request, "invitation_closed", status=410, title=title)
