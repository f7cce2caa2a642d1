"""Scheduling: when an approved letter goes out. Nothing is sent while a page waits."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import App, utc_now
from pprmail.errors import StateError
from pprmail.model.calendar import in_words
from pprmail.model.local_time import LocalTime, read_local, written
from pprmail.services import steering
from pprmail.services.approving import before_approval
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, go, newsroom_of, signed_in
from pprmail.web.editor.issue_paths import issue_page, name_of_issue


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    issue = f"{prefix}/editor/issues/{{name}}"
    return [
        Route(f"{issue}/schedule", Scheduling),
        Route(f"{issue}/schedule/cancel", Unscheduling),
        Route(f"{issue}/send", SendingNow),
    ]


class Scheduling(Desk):
    """The page where a time is chosen."""

    def get(self, request: Request) -> Response:
        """Propose the next usual time, and ask for another."""
        return _page(request, "schedule")

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Put the letter on the schedule; a time that has passed, or never comes, is refused."""
        app, name = app_of(request), name_of_issue(request)
        try:
            chosen = _chosen(app, fields)
            _schedule(request, chosen)
        except (ValueError, StateError) as refusal:
            return _page(request, "schedule", refusal, fields)
        when = in_words(chosen.moment, app.newsroom.masthead.zone)
        said = f"It goes out on {when}. {chosen.remark}".strip()
        return go(request, f"issues/{name}/progress", said=said)


class Unscheduling(Desk):
    """The way back from the schedule."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Take the letter off the schedule; it stays approved."""
        newsroom, name = app_of(request).newsroom, name_of_issue(request)
        try:
            steering.unschedule(newsroom, name, who=signed_in(request).email, now=utc_now())
        except StateError as refusal:
            return go(request, f"issues/{name}/progress", said=f"{refusal.message}.")
        return go(request, f"issues/{name}/schedule", said="Off the schedule. It stays approved.")


class SendingNow(Desk):
    """The page that asks once more before a letter goes out at once."""

    def get(self, request: Request) -> Response:
        """Ask."""
        return _page(request, "send_now")

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Have the letter begun by whatever looks at the clock next."""
        newsroom, name = app_of(request).newsroom, name_of_issue(request)
        try:
            steering.send_now(newsroom, name, who=signed_in(request).email, now=utc_now())
        except StateError as refusal:
            return _page(request, "send_now", refusal)
        return go(request, f"issues/{name}/progress", said="It begins within half a minute.")


def _chosen(app: App, fields: dict[str, Any]) -> LocalTime:
    day, hour = (str(fields.get(name, "")) for name in ("day", "hour"))
    return read_local(day, hour, app.newsroom.masthead.zone)


def _schedule(request: Request, chosen: LocalTime) -> None:
    newsroom, name = app_of(request).newsroom, name_of_issue(request)
    who = signed_in(request).email
    steering.schedule(newsroom, name, at=chosen.moment, who=who, now=utc_now())


def _page(
    request: Request,
    page: str,
    refusal: Exception | None = None,
    fields: dict[str, Any] | None = None,
) -> Response:
    app, now, zone = app_of(request), utc_now(), app_of(request).newsroom.masthead.zone
    before = before_approval(newsroom_of(request), name_of_issue(request), now=now)
    issue, usual = before.seen.issue, app.clockwork.timetable.send.next_after(now, zone)
    asks = "Send now" if page == "send_now" else "Send"
    return issue_page(
        request,
        page,
        issue,
        here="/schedule",
        status=422 if refusal else 200,
        title=f"{asks}: {issue.in_words}",
        is_approved=before.is_approved,
        readers=before.readers,
        usual=usual,
        proposed=written(usual, zone),
        chosen=fields
        or dict(zip(("day", "hour"), written(issue.send_at or usual, zone), strict=True)),
        problem=getattr(refusal, "message", str(refusal or "")),
        is_rehearsal=app.postroom.is_rehearsal,
    )
