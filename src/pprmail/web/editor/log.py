"""The page of the log: what was done, by whom, and when. Every editor may read it.

It is searched by a form that is sent, and not by a query: what is searched for may be an address.
"""

from datetime import UTC, date, datetime, time, timedelta
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
FAR_OFF: Final = "Please write a day that is nearer."


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
        bounds, wrong = _bounds(typed, zone)
        if wrong:
            return _page(request, typed, None, wrong=wrong)
        wanted = Wanted(
            words=tuple(typed["words"].split()),
            who=typed["who"],
            since=bounds["since"],
            until=bounds["until"],
            before=int(before) if before.isascii() and before.isdecimal() else None,
        )
        return _page(request, typed, wanted)


def _bounds(
    typed: dict[str, str], zone: ZoneInfo
) -> tuple[dict[str, datetime | None], dict[str, str]]:
    """Read the days; give their moments, and what is wrong with a day that is none."""
    bounds, wrong = {}, {}
    for name, later in (("since", timedelta()), ("until", timedelta(days=1))):
        try:
            bounds[name] = _midnight(typed[name], zone, later)
        except ValueError:
            wrong[name] = NO_DAY
        except OverflowError:
            wrong[name] = FAR_OFF
    return bounds, wrong


def _midnight(day: str, zone: ZoneInfo, later: timedelta) -> datetime | None:
    if not day:
        return None
    # In UTC, as the log has it: there, the last days of a calendar may not be there any more.
    return datetime.combine(date.fromisoformat(day) + later, time(), zone).astimezone(UTC)


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
