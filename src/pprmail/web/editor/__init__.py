"""The editors' desk: every page of it, behind one sign-in."""

from starlette.routing import Route

from pprmail.web.editor import account, front, signing_in

PARTS = (front, signing_in, account)
"""Each part lists its own routes."""


def routes_of_editors(prefix: str) -> list[Route]:
    """List every route of the desk, below a path or nothing."""
    return [route for part in PARTS for route in part.routes(prefix)]
