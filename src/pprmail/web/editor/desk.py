"""The desk: what every page behind the sign-in has in common.

Whoever asks is looked up before anything is read; a form is taken only with the token of the very
session that it was shown to.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pprmail.bootstrap import utc_now
from pprmail.errors import BeingCountedError
from pprmail.model.calendar import in_words
from pprmail.model.editor import DeskSession, Editor, Role
from pprmail.services.desk_sessions import keep_said, seated
from pprmail.services.newsroom import Newsroom
from pprmail.web.answers import PERSONAL, app_of
from pprmail.web.editor.cookies import SAID, SESSION, cookie, drop, keep
from pprmail.web.editor.keepsakes import PROOF, opened, sealed
from pprmail.web.editor.paths import mounted, navigation, part_of, path_of, path_of_form, with_next
from pprmail.web.forms import LARGEST_FIELD, Shape, form_of
from pprmail.web.security import WITH_SCRIPT

METHODS: Final = {"GET": "get", "HEAD": "get", "POST": "post"}
SECRETS: Final = frozenset({"csrf", "password", "code"})
"""Fields that no page gives back."""


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in: as much of the editor and the session as pages need."""

    seat: DeskSession
    csrf: str
    is_fresh: bool

    @property
    def editor(self) -> Editor:
        """The editor's row, as it was when the page was asked for."""
        return self.seat.editor

    @property
    def email(self) -> str:
        """The address, which is written into the log of changes."""
        return self.editor.email

    @property
    def name(self) -> str:
        """The name, or the address of one who gave none."""
        return self.editor.name or self.editor.email

    @property
    def role(self) -> Role:
        """What this editor may do."""
        return self.editor.role


class Desk(HTTPEndpoint):
    """A page behind the sign-in. Pages define `get(self, request)` and `post(self, request, fields)`.

    Both are called in a thread. `lists` names fields that come more than once, `files` those that
    hold a file (given as `Upload` or None); a text may have `largest_field` bytes. A page that
    `must_be_fresh` is for those who proved within five minutes who they are. One that a script
    asks for again and again is no `is_sign_of_life`: it keeps no session from ending.
    """

    least: ClassVar[Role] = Role.EDITOR
    must_be_fresh: ClassVar[bool] = False
    is_sign_of_life: ClassVar[bool] = True
    lists: ClassVar[tuple[str, ...]] = ()
    files: ClassVar[tuple[str, ...]] = ()
    largest_field: ClassVar[int] = LARGEST_FIELD

    async def dispatch(self) -> None:
        """Answer, or say why not."""
        request = Request(self.scope, receive=self.receive)
        response = await self._answer(request)
        await response(self.scope, self.receive, self.send)

    async def _answer(self, request: Request) -> Response:
        handler = getattr(self, METHODS.get(request.method, ""), None)
        if handler is None:
            return await self.method_not_allowed(request)
        request.state.signed_in = await run_in_threadpool(self._find, request)
        if request.method != "POST":
            return await run_in_threadpool(self._shown, handler, request)
        try:
            fields = await self._fields(request)
        except HTTPException:
            return await run_in_threadpool(_unreadable, request)
        return await run_in_threadpool(self._taken, handler, request, fields)

    def _find(self, request: Request) -> SignedIn | None:
        return find_signed_in(request, is_sign_of_life=self.is_sign_of_life)

    async def _fields(self, request: Request) -> dict[str, Any]:
        # Nobody has a file read who is not signed in.
        if request.state.signed_in is None and self.files:
            return {}
        return await form_of(request, Shape(self.lists, self.files, self.largest_field))

    def _shown(self, handler: Any, request: Request) -> Response:
        if request.state.signed_in is None:
            there = with_next("/editor/sign-in", path_of(request))
            return RedirectResponse(mounted(request, there), 303)
        if not self._may(request):
            return _forbidden(request)
        if self._is_too_late(request):
            there = with_next("/editor/again", path_of(request))
            return RedirectResponse(mounted(request, there), 303)
        try:
            answer: Response = handler(request)
        except BeingCountedError:
            return _one_moment(request)
        return answer

    def _taken(self, handler: Any, request: Request, fields: dict[str, Any]) -> Response:
        if request.state.signed_in is None:
            return _kept(request, "signed_out", fields, status=401, title="You are signed out")
        if not self._may(request):
            return _forbidden(request)
        if not _is_own(request, text_of(fields, "csrf")):
            title = "Please send this form again"
            return _kept(request, "stale_form", fields, status=403, title=title)
        if self._is_too_late(request):
            title = "Please confirm that it is you"
            return _kept(request, "proof_first", fields, status=403, title=title)
        answer: Response = handler(request, {n: v for n, v in fields.items() if n != "csrf"})
        return answer

    def _may(self, request: Request) -> bool:
        return signed_in(request).role.reaches(self.least)

    def _is_too_late(self, request: Request) -> bool:
        return self.must_be_fresh and not signed_in(request).is_fresh


def signed_in(request: Request) -> SignedIn:
    """Say who is signed in, on a page of the desk."""
    found: SignedIn = request.state.signed_in
    return found


def newsroom_of(request: Request) -> Newsroom:
    """Give what a page is made from: one that is looked at waits for no figures."""
    newsroom = app_of(request).newsroom
    return newsroom if request.method == "POST" else newsroom.hurried


def find_signed_in(request: Request, *, is_sign_of_life: bool = True) -> SignedIn | None:
    """Say who is signed in, if anybody is."""
    secret, now = cookie(request, SESSION), utc_now()
    if not secret:
        return None
    seat = seated(app_of(request).database, secret, now=now, is_sign_of_life=is_sign_of_life)
    if seat is None or seat.awaits_code:
        return None
    return SignedIn(seat, csrf_of(secret), seat.is_fresh(now=now))


def text_of(fields: dict[str, Any], name: str) -> str:
    """Give what was typed into a field; nothing where it is absent, or came twice."""
    given = fields.get(name, "")
    return given if isinstance(given, str) else ""


def csrf_of(secret: str) -> str:
    """Make the token of a session's forms, which does not give the session away."""
    return hashlib.sha256(f"form:{secret}".encode()).hexdigest()


def desk_page(
    request: Request, name: str, /, *, status: int = 200, script: str = "", **data: Any
) -> Response:
    """Show a page of the desk; `title` is needed. `script` names a script of ours that it uses."""
    editor: SignedIn | None = getattr(request.state, "signed_in", None)
    app = app_of(request)
    zone, said = app.newsroom.masthead.zone, _said(request, editor)
    here = path_of(request).partition("?")[0]
    known = {
        "editor": editor,
        "csrf": editor.csrf if editor else "",
        "said": said,
        "zone": zone,
        "script": script,
        "here": here,
        "belongs_to": part_of(here),
        "navigation": navigation(request, editor.role) if editor else [],
        "in_words": lambda moment: in_words(moment, zone),
    }
    response = HTMLResponse(app.pages.desk(name, **(known | data)), status, headers=PERSONAL)
    if script:
        response.headers.update(WITH_SCRIPT)
    if said:
        drop(request, response, SAID)
    return response


def go(request: Request, path: str, said: str = "") -> Response:
    """Send on to a page of the desk (`summaries/x`), which says once what has happened."""
    response = RedirectResponse(mounted(request, f"/editor/{path.lstrip('/')}"), 303)
    if said:
        key = keep_said(app_of(request).database, signed_in(request).seat.id, said)
        keep(request, response, SAID, key, max_age=60)
    return response


def _forbidden(request: Request) -> Response:
    return desk_page(request, "forbidden", status=403, title="This is for admins")


def _is_own(request: Request, token: str) -> bool:
    """Tell whether a form was shown to this session, or is kept for this very editor."""
    mine = signed_in(request)
    is_of_session = hmac.compare_digest(token.encode(), mine.csrf.encode())
    return is_of_session or opened(request, PROOF, token) == mine.editor.public_id


def _one_moment(request: Request) -> Response:
    response = desk_page(request, "one_moment", title="One moment")
    response.headers["Refresh"] = "1"
    # What has happened is said on the page itself, too.
    del response.headers["Set-Cookie"]
    return response


def _said(request: Request, editor: SignedIn | None) -> str:
    """Give the sentence for this page.

    The row is left as it is, since looking changes nothing: it is the browser that gives up the key.
    """
    key = cookie(request, SAID)
    if editor is None or not key or not editor.seat.said_key:
        return ""
    is_for_it = hmac.compare_digest(key.encode(), editor.seat.said_key.encode())
    return editor.seat.said or "" if is_for_it else ""


def _kept(
    request: Request, name: str, fields: dict[str, Any], *, status: int, title: str
) -> Response:
    """Say why a form was not taken, and keep what was written: it is sent again with one press."""
    given = {n: v for n, v in fields.items() if n not in SECRETS}
    pairs = [
        (name, text)
        for name, value in given.items()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    ]
    shown: dict[str, Any] = {"pairs": pairs, "has_password": bool(text_of(fields, "password"))}
    shown |= _way_back(request)
    return desk_page(request, name, status=status, title=title, **shown)


def _way_back(request: Request) -> dict[str, Any]:
    """Say where one shows who that is, and with which token the kept form is then sent.

    A proof begins another session: a form that waits for it has a token of its editor instead.
    """
    here, mine = path_of_form(request), request.state.signed_in
    if mine is None:
        return {"again": with_next("/editor/sign-in", here)}
    token = sealed(request, PROOF, mine.editor.public_id)
    return {"again": with_next("/editor/again", here), "csrf": token}


def _unreadable(request: Request) -> Response:
    return desk_page(request, "unreadable", status=422, title="This form could not be read")
