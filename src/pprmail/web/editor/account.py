"""One's own account: the name, and the browsers one is signed in with."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.services.desk_sessions import sessions_open, sign_out_others
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/account", Account),
        Route(f"{prefix}/editor/account/sessions", Sessions),
    ]


class Account(Desk):
    """The page of one's own account."""

    def get(self, request: Request) -> Response:
        """Show it."""
        mine = signed_in(request).editor
        sessions = sessions_open(app_of(request).database, mine.id, now=utc_now())
        return desk_page(request, "account", title="Your account", sessions=sessions)


class Sessions(Desk):
    """Where one signs out elsewhere."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """End every session but this one."""
        seat = signed_in(request).seat
        ended = sign_out_others(app_of(request).database, seat, now=utc_now())
        browsers = "one other browser" if ended == 1 else f"{ended} other browsers"
        said = f"Signed out of {browsers}." if ended else "You were signed in nowhere else."
        return go(request, "account", said=said)
