"""Paths of an issue's pages: what is named in them, and which of them there are."""

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from pprmail.errors import NotFoundError
from pprmail.model.issue import Issue, IssueState
from pprmail.web.editor.desk import desk_page
from pprmail.web.security import POLICY

ISSUE: Final = "/editor/issues/{name}"
_NAME: Final = re.compile(r"[0-9]{4}-[0-9]{2}(-c[0-9]{1,3})?")
WITH_FRAMES: Final = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
"""What a page carries that shows letters in frames: ours, and nobody else's."""


def name_of_issue(request: Request) -> str:
    """Give the name in the path; what can't be one is not looked for."""
    name: str = request.path_params["name"]
    if not _NAME.fullmatch(name):
        raise NotFoundError("no issue has such a name")
    return name


def issue_page(
    request: Request, template: str, issue: Issue, *, status: int = 200, **data: Any
) -> Response:
    """Show one of an issue's pages, with the way to the others."""
    here = data.pop("here", "")
    known = {"issue": issue, "parts": parts_of(issue), "part": here}
    return desk_page(request, template, status=status, **(known | data))


def parts_of(issue: Issue) -> list[tuple[str, str]]:
    """List the pages of an issue as it stands: words and the end of the path."""
    parts = [("The issue", ""), ("Every edition", "/editions"), ("Check", "/check")]
    sending = [("Approve", "/approve"), ("Send", "/schedule")]
    watching = [("Progress", "/progress"), ("Report", "/report"), ("Corrections", "/corrections")]
    parts = parts if issue.may_change else parts[:2]
    parts.append(("Test", "/test"))
    if issue.may_change:
        parts += sending if issue.state is IssueState.APPROVED else sending[:1]
        parts += watching[:1] if issue.send_at else []
    elif issue.frozen_at:
        parts += watching if issue.is_monthly else watching[:2]
    return parts


def text_in(fields: dict[str, Any], name: str) -> str:
    """Give a field that came once, as text; else nothing."""
    given = fields.get(name, "")
    return given if isinstance(given, str) else ""
