"""Writing a summary: the form, what it says while one types, and how it will look."""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError, StateError
from pprmail.model.month import Month, month_at
from pprmail.model.topic import Topic, Topics
from pprmail.services import drafts
from pprmail.services.checking import checked
from pprmail.services.contents import Standing, standing
from pprmail.services.drafts import Company
from pprmail.services.proofs import proof, unsaved_summary
from pprmail.services.writing import Overtaken, Saved, Writer, add, change
from pprmail.web.answers import PERSONAL, app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in
from pprmail.web.editor.paths import mounted
from pprmail.web.editor.showing import all_is_well, as_clock, hints_shown, reworded
from pprmail.web.editor.summary_form import LARGEST_TEXT, Read, Typed, read_typed, typed_of
from pprmail.web.security import POLICY

NEW: Final = "new"
WRITING: Final = {
    "Content-Security-Policy": f"{POLICY}; connect-src 'self'; frame-src 'self'; script-src 'self'"
}
FRAMING: Final = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
PROOF: Final = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
}
"""A proof is a letter, with styles of its own; whatever else may be in it can do nothing."""


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    one = f"{prefix}/editor/summaries/{{slug}}"
    return [
        Route(f"{prefix}/editor/summaries/{NEW}", NewSummary),
        Route(one, OneSummary),
        Route(f"{one}/draft", Keeping),
        Route(f"{one}/discard", Discarding),
        Route(f"{one}/proof", Proof),
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


class _WithForm(Desk):
    lists: ClassVar[tuple[str, ...]] = ("topics",)
    largest_field: ClassVar[int] = LARGEST_TEXT


class NewSummary(_WithForm):
    """The form for a new summary."""

    def get(self, request: Request) -> Response:
        """Show it empty, or with an own draft."""
        month = request.query_params.get("month", "")
        kept = _taken_up(request)
        return _form(request, Form(kept or Typed(month=month or this_month(request), draft=_key())))

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


class OneSummary(_WithForm):
    """The form of a summary that is there."""

    def get(self, request: Request) -> Response:
        """Show it as it was saved, or with an own draft; what went out is only shown."""
        stands = standing(newsroom_of(request), slug_of(request))
        if stands.sent_in:
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
        return _saved_or_told(request, form, read)


_DELETED: Final = (
    "Somebody deleted this summary while you were writing. Your text is below; saving it makes the "
    "summary anew."
)


class Keeping(_WithForm):
    """Where the script keeps what is typed; it answers with what there is to say of it."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Keep the form as a draft."""
        typed = Typed.model_validate(fields)
        if not typed.draft:
            return PlainTextResponse("This form has no key.", 422)
        about, now = about_of(request), utc_now()
        held = drafts.Typed(about, typed.version, typed.kept)
        writer, database = writer_of(request, typed), app_of(request).database
        if typed.has_words:
            company = drafts.keep(database, held, writer=writer, now=now)
        else:
            company = drafts.company(database, held, writer=writer, now=now)
        read = read_now(request, typed)
        return desk_page(
            request,
            "summary_told",
            title="Your text",
            kept=as_clock(request, now) if typed.has_words else "",
            company=company,
            **_told(request, typed, read),
        )


class Discarding(Desk):
    """Where one gives up what was not saved."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Forget the draft."""
        typed = Typed.model_validate(fields)
        drafts.discard(app_of(request).database, typed.draft, writer=writer_of(request, typed))
        return go(request, f"summaries/{slug_of(request)}", "The unsaved text is discarded.")


class Proof(_WithForm):
    """How a summary will look in the letter, in a frame in which nothing can act."""

    def get(self, request: Request) -> Response:
        """Show it as it was saved."""
        summary = standing(newsroom_of(request), slug_of(request)).summary
        return _proof(request, typed_of(summary))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Show it as it stands in the form; nothing is kept of that."""
        typed = Typed.model_validate(fields)
        if not typed.has_words:
            return PlainTextResponse("There are no words yet.", 422)
        return _proof(request, typed)


def writer_of(request: Request, typed: Typed) -> Writer:
    """Say who writes, in which form."""
    editor = signed_in(request).editor
    return Writer(editor.email, editor.public_id, typed.draft)


def newsroom_of(request: Request) -> Any:
    """Give what the services of writing work with."""
    return app_of(request).newsroom


def slug_of(request: Request) -> str:
    """Give the slug that the path names."""
    return str(request.path_params.get("slug", NEW))


def about_of(request: Request) -> str:
    """Give the slug that a draft is about; a new summary has none."""
    slug = slug_of(request)
    return "" if slug == NEW else slug


def this_month(request: Request) -> Month:
    """Name the month that the newsletter is in."""
    return month_at(utc_now(), newsroom_of(request).masthead.zone)


def read_now(request: Request, typed: Typed) -> Read:
    """Read what was typed."""
    return read_typed(typed, app_of(request).topics, this_month=this_month(request))


def _saved_or_told(request: Request, form: Form, read: Read) -> Response:
    writer, version = writer_of(request, form.typed), form.typed.version or 0
    try:
        result = change(
            newsroom_of(request),
            form.slug,
            read.entry,
            version=version,
            writer=writer,
            now=utc_now(),
        )
    except StateError as refusal:
        return _form(request, replace(form, problems=_beside(refusal), status=422))
    if isinstance(result, Saved):
        return _done(request, result)
    newer = form.typed.model_copy(update={"version": result.present.version})
    return _form(request, replace(form, typed=newer, conflict=result, status=409))


def _done(request: Request, saved: Saved) -> Response:
    return go(request, f"summaries/{saved.slug}", " ".join(["Saved.", *all_is_well(saved.notes)]))


def _beside(refusal: StateError) -> dict[str, str]:
    place = refusal.where if refusal.where == "title" else "form"
    remedy = f" ({refusal.remedy})" if refusal.remedy else ""
    return {place: f"{refusal.message[:1].upper()}{refusal.message[1:]}{remedy}."}


def _checked(fields: dict[str, Any], typed: Typed, read: Read) -> Form:
    is_check = fields.get("do") == "check"
    return Form(typed, problems=read.problems, status=200 if is_check else 422)


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
        title="Write a summary" if not form.slug else "Change a summary",
        form=form,
        problems=form.problems,
        here_path=mounted(request, f"/editor/summaries/{form.slug or NEW}"),
        unsaved=[draft for draft in own if draft.key != typed.draft],
        company=company,
        kept="",
        differences=_differences(form) if form.conflict else [],
        **_told(request, typed, read_now(request, typed)),
    )
    response.headers.update(WRITING)
    return response


def _told(request: Request, typed: Typed, read: Read) -> dict[str, Any]:
    found = checked(unsaved_summary(read.entry, now=utc_now()))
    return {
        "typed": typed,
        "checked": found,
        "hints": hints_shown(found.hints, typed),
        "groups": _groups(app_of(request).topics, read.entry.topics),
        "types": app_of(request).topics.types_of_research,
        "chosen": read.entry.topics,
        "names": app_of(request).topics.names(read.entry.topics),
        "clock": lambda moment: as_clock(request, moment),
    }


def _groups(topics: Topics, chosen: list[str]) -> dict[str, list[Topic]]:
    """Give the topics that are offered, and those that a summary carries from before."""
    offered = {topic.slug for topic in topics.choosable}
    found = (topics.find(slug) for slug in chosen if slug not in offered)
    kept = [topic for topic in found if topic is not None]
    return topics.groups() | ({"Not offered any more": kept} if kept else {})


def _differences(form: Form) -> list[Any]:
    return reworded(form.conflict.present, form.typed) if form.conflict else []


def _gone_out(request: Request, stands: Standing) -> Response:
    response = desk_page(request, "summary_sent", title=stands.summary.title, stands=stands)
    response.headers.update(FRAMING)
    return response


def _proof(request: Request, typed: Typed) -> Response:
    html = proof(newsroom_of(request), read_now(request, typed).entry, now=utc_now())
    return HTMLResponse(html, headers=PERSONAL | PROOF)


def _key() -> str:
    return secrets.token_urlsafe(16)
