"""The archive's pages: letters, months from before them, and single summaries."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pprmail.errors import NotFoundError
from pprmail.model.month import parse_month
from pprmail.web.answers import app_of, page


def home(request: Request) -> Response:
    """Say what this is, and show the newest letters."""
    app = app_of(request)
    return page(request, "home", title=app.newsroom.masthead.name, months=app.archive.months()[:12])


def archive(request: Request) -> Response:
    """List every published month."""
    return page(request, "archive", title="All letters", months=app_of(request).archive.months())


def month(request: Request) -> Response:
    """Show a month's letter."""
    app = app_of(request)
    try:
        wanted = parse_month(request.path_params["month"])
    except ValueError as error:
        raise NotFoundError(str(error)) from None
    issue, summaries = app.archive.month(wanted)
    return HTMLResponse(app.pages.issue(issue, summaries, month=wanted))


def summary(request: Request) -> Response:
    """Show one summary."""
    app = app_of(request)
    return HTMLResponse(app.pages.summary(app.archive.summary(request.path_params["slug"])))


def style(request: Request) -> Response:
    """Give the style sheet."""
    return Response(app_of(request).pages.style(), media_type="text/css")
