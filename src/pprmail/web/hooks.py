"""The provider's door: signed reports are kept before they are answered."""

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pprmail.bootstrap import App, utc_now
from pprmail.errors import StorageError
from pprmail.sending.webhook import SIGNATURE_HEADER, TIMESTAMP_HEADER, ForgedReportError
from pprmail.services import feedback
from pprmail.web.answers import app_of

log = structlog.get_logger()


async def sendgrid(request: Request) -> Response:
    """Keep and apply what SendGrid reports; refuse, without detail, what it did not sign."""
    body = await request.body()
    signature = request.headers.get(SIGNATURE_HEADER, "")
    timestamp = request.headers.get(TIMESTAMP_HEADER, "")
    return await run_in_threadpool(_take, app_of(request), body, signature, timestamp)


def _take(app: App, body: bytes, signature: str, timestamp: str) -> Response:
    if app.reports is None:
        return PlainTextResponse("not set up", 404)
    try:
        events = app.reports.read(body, signature=signature, timestamp=timestamp)
    except ForgedReportError:
        return PlainTextResponse("refused", 403)
    try:
        feedback.keep(app.database, events, now=utc_now())
    except StorageError as error:
        log.warning("report not kept; the provider will repeat it", why=str(error))
        return PlainTextResponse("later, please", 503)
    try:
        feedback.apply(app.database, now=utc_now())
    except StorageError as error:
        log.warning("report kept, to be applied by the next tick", why=str(error))
    return Response(status_code=204)
