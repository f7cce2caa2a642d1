"""The front of the desk: the way in, and what its pages are dressed with."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.errors import NotFoundError
from pprmail.rendering.shelf import TemplateProblemError
from pprmail.web.answers import PUBLIC, app_of
from pprmail.web.editor.desk import Desk, go
from pprmail.web.editor.paths import landing

SCRIPT: Final = re.compile(r"[a-z][a-z_]*")


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor", FrontDoor),
        Route(f"{prefix}/editor/style.css", style),
        Route(f"{prefix}/editor/{{script}}.js", script),
    ]


class FrontDoor(Desk):
    """The address that people remember."""

    def get(self, request: Request) -> Response:
        """Lead to the first page."""
        return go(request, landing(request).removeprefix("/editor"))


def style(request: Request) -> Response:
    """Give what the desk adds to the style sheet."""
    css = app_of(request).pages.desk_style()
    return Response(css, media_type="text/css", headers=PUBLIC)


def script(request: Request) -> Response:
    """Give a script of the desk, without which everything works, too."""
    name = request.path_params["script"]
    if not SCRIPT.fullmatch(name):
        raise NotFoundError("there is no such script")
    try:
        found = app_of(request).pages.desk_script(name)
    except TemplateProblemError:
        raise NotFoundError("there is no such script") from None
    return Response(found, media_type="text/javascript", headers=PUBLIC)
