"""The provider's door: signed reports are kept before they are answered."""

import asyncio
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pprmail.bootstrap import App, utc_now
from pprmail.errors import UNAVAILABLE
from pprmail.sending.webhook import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    ForgedReportError,
    ReportReader,
)
from pprmail.services import feedback
from pprmail.web.answers import app_of

log = structlog.get_logger()

PATIENCE: Final = 4.0
"""Seconds after which the provider is asked to come again; it waits for few more."""


async def sendgrid(request: Request) -> Response:
    """Keep and apply what SendGrid reports; refuse, without detail, what it did not sign."""
    app, body = app_of(request), await request.body()
    if app.reports is None:
        return PlainTextResponse("not set up", 404)
    signed = {
        "signature": request.headers.get(SIGNATURE_HEADER, ""),
        "timestamp": request.headers.get(TIMESTAMP_HEADER, ""),
    }
    try:
        # What goes on after that is whole or not at all, and the same report may come twice.
        work = asyncio.to_thread(_take, app, app.reports, body, signed)
        return await asyncio.wait_for(work, PATIENCE)
    except TimeoutError:
        log.warning("report not kept in time; the provider will repeat it")
        return _later()


def _take(app: App, reports: ReportReader, body: bytes, signed: dict[str, str]) -> Response:
    try:
        events = reports.read(body, **signed)
    except ForgedReportError:
        return PlainTextResponse("refused", 403)
    try:
        feedback.keep(app.database, events, now=utc_now())
    except UNAVAILABLE as error:
        log.warning("report not kept; the provider will repeat it", why=error.message)
        return _later()
    try:
        feedback.apply(app.database, now=utc_now())
    except UNAVAILABLE as error:
        log.warning("report kept, to be applied by the next tick", why=error.message)
    return Response(status_code=204)


def _later() -> Response:
    return PlainTextResponse("later, please", 503)
