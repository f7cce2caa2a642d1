"""Watching a letter go out: where it stands, one Stop, and what only a person can decide."""

from datetime import timedelta
from typing import Any, Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import PprmailError, StateError
from pprmail.model.issue import IssueState
from pprmail.model.pace import span_in_words
from pprmail.services import steering
from pprmail.services.dispatch.recall import finish_undo
from pprmail.services.dispatch.settle import ORDERS, resolve
from pprmail.services.dispatch.stopping import stop
from pprmail.services.watching import Stage, Watched, watch
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, go, signed_in
from pprmail.web.editor.issue_paths import issue_page, name_of_issue
from pprmail.web.security import POLICY

WITH_FRAGMENTS: Final = f"{POLICY}; connect-src 'self'; script-src 'self'"
"""The script fetches the figures anew."""

LATE: Final = timedelta(minutes=2)
"""After its time, when a letter that has not begun is a matter for whoever runs the system."""

SETTLED: Final = {
    "accepted": "Request {number} counts as taken. Nobody in it is written to again.",
    "resend": "The readers of request {number} wait again, and are written to once the letter goes on.",
    "skip": "The readers of request {number} are given up for this letter.",
}


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    issue = f"{prefix}/editor/issues/{{name}}"
    return [
        Route(f"{issue}/progress", Progress),
        Route(f"{issue}/progress/now", Figures),
        Route(f"{issue}/stop", Stopping),
        Route(f"{issue}/resume", Resuming),
        Route(f"{issue}/cancel", Cancelling),
        Route(f"{issue}/requests/{{number:int}}", Settling),
    ]


class Progress(Desk):
    """The page to watch."""

    def get(self, request: Request) -> Response:
        """Show where it stands, with whatever can be done now."""
        response = _page(request, "progress", script="progress")
        response.headers["Content-Security-Policy"] = WITH_FRAGMENTS
        return response


class Figures(Desk):
    """The part of the page that changes, for the script, which looks while nobody is there."""

    is_sign_of_life = False

    def get(self, request: Request) -> Response:
        """Show the figures alone."""
        return _page(request, "progress_now")


class Stopping(Desk):
    """The one red button."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Stop whatever can still be stopped; the provider is asked when this page has answered."""
        postroom, name = app_of(request).postroom, name_of_issue(request)
        try:
            undone = stop(postroom, name, who=signed_in(request).email, now=utc_now())
        except StateError as refusal:
            return go(request, f"issues/{name}/progress", said=f"{_sentence(refusal)}")
        if undone.issue.state is IssueState.APPROVED:
            said = "Stopped before it began. It stays approved, and is off the schedule."
            return go(request, f"issues/{name}/schedule", said=said)
        said = "Stopped: no further letter is handed over. What became of the others stands below."
        response = go(request, f"issues/{name}/progress", said=said)
        response.background = BackgroundTask(finish_undo, postroom, undone)
        return response


class Resuming(Desk):
    """The way on."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Let it go on; the clock takes it up."""
        return _steered(request, steering.resume, "It goes on within half a minute.")


class Cancelling(Desk):
    """The end of a letter that is not to go on."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Stop for good; whoever was not written to will not be."""
        return _steered(request, steering.cancel, "Stopped for good.")


class Settling(Desk):
    """What a person says became of a request in doubt."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Settle it."""
        name, number = name_of_issue(request), request.path_params["number"]
        order = fields.get("order")
        if order not in ORDERS:
            return go(request, f"issues/{name}/progress", said="Choose one of the three buttons.")
        postroom, who = app_of(request).postroom, signed_in(request).email
        try:
            resolve(postroom, name, number, order=order, who=who)
        except StateError as refusal:
            return go(request, f"issues/{name}/progress", said=_sentence(refusal))
        said = SETTLED[order].format(number=number)
        return go(request, f"issues/{name}/progress", said=said)


def _steered(request: Request, step: Any, said: str) -> Response:
    newsroom, name = app_of(request).newsroom, name_of_issue(request)
    try:
        step(newsroom, name, who=signed_in(request).email, now=utc_now())
    except StateError as refusal:
        said = _sentence(refusal)
    return go(request, f"issues/{name}/progress", said=said)


def _sentence(refusal: PprmailError) -> str:
    return f"{refusal.message[:1].upper()}{refusal.message[1:]}."


def _page(request: Request, page: str, *, script: str = "") -> Response:
    app, now = app_of(request), utc_now()
    watched = watch(app.postroom, name_of_issue(request), now=now)
    until = watched.window.until
    return issue_page(
        request,
        page,
        watched.issue,
        here="/progress",
        script=script,
        title=f"Progress: {watched.issue.in_words}",
        watched=watched,
        equation=watched.equation,
        window=watched.window,
        left_of_window=span_in_words((until - now).total_seconds()) if until else "",
        summed_up=_summed_up(watched),
        is_late=watched.stage is Stage.DUE and now > (watched.issue.send_at or now) + LATE,
    )


def _summed_up(watched: Watched) -> str:
    """Say it in a sentence that changes seldom, since it is read out whenever it does."""
    told = {
        "sending": f"It is going out: {10 * watched.tenths} % is handed over.",
        "stopped": f"Stopped, with {10 * watched.tenths} % handed over.",
        "sent": "Sent: every letter has been handed over.",
        "scheduled": "On the schedule.",
        "due": "It is about to begin.",
        "cancelled": "Stopped for good.",
        "skipped": "There is no letter.",
        "open": "Nothing is being sent.",
    }
    return told[watched.stage]
