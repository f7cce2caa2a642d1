"""The editors' desk: every page of it, behind one sign-in."""

from starlette.routing import Route

from pprmail.web.editor import (
    account,
    again,
    approving,
    blog_page,
    checking,
    code,
    correcting,
    drafts,
    editions,
    front,
    home,
    invitation,
    issues,
    log,
    people,
    progress,
    reader,
    reader_lists,
    readers,
    reporting,
    scheduling,
    signing_in,
    summaries,
    trials,
    writing,
    year,
)

PARTS = (
    front,
    home,
    issues,
    checking,
    editions,
    trials,
    approving,
    scheduling,
    progress,
    reporting,
    correcting,
    signing_in,
    invitation,
    again,
    account,
    code,
    people,
    log,
    readers,
    reader_lists,
    reader,
    year,
    writing,
    drafts,
    summaries,
    blog_page,
)
"""Each part lists its own routes."""


def routes_of_editors(prefix: str) -> list[Route]:
    """List every route of the desk, below a path or nothing."""
    return [route for part in PARTS for route in part.routes(prefix)]
