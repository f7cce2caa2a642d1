"""What happens while one types: the text is kept, and shown as it will look."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.services import drafts
from pprmail.services.contents import standing
from pprmail.services.proofs import proof
from pprmail.web.answers import PERSONAL, app_of
from pprmail.web.editor.desk import Desk, desk_page, go, newsroom_of
from pprmail.web.editor.showing import as_clock
from pprmail.web.editor.summary_form import Typed, typed_of
from pprmail.web.editor.written import (
    WithForm,
    about_of,
    read_now,
    slug_of,
    told,
    writer_of,
)
from pprmail.web.security import origin_of

PROOF: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:{logo}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""A proof is a letter, with styles of its own; whatever else may be in it can do nothing."""


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    one = f"{prefix}/editor/summaries/{{slug}}"
    return [
        Route(f"{one}/draft", Keeping),
        Route(f"{one}/discard", Discarding),
        Route(f"{one}/proof", Proof),
    ]


class Keeping(WithForm):
    """Where the script keeps what is typed; it answers with what there is to say of it."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Keep the form as a draft."""
        typed = Typed.model_validate(fields)
        if not typed.draft:
            return PlainTextResponse("This form has no key.", 422)
        about, now = about_of(request), utc_now()
        held = drafts.Typed(about, typed.version, typed.kept)
        writer, database = writer_of(request, typed), app_of(request).database
        is_unsaved = typed.has_words and not _is_saved(request, typed)
        take = drafts.keep if is_unsaved else drafts.leave
        company = take(database, held, writer=writer, now=now)
        read = read_now(request, typed)
        return desk_page(
            request,
            "summary_told",
            title="Your text",
            kept=as_clock(request, now) if is_unsaved else "",
            company=company,
            **told(request, typed, read),
        )


class Discarding(Desk):
    """Where one gives up what was not saved."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Forget the draft."""
        typed = Typed.model_validate(fields)
        drafts.discard(app_of(request).database, typed.draft, writer=writer_of(request, typed))
        return go(request, f"summaries/{slug_of(request)}", "The unsaved text is discarded.")


class Proof(WithForm):
    """How a summary will look in the letter, in a frame in which nothing can act."""

    def get(self, request: Request) -> Response:
        """Show it as it was saved."""
        summary = standing(newsroom_of(request), slug_of(request)).summary
        return _proof(request, typed_of(summary))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Show it as it stands in the form; nothing is kept of that."""
        typed = Typed.model_validate(fields)
        if not typed.has_words:
            return Response(status_code=204)  # The frame stays as it is.
        return _proof(request, typed)


def _is_saved(request: Request, typed: Typed) -> bool:
    """Tell whether nothing is typed but what is saved already."""
    try:
        saved = typed_of(standing(newsroom_of(request), slug_of(request)).summary)
    except NotFoundError:
        return False
    return saved.stripped == typed.stripped


def _proof(request: Request, typed: Typed) -> Response:
    html = proof(newsroom_of(request), read_now(request, typed).entry, now=utc_now())
    logo = newsroom_of(request).masthead.brand.logo_url
    policy = PROOF.format(logo=f" {origin_of(logo)}" if logo else "")
    return HTMLResponse(html, headers=PERSONAL | {"Content-Security-Policy": policy})
