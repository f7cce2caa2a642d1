"""The door for whoever watches over the service."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pprmail.errors import StorageError
from pprmail.storage.schema import ensure_schema
from pprmail.web.answers import app_of


def health(request: Request) -> Response:
    """Say whether the database answers."""
    try:
        ensure_schema(app_of(request).database)
    except StorageError as error:
        return JSONResponse({"ok": False, "problem": error.message}, 503)
    return JSONResponse({"ok": True})
