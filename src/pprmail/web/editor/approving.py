"""Approving: what is to be sent, seen whole once more, and a yes to exactly that."""

import json
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import ApprovalError, StateError
from pprmail.model.approval import Manifest, changed_fields
from pprmail.model.edition import name_of
from pprmail.model.signed_field import changes_in_words, place_in_words
from pprmail.services.review import Before, Shown, approve, before_approval
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in

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
        name, given = request.path_params["name"], fields.get("fingerprint")
        ticked = frozenset(fields.get("ticked", ()))
        shown = Shown(given if isinstance(given, str) else "", ticked)
        who = signed_in(request).email
        try:
            approve(app_of(request).newsroom, name, by=who, now=utc_now(), to=shown)
        except (ApprovalError, StateError) as refusal:
            return _page(request, refusal, fields)
        said = "Approved. Nothing is sent yet: choose when it goes out."
        return go(request, f"issues/{name}/schedule", said=said)


def _page(
    request: Request, refusal: Exception | None = None, fields: dict[str, Any] | None = None
) -> Response:
    app, name = app_of(request), request.path_params["name"]
    before, sent = before_approval(app.newsroom, name, now=utc_now()), fields or {}
    issue = before.seen.issue
    return desk_page(
        request,
        "approve",
        status=422 if refusal else 200,
        title=f"Approve: {issue.in_words}",
        issue=issue,
        before=before,
        sender=app.newsroom.masthead,
        editions=_editions(before),
        place=lambda where: place_in_words(where, titles=_titles_by_slug(before)),
        readers=sum(before.seen.head_counts.values()),
        shown=json.dumps(_short(before.manifest)),
        since_last=_since_last(before),
        problem=getattr(refusal, "message", ""),
        since_shown=_since_shown(before, sent.get("shown")) if refusal else [],
        ticked=sent.get("ticked", ()),
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


def _since_last(before: Before) -> list[str]:
    """Name what differs from what was approved last, if that holds no longer."""
    if before.last is None or before.is_approved:
        return []
    return _in_words(before, changed_fields(before.last.manifest, before.manifest))


def _since_shown(before: Before, shown: object) -> list[str]:
    """Name what differs from what the form was made of; a form that says nothing of it has no words."""
    try:
        said = json.loads(shown) if isinstance(shown, str) else {}
    except ValueError:
        return []
    return _in_words(before, changed_fields(said, _short(before.manifest))) if said else []


def _in_words(before: Before, fields: list[str]) -> list[str]:
    return changes_in_words(fields, titles=_titles_by_slug(before))


def _titles_by_slug(before: Before) -> dict[str, str]:
    return {summary.slug: summary.title for summary in before.seen.issue.summaries}


def _short(manifest: Manifest) -> Manifest:
    return {field: digest[:ENOUGH_OF_A_DIGEST] for field, digest in manifest.items()}
