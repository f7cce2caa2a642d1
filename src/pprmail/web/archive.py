"""The archive's pages: letters, months from before them, and single summaries."""

from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.model.month import parse_month
from pprmail.web.answers import PUBLIC, app_of, public_page

SHOWN_AT_HOME = 12


def home(request: Request) -> Response:
    """Say what this is, let sign up, and show the newest letter whole."""
    app = app_of(request)
    months = app.archive.months()[:SHOWN_AT_HOME]
    newest = months[0] if months else ""
    issue, summaries = app.archive.month(months[0]) if months else (None, [])
    html = app.pages.home(
        issue,
        summaries,
        month=newest,
        months=months[1:],
        consent=app.pages.consent(),
        form_token=app.signer.form_token(utc_now()),
    )
    return public_page(html)


def archive(request: Request) -> Response:
    """List every published month."""
    app = app_of(request)
    return public_page(app.pages.page("archive", title="All letters", months=app.archive.months()))


def month(request: Request) -> Response:
    """Show a month's letter."""
    app = app_of(request)
    try:
        wanted = parse_month(request.path_params["month"])
    except ValueError as error:
        raise NotFoundError(str(error)) from None
    issue, summaries = app.archive.month(wanted)
    return public_page(app.pages.issue(issue, summaries, month=wanted))


def summary(request: Request) -> Response:
    """Show one summary."""
    app = app_of(request)
    return public_page(app.pages.summary(app.archive.summary(asked_slug(request))))


def asked_slug(request: Request) -> str:
    """Give the slug in the path; what can't be one is not looked for."""
    slug: str = request.path_params["slug"]
    if not slug.isprintable():
        # PostgreSQL takes a NUL for an error and not for a name that nobody has.
        raise NotFoundError("no summary has such a name")
    return slug


def style(request: Request) -> Response:
    """Give the style sheet."""
    return Response(app_of(request).pages.style(), media_type="text/css", headers=PUBLIC)
