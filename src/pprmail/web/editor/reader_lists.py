"""Readers who come in, one by one or as a list, and the list that is taken out."""

from dataclasses import dataclass, field
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import UNAVAILABLE, NotFoundError, PprmailError, SourceError
from pprmail.services.adding import Added, Front, add_and_invite, add_reader
from pprmail.services.enrolment import Registrar
from pprmail.services.inviting import Asking
from pprmail.services.taking_out import Kind, take_out
from pprmail.services.uploading import Reception, bring_in, dry_run, forget, take_in, understand
from pprmail.sources.list_header import COLUMNS
from pprmail.web.answers import PERSONAL, app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in, text_of
from pprmail.web.forms import Upload

FIELDS: Final = ("email", "name", "consent_source", "consent_kind", "consent_at")
SHOWN: Final = 50
"""So many lines that need a look are shown of each kind."""

LARGEST_UPLOAD: Final = 12_000_000
"""Bytes. Longer lists are refused with a sentence; what is larger than this is refused without one."""

_A_WHOLE_LIST: Final = Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_UPLOAD)

NO_WAY: Final = "Please choose how this person agrees."
NO_SOURCE: Final = "Please say where and how this person agreed."
NO_FILE: Final = "Please choose a file."
NO_KIND: Final = "Please choose what to take out."
GONE: Final = (
    "No list of yours is kept. Each is forgotten after an hour; please choose the file again."
)
TAKEN_OTHERWISE: Final = (
    "Meanwhile the columns of this list are taken for something else. "
    "Nothing was imported. Please look again."
)
OTHERWISE: Final = (
    "Meanwhile something has changed, and the list would now do something else than was shown. "
    "Nothing was imported. Please look again."
)


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    readers = f"{prefix}/editor/subscribers"
    return [
        Route(f"{readers}/add", Adding),
        Route(f"{readers}/upload", Uploading, middleware=[_A_WHOLE_LIST]),
        Route(f"{readers}/upload/list", Uploaded),
        Route(f"{readers}/export", TakingOut),
    ]


@dataclass(frozen=True)
class Typed:
    """The form for one reader, as it was filled in."""

    given: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    topics: list[str] = field(default_factory=list)
    agrees: str = ""


class Adding(Desk):
    """Where one reader is added."""

    lists = ("topics",)

    def get(self, request: Request) -> Response:
        """Show the form."""
        return _add_page(request, Typed())

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Add this reader, who has agreed, or is asked to by mail."""
        topics = [slug for slug in fields.get("topics", []) if isinstance(slug, str)]
        given = {name: text_of(fields, name).strip() for name in FIELDS}
        typed = Typed(given, topics, text_of(fields, "agrees"))
        wrong = _wrong_with(typed)
        if wrong:
            return _add_page(request, typed, wrong)
        try:
            added = _added(request, typed)
        except UNAVAILABLE:
            raise
        except PprmailError as refusal:
            return _add_page(request, typed, {"form": f"{refusal.message}. {refusal.remedy}."})
        if added.problem:
            place = "email" if added.known or "address" in added.problem else "form"
            return _add_page(request, typed, {place: added.problem}, known=added.known)
        said = "Added, and an invitation is on its way." if typed.agrees == "mail" else "Added."
        return go(request, f"subscribers/{added.public_id}", said=said)


class Uploading(Desk):
    """Where a list is sent to."""

    files = ("list",)

    def get(self, request: Request) -> Response:
        """Show the form."""
        return _upload_page(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Keep the list for an hour, and lead to what it would do."""
        sent = fields.get("list")
        if not isinstance(sent, Upload):
            return _upload_page(request, NO_FILE)
        try:
            take_in(_reception(request), sent.name, sent.body, now=utc_now())
        except SourceError as error:
            return _upload_page(request, _sentence(error))
        return go(request, "subscribers/upload/list")


class Uploaded(Desk):
    """What the list would do, until it does it."""

    def get(self, request: Request) -> Response:
        """Show it; nothing is changed."""
        found = dry_run(_reception(request), now=utc_now())
        if found is None:
            return _upload_page(request, gone=GONE)
        return desk_page(
            request,
            "readers_dry_run",
            title="What this list would do",
            run=found,
            columns=COLUMNS,
            most=SHOWN,
        )

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Take the columns otherwise, bring the list in, or forget it."""
        orders = {"map": _understand, "import": _bring_in, "forget": _forget}
        order = orders.get(text_of(fields, "do"))
        return order(request, fields) if order else go(request, "subscribers/upload/list")


class TakingOut(Desk):
    """Where the list of readers, or the ledger of consents, is downloaded."""

    must_be_fresh = True

    def get(self, request: Request) -> Response:
        """Show the form."""
        return _export_page(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Give the file; it is noted who took it out."""
        word = text_of(fields, "kind")
        if word not in set(Kind):
            return _export_page(request, NO_KIND)
        kind, who = Kind(word), signed_in(request).email
        parts = take_out(app_of(request).newsroom, kind, who=who, now=utc_now())
        name = f'attachment; filename="{kind}.csv"'
        headers = PERSONAL | {"Content-Disposition": name}
        return StreamingResponse(parts, media_type="text/csv", headers=headers)


def _wrong_with(typed: Typed) -> dict[str, str]:
    if typed.agrees not in {"mail", "agreed"}:
        return {"agrees": NO_WAY}
    is_missing = typed.agrees == "agreed" and not typed.given["consent_source"]
    return {"consent_source": NO_SOURCE} if is_missing else {}


def _added(request: Request, typed: Typed) -> Added:
    app, me, now = app_of(request), signed_in(request), utc_now()
    front = Front(_registrar(request), app.sign_ups, app.topics)
    given = typed.given | {"topics": ";".join(typed.topics)}
    if typed.agrees == "agreed":
        return add_reader(front, given, who=me.email, now=now)
    plain = {name: given[name] for name in ("email", "name", "topics")}
    return add_and_invite(front, plain, Asking(me.name, me.email), now=now)


def _understand(request: Request, fields: dict[str, Any]) -> Response:
    told = {n.removeprefix("column:"): v for n, v in fields.items() if n.startswith("column:")}
    mapping = {theirs: ours for theirs, ours in told.items() if isinstance(ours, str)}
    understand(_reception(request), mapping, text_of(fields, "consent")[:500], now=utc_now())
    return go(request, "subscribers/upload/list")


def _bring_in(request: Request, fields: dict[str, Any]) -> Response:
    who, mark = signed_in(request).email, text_of(fields, "mark")
    try:
        done = bring_in(_reception(request), mark, who=who, now=utc_now())
    except NotFoundError:
        return go(request, "subscribers/upload", said=GONE)
    except SourceError:
        return go(request, "subscribers/upload/list", said=TAKEN_OTHERWISE)
    if done is None:
        return go(request, "subscribers/upload/list", said=OTHERWISE)
    counts = f"{len(done.new):,} came in, {len(done.changed):,} were changed"
    return go(request, "subscribers", said=f"The list is imported: {counts}.")


def _forget(request: Request, _: dict[str, Any]) -> Response:
    forget(_reception(request), now=utc_now())
    return go(request, "subscribers/upload", said="The list is forgotten. Nothing was imported.")


def _registrar(request: Request) -> Registrar:
    app = app_of(request)
    return Registrar(app.database, app.signer)


def _reception(request: Request) -> Reception:
    app, owner = app_of(request), signed_in(request).seat.digest
    return Reception(_registrar(request), app.topics, app.newsroom.masthead.zone, owner)


def _sentence(error: SourceError) -> str:
    return f"{error.message[:1].upper()}{error.message[1:]}." + (
        f" {error.remedy[:1].upper()}{error.remedy[1:]}." if error.remedy else ""
    )


def _add_page(
    request: Request, typed: Typed, wrong: dict[str, str] | None = None, *, known: str = ""
) -> Response:
    return desk_page(
        request,
        "reader_add",
        status=422 if wrong else 200,
        title="Add a reader",
        typed=typed,
        wrong=wrong or {},
        known=known,
        groups=app_of(request).topics.groups(),
    )


def _upload_page(request: Request, problem: str = "", *, gone: str = "") -> Response:
    return desk_page(
        request,
        "readers_upload",
        status=422 if problem else 200,
        title="Upload a list",
        problem=problem,
        gone=gone,
    )


def _export_page(request: Request, problem: str = "") -> Response:
    status = 422 if problem else 200
    return desk_page(
        request, "readers_export", status=status, title="Take the list out", problem=problem
    )
