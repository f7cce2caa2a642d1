"""The door for whoever watches over the service."""

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pprmail.errors import UNAVAILABLE
from pprmail.storage.issues import issues_under_way
from pprmail.web.answers import app_of

log = structlog.get_logger()


def health(request: Request) -> Response:
    """Say whether the rows can be read; why they can't is nothing for strangers."""
    try:
        with app_of(request).database.read() as session:
            # A small question, and one that an emptied database can't answer.
            issues_under_way(session)
    except UNAVAILABLE as error:
        log.warning("the database does not answer", route="/health", why=error.message)
        return JSONResponse({"ok": False}, 503)
    return JSONResponse({"ok": True})
