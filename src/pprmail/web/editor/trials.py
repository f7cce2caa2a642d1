"""Tests: an edition is mailed to editors’ own addresses, and what became of each is shown."""

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import GuardError, NotFoundError
from pprmail.services.given_reader import GivenReader, found_by_address
from pprmail.services.looking import IssueSeen, look_at
from pprmail.services.testers import testers
from pprmail.services.testing import MOST_AT_ONCE, Trial, send_test, trials_so_far
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, go, newsroom_of, signed_in
from pprmail.web.editor.issue_paths import ISSUE, issue_page, name_of_issue, text_in

_BETWEEN: Final = re.compile(r"[\s,;]+")


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}{ISSUE}/test", Testing)]


class Testing(Desk):
    """Where a test is sent."""

    def get(self, request: Request) -> Response:
        """Show the form, and what became of the last tests."""
        return _page(request, {"addresses": signed_in(request).email})

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Send it."""
        app, name = app_of(request), name_of_issue(request)
        typed = {n: text_in(fields, n).strip() for n in ("addresses", "edition", "reader")}
        seen = look_at(newsroom_of(request), name, now=utc_now())
        given, problem = _given(request, typed["reader"])
        if problem:
            return _page(request, typed, seen=seen, problems={"reader": problem})
        trial = Trial(
            addresses=[each for each in _BETWEEN.split(typed["addresses"]) if each],
            own=testers(app.database, operator=app.settings.operator.email),
            selection=_selection(typed["edition"], seen),
            given=given,
        )
        try:
            send_test(app.postroom, name, trial, who=signed_in(request).email)
        except GuardError as refusal:
            wrong = refusal.message.strip(".")
            wrong = f"{wrong[:1].upper()}{wrong[1:]}."
            return _page(request, typed, seen=seen, problems={"addresses": wrong})
        return go(request, f"issues/{name}/test#results", said="What became of it stands below.")


def _given(request: Request, address: str) -> tuple[GivenReader | None, str]:
    if not address:
        return None, ""
    newsroom, name = app_of(request).newsroom, name_of_issue(request)
    try:
        given = found_by_address(newsroom, name, address, now=utc_now())
    except NotFoundError:
        return None, "Nobody has this address."
    return given, f"This reader gets no letter: {given.why_not}." if given.why_not else ""


def _selection(given: str, seen: IssueSeen) -> int | None:
    known = {str(each.edition.selection): each.edition.selection for each in seen.editions}
    return known.get(given)


def _page(
    request: Request,
    typed: dict[str, str],
    *,
    seen: IssueSeen | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    app, name, now = app_of(request), name_of_issue(request), utc_now()
    seen = seen or look_at(newsroom_of(request), name, now=now)
    return issue_page(
        request,
        "issue_test",
        seen.issue,
        title=f"Test: {seen.issue.in_words}",
        here="/test",
        seen=seen,
        typed={"addresses": "", "edition": "", "reader": ""} | typed,
        problems=problems or {},
        tests=[(test, test.state_at(now)) for test in trials_so_far(app.newsroom, name)],
        most=MOST_AT_ONCE,
        is_rehearsal=app.postroom.is_rehearsal,
        status=422 if problems else 200,
    )
