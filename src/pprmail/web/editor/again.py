"""Proving again who one is: before what weighs most, and no longer ago than five minutes."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.services.signing_in import Refusal
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, signed_in, text_of
from pprmail.web.editor.paths import own_path
from pprmail.web.editor.signing_in import BUSY, knock_of, let_in, mail_link

WRONG: Final = "This is not your password."


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}/editor/again", Again)]


class Again(Desk):
    """The page that asks once more, and then leads on."""

    def get(self, request: Request) -> Response:
        """Ask."""
        return _page(request, own_path(request.query_params.get("next", "")))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Begin the session anew, or mail a link that does."""
        mine, leads_to = signed_in(request), own_path(text_of(fields, "next"))
        if text_of(fields, "how") == "link":
            return mail_link(request, mine.email, leads_to)
        sign_ins, password = app_of(request).staff.sign_ins, text_of(fields, "password")
        found = sign_ins.by_password(mine.email, password, knock=knock_of(request))
        if isinstance(found, Refusal):
            problem, status = (BUSY, 429) if found is Refusal.BUSY else (WRONG, 422)
            return _page(request, leads_to, status=status, problem=problem)
        return let_in(request, found, leads_to)


def _page(request: Request, leads_to: str, *, status: int = 200, problem: str = "") -> Response:
    shown: dict[str, Any] = {
        "title": "Please confirm that it is you",
        "leads_to": leads_to,
        "problem": problem,
    }
    return desk_page(request, "again", status=status, **shown)
