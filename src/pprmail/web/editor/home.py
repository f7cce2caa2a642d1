"""Home: where this month stands, and the one next step."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError, StateError
from pprmail.model.standing import Step
from pprmail.model.subject import in_words
from pprmail.services.ahead import SHOWN_AT_HOME
from pprmail.services.assembly import assemble, month_in_hand
from pprmail.services.attention import Attention, Place, attention
from pprmail.services.standing import MonthSeen, first_day, issues_listed, this_month
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, newsroom_of, signed_in
from pprmail.web.editor.issue_paths import ISSUE

STEPS: Final = {
    Step.WRITE: ("Write a summary", "/editor/summaries/new"),
    Step.MEND: ("See what must be mended", f"{ISSUE}/check"),
    Step.TICK: ("Look at the warnings", f"{ISSUE}/check"),
    Step.APPROVE: ("Look at it and approve", f"{ISSUE}/approve"),
    Step.SCHEDULE: ("Choose when it goes out", f"{ISSUE}/schedule"),
    Step.WATCH: ("See how it goes", f"{ISSUE}/progress"),
    Step.DECIDE: ("See why, and decide", f"{ISSUE}/progress"),
    Step.REPORT: ("Read the report", f"{ISSUE}/report"),
}
"""What the button says, and where it leads; assembling is done right here."""

PLACES: Final = {
    Place.PROGRESS: ("See how it goes", f"{ISSUE}/progress"),
    Place.REPORT: ("Read the report", f"{ISSUE}/report"),
    Place.APPROVE: ("Choose another time", f"{ISSUE}/schedule"),
    Place.READERS: ("See the readers", "/editor/subscribers"),
}


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/", Home),
        Route(f"{prefix}/editor/assemble", Assembling),
    ]


class Home(Desk):
    """The first page of the desk."""

    def get(self, request: Request) -> Response:
        """Show where this month stands."""
        app, now = app_of(request), utc_now()
        newsroom = newsroom_of(request)
        seen = this_month(newsroom, app.clockwork.timetable, now=now)
        return desk_page(
            request,
            "home",
            title="This month",
            seen=seen,
            step=_step(seen),
            first=first_day(newsroom),
            attention=[_placed(each) for each in attention(newsroom, now=now)],
            issues=issues_listed(newsroom, now=now, most=SHOWN_AT_HOME),
        )


class Assembling(Desk):
    """Where the month in hand is assembled without waiting for its day."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Assemble it."""
        newsroom, now = app_of(request).newsroom, utc_now()
        month = month_in_hand(newsroom, now=now)
        try:
            done = assemble(newsroom, month, who=signed_in(request).email, now=now)
        except NotFoundError:
            return go(request, "", said="There is no summary of this month yet: write one first.")
        except StateError as refusal:
            return go(request, "summaries", said=f"Nothing was assembled: {refusal.message}.")
        count = len(done.issue.entries)
        held = "one summary" if count == 1 else f"{in_words(count)} summaries"
        said = f"The letter of {done.issue.month_in_words} is assembled: it holds {held}."
        return go(request, f"issues/{done.issue.name}", said=said)


def _step(seen: MonthSeen) -> tuple[str, str] | None:
    """Give the words and the path of the next step, if it is done on another page."""
    if seen.standing.step is Step.ASSEMBLE:
        return None
    words, path = STEPS[seen.standing.step]
    if seen.standing.step is Step.WRITE and seen.standing.stages:
        path = f"{path}?month={seen.month}"
    return words, path.replace("{name}", seen.month)


def _placed(each: Attention) -> tuple[str, str, str]:
    words, path = PLACES.get(each.place, ("", ""))
    return each.sentence, words, path.replace("{name}", each.issue)
