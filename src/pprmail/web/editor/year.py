"""A year's figures on one page, and as a file for a program for tables."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.services.year import Year, year_as_csv, year_of, years_known
from pprmail.web.answers import PERSONAL, app_of
from pprmail.web.editor.desk import Desk, desk_page, go

_YEAR: Final = re.compile(r"(19|20)\d\d", re.ASCII)


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/year", ThisYear),
        Route(f"{prefix}/editor/year/{{year}}.csv", YearAsCsv),
        Route(f"{prefix}/editor/year/{{year}}", OneYear),
    ]


class ThisYear(Desk):
    """The newest year that there are figures of."""

    def get(self, request: Request) -> Response:
        """Lead there."""
        newest = years_known(app_of(request).newsroom, now=utc_now())[0]
        return go(request, f"year/{newest}")


class OneYear(Desk):
    """The page."""

    def get(self, request: Request) -> Response:
        """Show it."""
        year = _year(request)
        known = years_known(app_of(request).newsroom, now=utc_now())
        return desk_page(request, "year", title=f"The year {year.year}", year=year, years=known)


class YearAsCsv(Desk):
    """The file."""

    def get(self, request: Request) -> Response:
        """Give it, or lead to the page that says what is still being counted."""
        year = _year(request)
        if not year.is_whole:
            return go(request, f"year/{year.year}")
        headers = PERSONAL | {"Content-Disposition": f'attachment; filename="{year.year}.csv"'}
        return Response(year_as_csv(year), media_type="text/csv", headers=headers)


def _year(request: Request) -> Year:
    found = request.path_params["year"]
    if not _YEAR.fullmatch(found):
        raise NotFoundError("there is no such year")
    return year_of(app_of(request).reader_figures, int(found), now=utc_now())
