"""Reports: what became of each letter, as a page and as a table for other programs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.services.report_table import as_csv
from pprmail.services.reports import letters_sent, report_shown
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, newsroom_of
from pprmail.web.editor.issue_paths import issue_page, name_of_issue


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    issue = f"{prefix}/editor/issues/{{name}}"
    return [
        Route(f"{prefix}/editor/reports", Reports),
        Route(f"{issue}/report", Report),
        Route(f"{issue}/report.csv", ReportTable),
    ]


class Reports(Desk):
    """Every letter that was sent."""

    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        letters = letters_sent(newsroom_of(request), now=utc_now())
        return desk_page(request, "reports", title="Reports", letters=letters)


class Report(Desk):
    """What became of one letter."""

    def get(self, request: Request) -> Response:
        """Show it."""
        app = app_of(request)
        issue, found = report_shown(app.newsroom, name_of_issue(request), now=utc_now())
        return issue_page(
            request,
            "report",
            issue,
            here="/report",
            title=f"Report: {issue.in_words}",
            counted=found,
            hears_back=app.newsroom.hears_back,
        )


class ReportTable(Desk):
    """The same for programs that work with tables."""

    def get(self, request: Request) -> Response:
        """Give it as CSV, or lead to the page that says that it is being counted."""
        name = name_of_issue(request)
        _, found = report_shown(app_of(request).newsroom, name, now=utc_now())
        if found is None:
            return go(request, f"issues/{name}/report")
        table = as_csv(found.figures)
        saved = {"Content-Disposition": f'attachment; filename="report-{name}.csv"'}
        return Response(table, media_type="text/csv; charset=utf-8", headers=saved)
