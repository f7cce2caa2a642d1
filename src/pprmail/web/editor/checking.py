"""Checking: what must be mended before an approval, and warnings that are ticked off by name."""

import re
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import StateError
from pprmail.model.issue import Issue
from pprmail.model.preflight import Finding
from pprmail.services.ticking import Checked, Ticks, checked, tick_off
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, go, signed_in
from pprmail.web.editor.issue_paths import ISSUE, issue_page, name_of_issue

IN_EDITIONS: Final = frozenset({"bad_link", "long_link", "vague_link", "same_words"})
"""What is found in the letters; which text it came from is seen there."""

_PLACES: Final = re.compile(r"[0-9]+")


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}{ISSUE}/check", Checking)]


class Checking(Desk):
    """What was found in an issue."""

    lists: ClassVar[tuple[str, ...]] = ("seen", "was_seen")

    def get(self, request: Request) -> Response:
        """Show it."""
        found = checked(app_of(request).newsroom, name_of_issue(request), now=utc_now())
        return _page(request, found)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Keep which warnings were looked at."""
        newsroom, name = app_of(request).newsroom, name_of_issue(request)
        ticks = Ticks(fields.get("seen", []), fields.get("was_seen", []))
        who = signed_in(request).email
        try:
            found = tick_off(newsroom, name, ticks, who=who, now=utc_now())
        except StateError as refusal:
            return go(request, f"issues/{name}", said=f"Nothing was changed: {refusal.message}.")
        return go(request, f"issues/{name}/check", said=_said(found))


def _said(found: Checked) -> str:
    waiting = len(found.waiting)
    if waiting:
        return f"Saved. {waiting} {'warning waits' if waiting == 1 else 'warnings wait'} still."
    return "Saved. Every warning is ticked off."


def _page(request: Request, found: Checked) -> Response:
    issue = found.issue
    return issue_page(
        request,
        "issue_check",
        issue,
        title=f"Check: {issue.in_words}",
        here="/check",
        found=found,
        place=lambda finding: place_of(issue, finding),
        path=lambda finding: path_of_finding(issue, finding),
    )


def place_of(issue: Issue, finding: Finding) -> str:
    """Name the place of a finding for a person."""
    kind, _, name = finding.where.partition(" ")
    if kind == "summary":
        titles = {summary.slug: summary.title for summary in issue.summaries}
        return f"“{titles.get(name, name)}”"
    if kind == "issue":
        return "The letter"
    return finding.where.capitalize() if kind == "edition" else f"The settings, {finding.where}"


def path_of_finding(issue: Issue, finding: Finding) -> str:
    """Give the page where a finding is mended; settings are the operator's."""
    kind, _, name = finding.where.partition(" ")
    if kind == "summary":
        return f"/editor/summaries/{name}"
    if kind == "issue":
        is_in_letters = finding.code in IN_EDITIONS
        return f"/editor/issues/{issue.name}{'/editions' if is_in_letters else '#words'}"
    if kind == "edition":
        selection = sum(1 << int(place) - 1 for place in _PLACES.findall(name))
        return f"/editor/issues/{issue.name}/editions/{selection}"
    return ""
