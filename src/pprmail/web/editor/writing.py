"""Writing a summary: the form, what it says while one types, and how it will look."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError, StateError
from pprmail.services import drafts
from pprmail.services.assembly import month_to_write
from pprmail.services.contents import Standing, standing
from pprmail.services.drafts import Company
from pprmail.services.writing import Overtaken, Saved, add, change, mend
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import desk_page, go, newsroom_of
from pprmail.web.editor.paths import mounted
from pprmail.web.editor.showing import all_is_well, reworded
from pprmail.web.editor.summary_form import Read, Typed, typed_of
from pprmail.web.editor.written import (
    NEW,
    WithForm,
    read_now,
    slug_of,
    told,
    writer_of,
)
from pprmail.web.security import POLICY

WRITING: Final = {
    "Content-Security-Policy": f"{POLICY}; connect-src 'self'; frame-src 'self'; script-src 'self'"
}
Saving = Callable[..., Saved | Overtaken]
FRAMING: Final = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/summaries/{NEW}", NewSummary),
        Route(f"{prefix}/editor/summaries/{{slug}}", OneSummary),
    ]


@dataclass(frozen=True)
class Form:
    """The page of the form: what stands in it, where the summary stands, and who else is at it."""

    typed: Typed
    slug: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    standing: Standing | None = None
    conflict: Overtaken | None = None
    shows_saved: bool = False
    status: int = 200


class NewSummary(WithForm):
    """The form for a new summary."""

    def get(self, request: Request) -> Response:
        """Show it empty, or with an own draft."""
        month = request.query_params.get("month", "")
        kept = _taken_up(request)
        month = month or month_to_write(newsroom_of(request), now=utc_now())
        return _form(request, Form(kept or Typed(month=month, draft=_key())))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Save, or only check."""
        typed = Typed.model_validate(fields)
        read = read_now(request, typed)
        if fields.get("do") == "check" or read.problems:
            return _form(request, _checked(fields, typed, read))
        try:
            saved = add(
                newsroom_of(request), read.entry, writer=writer_of(request, typed), now=utc_now()
            )
        except StateError as refusal:
            return _form(request, Form(typed, problems=_beside(refusal), status=422))
        return _done(request, saved)


class OneSummary(WithForm):
    """The form of a summary that is there."""

    def get(self, request: Request) -> Response:
        """Show it as it was saved, or with an own draft; what went out is only shown."""
        stands = standing(newsroom_of(request), slug_of(request))
        if stands.sent_in and "mend" not in request.query_params and not _draft_named(request):
            return _gone_out(request, stands)
        kept = _taken_up(request)
        typed = kept or typed_of(stands.summary).model_copy(update={"draft": _key()})
        return _form(request, Form(typed, slug_of(request), standing=stands, shows_saved=not kept))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Save, or only check; what another saved meanwhile is shown beside it."""
        typed, slug = Typed.model_validate(fields), slug_of(request)
        read = read_now(request, typed)
        try:
            stands = standing(newsroom_of(request), slug)
        except NotFoundError:
            return _form(request, Form(typed, problems={"form": _DELETED}, status=409))
        form = Form(typed, slug, standing=stands)
        if fields.get("do") == "check" or read.problems:
            checked_form = _checked(fields, typed, read)
            return _form(request, replace(checked_form, slug=slug, standing=stands))
        save = mend if fields.get("mends") == "yes" and stands.sent_in else change
        return _saved_or_told(request, form, read, save)


_DELETED: Final = (
    "Somebody deleted this summary while you were writing. Your text is below; saving it makes the "
    "summary anew."
)


def _saved_or_told(request: Request, form: Form, read: Read, save: Saving) -> Response:
    writer, version = writer_of(request, form.typed), form.typed.version or 0
    newsroom, now = newsroom_of(request), utc_now()
    try:
        result = save(newsroom, form.slug, read.entry, version=version, writer=writer, now=now)
    except StateError as refusal:
        return _form(request, replace(form, problems=_beside(refusal), status=422))
    if isinstance(result, Saved):
        return _mended(request, form, result) if save is mend else _done(request, result)
    newer = form.typed.model_copy(update={"version": result.present.version})
    return _form(request, replace(form, typed=newer, conflict=result, status=409))


def _mended(request: Request, form: Form, saved: Saved) -> Response:
    """Lead to where a dated note is put on what was mended."""
    if not saved.is_new:
        return go(request, f"summaries/{form.slug}", "Nothing was changed.")
    sent_in = form.standing.sent_in if form.standing else []
    there = f"issues/{sent_in[0].month}/corrections" if sent_in else f"summaries/{form.slug}"
    return go(request, there, " ".join([_MENDED, *all_is_well(saved.notes)]))


_MENDED: Final = "The archive shows the new text. Put a note on it that says what was wrong."


def _done(request: Request, saved: Saved) -> Response:
    return go(request, f"summaries/{saved.slug}", " ".join(["Saved.", *all_is_well(saved.notes)]))


def _beside(refusal: StateError) -> dict[str, str]:
    place = refusal.where if refusal.where in {"title", "month"} else "form"
    remedy = f" ({refusal.remedy})" if refusal.remedy else ""
    return {place: f"{refusal.message[:1].upper()}{refusal.message[1:]}{remedy}."}


def _checked(fields: dict[str, Any], typed: Typed, read: Read) -> Form:
    is_check = fields.get("do") == "check"
    return Form(typed, problems=read.problems, status=200 if is_check else 422)


def _draft_named(request: Request) -> bool:
    return bool(request.query_params.get("draft"))


def _taken_up(request: Request) -> Typed | None:
    key = request.query_params.get("draft", "")
    if not key:
        return None
    found = drafts.taken_up(app_of(request).database, key, writer=writer_of(request, Typed()))
    if found is None:
        return None
    version = str(found.based_on) if found.based_on else ""
    return Typed.model_validate(found.fields | {"version": version, "draft": found.key})


def _form(request: Request, form: Form) -> Response:
    app, typed = app_of(request), form.typed
    writer, held = writer_of(request, typed), drafts.Typed(form.slug, typed.version, {})
    own = drafts.unsaved(app.database, form.slug, writer=writer)
    company = (
        Company()
        if form.conflict
        else drafts.company(app.database, held, writer=writer, now=utc_now())
    )
    response = desk_page(
        request,
        "summary_form",
        status=form.status,
        script="summary",
        title=form.standing.summary.title if form.standing else "Write a summary",
        form=form,
        problems=form.problems,
        here_path=mounted(request, f"/editor/summaries/{form.slug or NEW}"),
        unsaved=[draft for draft in own if draft.key != typed.draft],
        company=company,
        kept="",
        differences=_differences(form) if form.conflict else [],
        **told(request, typed, read_now(request, typed)),
    )
    response.headers.update(WRITING)
    return response


def _differences(form: Form) -> list[Any]:
    return reworded(form.conflict.present, form.typed) if form.conflict else []


def _gone_out(request: Request, stands: Standing) -> Response:
    response = desk_page(request, "summary_sent", title=stands.summary.title, stands=stands)
    response.headers.update(FRAMING)
    return response


def _key() -> str:
    return secrets.token_urlsafe(16)
