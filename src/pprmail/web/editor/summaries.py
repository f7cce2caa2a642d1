"""The list of summaries, and what is done with one beside writing it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import StateError
from pprmail.services.contents import months_listed, standing
from pprmail.services.drafts import unsaved
from pprmail.services.writing import Overtaken, delete, take_in
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, newsroom_of
from pprmail.web.editor.showing import all_is_well
from pprmail.web.editor.summary_form import Typed
from pprmail.web.editor.written import slug_of, writer_of


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    one = f"{prefix}/editor/summaries/{{slug}}"
    return [
        Route(f"{prefix}/editor/summaries", Summaries),
        Route(f"{one}/delete", Deleting),
        Route(f"{one}/take-in", TakingIn),
        Route(f"{one}/copy", Copying),
    ]


class Summaries(Desk):
    """Every summary, by month."""

    def get(self, request: Request) -> Response:
        """Show them."""
        first = app_of(request).settings.schedule.first_month
        database, writer = app_of(request).database, writer_of(request, Typed())
        return desk_page(
            request,
            "summaries",
            title="Summaries",
            months=months_listed(newsroom_of(request), first_month=first),
            first_month=first,
            unsaved=unsaved(database, "", writer=writer),
        )


class Deleting(Desk):
    """Where a summary that nobody got is deleted."""

    def get(self, request: Request) -> Response:
        """Say what that means."""
        return _ask(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Delete it, if it is still as it was seen."""
        typed = Typed.model_validate(fields)
        newsroom, writer = newsroom_of(request), writer_of(request, typed)
        slug, version = slug_of(request), typed.version or 0
        try:
            result = delete(newsroom, slug, version=version, writer=writer, now=utc_now())
        except StateError as refusal:
            return _ask(request, status=422, problem=refusal.message)
        if isinstance(result, Overtaken):
            changed = (
                "Somebody changed it since you opened this page. Look at it before you delete it."
            )
            return _ask(request, status=409, problem=changed)
        return go(request, "summaries", " ".join(["Deleted.", *all_is_well(result.notes)]))


class TakingIn(Desk):
    """Where a summary comes into an approved letter."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Take it in."""
        writer = writer_of(request, Typed.model_validate(fields))
        saved = take_in(newsroom_of(request), slug_of(request), writer=writer, now=utc_now())
        said = " ".join(all_is_well(saved.notes)) or "Nothing was changed: it is in the letter."
        return go(request, f"summaries/{saved.slug}", said)


class Copying(Desk):
    """A summary in the order of the blog's page, to be copied with its bold and italics."""

    def get(self, request: Request) -> Response:
        """Show it."""
        newsroom = newsroom_of(request)
        summary = standing(newsroom, slug_of(request)).summary
        view = newsroom.press.views.summary(summary, heading="h3")
        script = "blog_copy"
        return desk_page(
            request, "summary_copy", title="Copy for the blog", script=script, summary=view
        )


def _ask(request: Request, *, status: int = 200, problem: str = "") -> Response:
    stands = standing(newsroom_of(request), slug_of(request))
    title = f"Delete “{stands.summary.title}”?"
    return desk_page(
        request, "summary_delete", status=status, title=title, stands=stands, problem=problem
    )
