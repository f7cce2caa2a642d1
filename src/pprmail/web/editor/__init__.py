"""The editors' desk: every page of it, behind one sign-in."""

from starlette.routing import Route

from pprmail.web.editor import (
    account,
    again,
    blog_page,
    code,
    drafts,
    front,
    invitation,
    log,
    people,
    signing_in,
    summaries,
    writing,
)

PARTS = (
    front,
    signing_in,
    invitation,
    again,
    account,
    code,
    people,
    log,
    writing,
    drafts,
    summaries,
    blog_page,
)
"""Each part lists its own routes."""


def routes_of_editors(prefix: str) -> list[Route]:
    """List every route of the desk, below a path or nothing."""
    return [route for part in PARTS for route in part.routes(prefix)]
