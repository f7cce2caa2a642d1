"""Approving: what is to be sent, seen whole once more, and a yes to exactly that."""

import json
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import ApprovalError, StateError
from pprmail.model.approval import Manifest
from pprmail.model.edition import name_of
from pprmail.services.approving import Before, before_approval
from pprmail.services.review import Shown, approve
from pprmail.web.answers import app_of
from pprmail.web.editor.checking import path_of_finding, place_of
from pprmail.web.editor.desk import Desk, go, newsroom_of, signed_in
from pprmail.web.editor.issue_paths import issue_page, name_of_issue

ENOUGH_OF_A_DIGEST: Final = 12
"""Letters of each field's digest that a form carries, to name what changed; the fingerprint decides."""


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}/editor/issues/{{name}}/approve", Approving)]


class Approving(Desk):
    """The page of the yes; only for those who proved just now who they are."""

    must_be_fresh: ClassVar[bool] = True
    lists: ClassVar[tuple[str, ...]] = ("ticked",)
    largest_field: ClassVar[int] = 200_000

    def get(self, request: Request) -> Response:
        """Show what the yes would be said to."""
        return _page(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Take the yes, if it is to what is there now."""
        name, given = name_of_issue(request), fields.get("fingerprint")
        ticked = frozenset(fields.get("ticked", ()))
        shown = Shown(given if isinstance(given, str) else "", ticked)
        who, now = signed_in(request).email, utc_now()
        try:
            approval = approve(app_of(request).newsroom, name, by=who, now=now, to=shown)
        except (ApprovalError, StateError) as refusal:
            return _page(request, refusal, fields)
        said = _STANDS if approval.approved_at < now else _NEW
        return go(request, f"issues/{name}/schedule", said=said.format(who=approval.approved_by))


_NEW: Final = "Approved. Nothing is sent yet: choose when it goes out."
_STANDS: Final = "{who} had approved exactly this already. Nothing was changed."


def _page(
    request: Request, refusal: Exception | None = None, fields: dict[str, Any] | None = None
) -> Response:
    app, name = app_of(request), name_of_issue(request)
    before, sent = before_approval(newsroom_of(request), name, now=utc_now()), fields or {}
    issue = before.seen.issue
    accepted = [warned.name for warned in before.checked.warnings if warned.accepted]
    return issue_page(
        request,
        "approve",
        issue,
        here="/approve",
        status=422 if refusal else 200,
        title=f"Approve: {issue.in_words}",
        before=before,
        sender=app.newsroom.masthead,
        editions=_editions(before),
        place=lambda finding: place_of(issue, finding),
        path=lambda finding: path_of_finding(issue, finding),
        shown=json.dumps(_short(before.manifest)),
        problem=getattr(refusal, "message", ""),
        since_shown=_since_shown(before, sent.get("shown")) if refusal else [],
        ticked=sent.get("ticked", accepted),
    )


def _editions(before: Before) -> list[dict[str, Any]]:
    seen = before.seen
    return [
        {
            "name": name_of(edition, seen.issue),
            "subject": edition.subject,
            "titles": _titles(before, edition.selection),
            "readers": seen.readers_of(edition),
        }
        for edition in seen.editions
    ]


def _titles(before: Before, selection: int) -> list[str]:
    summaries = before.seen.issue.summaries
    return [s.title for place, s in enumerate(summaries) if selection >> place & 1]


def _since_shown(before: Before, shown: object) -> list[str]:
    """Name what differs from what the form was made of; a form that says nothing of it has no words."""
    try:
        said = json.loads(shown) if isinstance(shown, str) else {}
    except ValueError:
        return []
    return before.differences(said, _short(before.manifest)) if said else []


def _short(manifest: Manifest) -> Manifest:
    return {field: digest[:ENOUGH_OF_A_DIGEST] for field, digest in manifest.items()}
