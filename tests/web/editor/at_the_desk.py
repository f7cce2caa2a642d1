"""Somebody who sits at the desk: signed in, without the work of a sign-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from httpx2 import Response
from sqlalchemy import update

from pprmail.bootstrap import App, utc_now
from pprmail.model.editor import DeskSession, Editor, Role, digest_of, new_secret
from pprmail.model.subscriber import address_key, new_public_id
from pprmail.storage.database import Database
from pprmail.storage.editors import editor_with_key
from pprmail.web.editor.desk import csrf_of
from web.visiting import BASE, Visitor, page_of

EDITOR = "edith@example.org"
ADMIN = "adam@example.org"


@dataclass(frozen=True)
class DeskVisitor:
    """A browser in which an editor is signed in; it proved an hour ago who that is."""

    app: App
    visitor: Visitor
    email: str
    secret: str
    base: str = BASE

    @property
    def csrf(self) -> str:
        """The token of this session's forms."""
        return csrf_of(self.secret)

    @property
    def headers(self) -> dict[str, str]:
        """What the browser sends along."""
        prefix = "__Host-" if self.base.startswith("https:") else ""
        return {"Cookie": f"{prefix}pprmail-desk={self.secret}", "Origin": self.base}

    def get(self, path: str, **headers: str) -> Response:
        """Look at a page."""
        return self.visitor.get(path, headers=self.headers | headers)

    def post(self, path: str, **fields: Any) -> Response:
        """Send a form of a page; `csrf` is added unless it is given."""
        return self.send(path, {"csrf": self.csrf} | fields)

    def send(
        self, path: str, fields: dict[str, Any], files: dict[str, Any] | None = None
    ) -> Response:
        """Send fields as they are, with files as `{"list": ("name.csv", b"…")}`."""
        return self.visitor.post(path, data=fields, files=files, headers=self.headers)

    def upload(self, path: str, files: dict[str, Any], **fields: Any) -> Response:
        """Send a form with files."""
        return self.send(path, {"csrf": self.csrf} | fields, files)

    def follow(self, answer: Response) -> Response:
        """Go where an answer leads, with the cookies that it set."""
        assert answer.status_code == 303, (answer.status_code, answer.text)
        set_cookies = answer.headers.get_list("set-cookie")
        more = "; ".join(cookie.split(";")[0] for cookie in set_cookies)
        cookies = f"{self.headers['Cookie']}; {more}" if more else self.headers["Cookie"]
        return self.get(answer.headers["location"], Cookie=cookies)

    def fresh(self) -> "DeskVisitor":
        """Have just proved who this is."""
        mine = update(DeskSession).where(DeskSession.digest == digest_of(self.secret))
        with self.app.database.write() as session:
            session.execute(mine.values(proved_at=utc_now()))
        return self


def an_editor(
    app: App, role: Role = Role.EDITOR, email: str = "", *, base: str = BASE
) -> DeskVisitor:
    """Have an editor sign in."""
    email = email or (ADMIN if role is Role.ADMIN else EDITOR)
    secret, now = new_secret(), utc_now()
    with app.database.write() as session:
        found = editor_with_key(session, address_key(email))
        if found is None:
            found = a_row(email, role, now=now)
            session.add(found)
            session.flush()
        session.add(a_session(found, secret, now=now))
    return DeskVisitor(app, Visitor.of(app, base), email, secret, base)


def kept_in(page: Response) -> dict[str, Any]:
    """Give what the form of a page that keeps it would send."""
    main = page_of(page).xpath("//main//form")[0]
    fields: dict[str, Any] = {f.get("name"): f.get("value") for f in main.xpath(".//input")}
    for area in main.xpath(".//textarea"):
        fields.setdefault(area.get("name"), []).append((area.text or "").removeprefix("\n"))
    return fields


def stored_editor(database: Database, email: str, **changed: Any) -> Editor:
    """Store an editor who has joined."""
    with database.write() as session:
        row = a_row(email, changed.pop("role", Role.EDITOR), now=utc_now())
        for name, value in changed.items():
            setattr(row, name, value)
        session.add(row)
    return row


def a_row(email: str, role: Role, *, now: datetime) -> Editor:
    return Editor(
        public_id=new_public_id(),
        email=email,
        email_key=address_key(email),
        name=email.partition("@")[0].title(),
        role=role,
        invited_at=now,
        joined_at=now,
        has_short_password=False,
        totp_step=0,
        recovery_codes=[],
    )


def a_session(editor: Editor, secret: str, *, now: datetime) -> DeskSession:
    return DeskSession(
        digest=digest_of(secret),
        editor_id=editor.id,
        begun_at=now - timedelta(hours=1),
        seen_at=now,
        proved_at=now - timedelta(hours=1),
        awaits_code=False,
        browser="Firefox on Linux",
    )
