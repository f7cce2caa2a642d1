"""The page of the log: what was done, by whom, and when. Every editor may read it.

It is searched by a form that is sent, and not by a query: what is searched for may be an address.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.services.log import NAMES, log_lines
from pprmail.storage.log import Wanted
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, text_of

FIELDS: Final = ("words", "who", "since", "until")
NO_DAY: Final = "Please write a day as 2026-11-30."


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}/editor/log", Log)]


class Log(Desk):
    """The page."""

    def get(self, request: Request) -> Response:
        """Show the newest lines."""
        return _page(request, {}, Wanted())

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Show what fits; nothing is changed by it."""
        typed = {name: text_of(fields, name).strip() for name in FIELDS}
        zone, before = app_of(request).newsroom.masthead.zone, text_of(fields, "before")
        days, wrong = {}, {}
        for name in ("since", "until"):
            try:
                days[name] = date.fromisoformat(typed[name]) if typed[name] else None
            except ValueError:
                wrong[name] = NO_DAY
        if wrong:
            return _page(request, typed, None, wrong=wrong)
        wanted = Wanted(
            words=tuple(typed["words"].split()),
            who=typed["who"],
            since=_midnight(days["since"], zone),
            until=_midnight(days["until"], zone, later=timedelta(days=1)),
            before=int(before) if before.isascii() and before.isdecimal() else None,
        )
        return _page(request, typed, wanted)


def _midnight(day: date | None, zone: ZoneInfo, later: timedelta = timedelta()) -> datetime | None:
    return datetime.combine(day + later, time(), zone) if day else None


def _page(
    request: Request,
    typed: dict[str, str],
    wanted: Wanted | None,
    wrong: dict[str, str] | None = None,
) -> Response:
    app = app_of(request)
    editors = {editor.email: editor.email for editor in app.staff.people.everybody()}
    return desk_page(
        request,
        "log",
        status=422 if wrong else 200,
        title="What was done",
        typed=dict.fromkeys(FIELDS, "") | typed,
        persons=editors | NAMES,
        found=log_lines(app.database, wanted) if wanted else None,
        is_search=any(typed.values()),
        wrong=wrong or {},
    )
