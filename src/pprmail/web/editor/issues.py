"""The issue: its summaries in order, its own words, and the month without a letter."""

from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import StateError
from pprmail.model.issue import Issue
from pprmail.model.month import parse_month
from pprmail.model.subject import LONGEST_SUBJECT
from pprmail.rendering.views import safe_html
from pprmail.services import steering
from pprmail.services.issue_editing import (
    IssueWords,
    Stale,
    issue_to_edit,
    move,
    save_words,
)
from pprmail.services.looking import look_at
from pprmail.services.standing import issues_listed
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, newsroom_of, signed_in
from pprmail.web.editor.issue_paths import ISSUE, issue_page, name_of_issue, text_in

VOID: Final = " This ended the approval: it must be approved again."
UNCHANGED: Final = "Nothing was different, so nothing was saved."
LONGEST_LINE: Final = 250
LONGEST_TEXT: Final = 20_000
DIRECTIONS: Final = {"up": -1, "down": 1}


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/issues", Issues),
        Route(f"{prefix}{ISSUE}", TheIssue),
        Route(f"{prefix}{ISSUE}/order", Ordering),
        Route(f"{prefix}{ISSUE}/skip", Skipping),
    ]


class Issues(Desk):
    """Every issue there is."""

    def get(self, request: Request) -> Response:
        """List them, the newest first."""
        issues = issues_listed(newsroom_of(request), now=utc_now())
        return desk_page(request, "issues", title="Issues", issues=issues)


class TheIssue(Desk):
    """One issue: what it holds, and what it says itself."""

    largest_field: ClassVar[int] = 200_000

    def get(self, request: Request) -> Response:
        """Show it."""
        issue = issue_to_edit(app_of(request).newsroom, name_of_issue(request))
        words = IssueWords.of(issue)
        return _page(request, issue, words, version=words.version)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Keep its words, or only show how they will look."""
        words, version = IssueWords.written(fields), text_in(fields, "version")
        problems = _problems(words)
        if problems or text_in(fields, "do") == "show":
            issue = issue_to_edit(app_of(request).newsroom, name_of_issue(request))
            status = 422 if problems else 200
            shown = {"problems": problems, "is_shown": not problems}
            return _page(request, issue, words, version=version, status=status, **shown)
        return _save(request, words, version)


class Ordering(Desk):
    """Where a summary moves up or down."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Move it, and say where it stands now."""
        name, now = name_of_issue(request), utc_now()
        direction, _, slug = text_in(fields, "move").partition(" ")
        by, who = DIRECTIONS.get(direction, 0), signed_in(request).email
        try:
            saved, place = move(app_of(request).newsroom, name, slug, by=by, who=who, now=now)
        except StateError as refusal:
            return go(request, f"issues/{name}", said=f"Nothing was moved: {refusal.message}.")
        moved = saved.issue.summaries[place - 1]
        said = f"“{moved.title}” is number {place} of {len(saved.issue.entries)} now."
        void = VOID if saved.ended_approval else ""
        return go(request, f"issues/{name}#at-{slug}", said=said + void)


class Skipping(Desk):
    """The question whether there really is no letter this month."""

    def get(self, request: Request) -> Response:
        """Ask."""
        issue = issue_to_edit(app_of(request).newsroom, name_of_issue(request))
        return issue_page(request, "issue_skip", issue, title=_skip_title(issue))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Let the month pass without a letter."""
        newsroom, name = app_of(request).newsroom, name_of_issue(request)
        issue = issue_to_edit(newsroom, name)
        if not issue.is_monthly:
            said = "A correction is given up where its note stands."
            return go(request, f"issues/{issue.month}/corrections", said=said)
        if text_in(fields, "sure") != "yes":
            wrong = "Tick the box if you are sure."
            title = _skip_title(issue)
            return issue_page(request, "issue_skip", issue, title=title, problem=wrong, status=422)
        try:
            who = signed_in(request).email
            steering.skip(newsroom, parse_month(issue.month), who=who, now=utc_now())
        except StateError as refusal:
            return go(request, f"issues/{name}", said=f"Nothing was changed: {refusal.message}.")
        return go(request, "", said=f"There will be no letter in {issue.month_in_words}.")


def _save(request: Request, words: IssueWords, version: str) -> Response:
    newsroom, name, now = app_of(request).newsroom, name_of_issue(request), utc_now()
    who = signed_in(request).email
    try:
        saved = save_words(newsroom, name, words, version=version, who=who, now=now)
    except StateError as refusal:
        issue = issue_to_edit(newsroom, name)
        problems = {"form": f"Nothing was saved: {refusal.message}."}
        return _page(request, issue, words, version=version, problems=problems, status=422)
    if isinstance(saved, Stale):
        fresh = saved.theirs.version
        shown = {"theirs": saved.theirs, "status": 409}
        return _page(request, saved.issue, words, version=fresh, **shown)
    if not saved.changed:
        return go(request, f"issues/{name}", said=UNCHANGED)
    listed = ", ".join(saved.changed)
    void = VOID if saved.ended_approval else ""
    return go(request, f"issues/{name}", said=f"Saved: {listed}.{void}")


def _problems(words: IssueWords) -> dict[str, str]:
    lines = {"subject": words.subject or "", "preheader": words.preheader or ""}
    texts = {"introduction": words.introduction, "notices": words.notices}
    too_long = {n: LONGEST_LINE for n, text in lines.items() if len(text) > LONGEST_LINE}
    too_long |= {n: LONGEST_TEXT for n, text in texts.items() if len(text) > LONGEST_TEXT}
    return {n: f"This has more than {most:,} characters." for n, most in too_long.items()}


def _page(
    request: Request, issue: Issue, words: IssueWords, *, version: str, **data: Any
) -> Response:
    seen = look_at(newsroom_of(request), issue.name, now=utc_now())
    usual: dict[str, Any] = {"problems": {}, "theirs": None, "is_shown": False, "status": 200}
    return issue_page(
        request,
        "issue",
        issue,
        title=f"The letter of {issue.in_words}" if issue.is_monthly else issue.in_words,
        script="issue",
        words=words,
        version=version,
        seen=seen,
        longest_subject=LONGEST_SUBJECT,
        introduction=safe_html(words.introduction, heading="h3"),
        notices=safe_html(words.notices, heading="h3"),
        **(usual | data),
    )


def _skip_title(issue: Issue) -> str:
    return f"No letter in {issue.month_in_words}?"
