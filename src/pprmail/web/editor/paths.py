"""Paths of the desk: which there are for whom, and which one may be sent back to."""

import re
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request

from pprmail.model.editor import Role
from pprmail.web.answers import app_of

NAVIGATION: Final = (
    ("This month", "/editor/"),
    ("Summaries", "/editor/summaries"),
    ("Readers", "/editor/subscribers"),
    ("Reports", "/editor/reports"),
    ("People", "/editor/people"),
    ("Account", "/editor/account"),
)
BELONGING: Final = {
    "/editor/issues": "/editor/",
    "/editor/blog-page": "/editor/summaries",
    "/editor/year": "/editor/subscribers",
    "/editor/log": "/editor/account",
}
"""Pages that the navigation does not name, and the part that each belongs to."""
FOR_ADMINS: Final = frozenset({"/editor/people"})
_OWN: Final = re.compile(
    r"/editor(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?(?:\?[A-Za-z0-9._~=&%+-]*)?"
)


def navigation(request: Request, role: Role) -> list[tuple[str, str]]:
    """List the parts of the desk that there are, with their paths."""
    known = {getattr(route, "path", "") for route in request.app.routes}
    return [
        (words, path)
        for words, path in NAVIGATION
        if path in known and (role is Role.ADMIN or path not in FOR_ADMINS)
    ]


def part_of(path: str) -> str:
    """Give the part of the desk that a page belongs to, by its path in the navigation."""
    known = {path: path for _, path in NAVIGATION if path != "/editor/"} | BELONGING
    found = [part for start, part in known.items() if f"{path}/".startswith(f"{start}/")]
    return found[0] if found else "/editor/" if path == "/editor/" else ""


def landing(request: Request) -> str:
    """Give the page that one who signs in comes to first."""
    return navigation(request, Role.EDITOR)[0][1]


def own_path(given: str) -> str:
    """Give a path of the desk as it is, and nothing for any other: nobody is sent elsewhere."""
    return given if _OWN.fullmatch(given) else ""


def path_of(request: Request) -> str:
    """Give the path that was asked for, with its query, as it is below `base_url`."""
    path = _below_prefix(request, request.url.path)
    return f"{path}?{request.url.query}" if request.url.query else path


def path_of_form(request: Request) -> str:
    """Give the page that a form was sent from."""
    referer = urlsplit(request.headers.get("referer", ""))
    path = own_path(_below_prefix(request, referer.path))
    return f"{path}?{referer.query}" if path and referer.query else path


def mounted(request: Request, path: str) -> str:
    """Give the address of a path on this site, which may be mounted below another."""
    return f"{_prefix(request)}{path}"


def with_next(path: str, leads_to: str) -> str:
    """Add where to go afterwards."""
    own = own_path(leads_to)
    return f"{path}?next={quote(own, safe='/')}" if own else path


def _below_prefix(request: Request, path: str) -> str:
    prefix = _prefix(request)
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path


def _prefix(request: Request) -> str:
    return urlsplit(app_of(request).newsroom.masthead.base_url).path.rstrip("/")


def query_of(**asked: str) -> str:
    """Give the query of what is asked for; what is empty is left out."""
    given = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(given)}" if given else ""
