"""Signing in: by password or by a mailed link, and by a code beside either.

There is one answer and the same work for every name that is tried, whoever has it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from pprmail.model.calendar import in_words
from pprmail.model.editor import (
    SIGN_IN_GOOD_FOR,
    DeskSession,
    Editor,
    EditorLink,
    LinkKind,
    digest_of,
    new_secret,
)
from pprmail.model.occasion import SignIn
from pprmail.model.subscriber import address_key
from pprmail.rendering.service_mail import ServiceMails
from pprmail.services.attempts import AttemptKind, Attempts
from pprmail.services.desk_sessions import Begun, begin
from pprmail.services.passwords import Passwords
from pprmail.services.second_factor import use_code
from pprmail.services.service_mails import queue
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.editors import (
    editor_for_change,
    editor_with_key,
    end_session,
    link_for_change,
    session_with_digest,
)


class Refusal(StrEnum):
    """Why nobody was signed in."""

    WRONG = "wrong"
    BUSY = "busy"
    CLOSED = "closed"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Knock:
    """Who knocks: from which network, with which browser, and when.

    `replaces` is the secret of the session that the browser has until now.
    """

    network: str
    browser: str
    now: datetime
    replaces: str = ""


@dataclass(frozen=True)
class LinkAsked:
    """A link that is asked for: the nonce that stays in the browser, and where it is to lead."""

    nonce: str
    leads_to: str = ""


@dataclass(frozen=True)
class SignIns:
    """Lets editors in."""

    database: Database
    attempts: Attempts
    mails: ServiceMails
    passwords: Passwords

    def by_password(self, address: str, password: str, *, knock: Knock) -> Begun | Refusal:
        """Begin a session, if this is the password of whoever has the address."""
        key = name_tried(address)
        with self.database.write() as session:
            attempt = self._take(session, AttemptKind.PASSWORD, key, knock)
            editor = editor_with_key(session, key)
        if attempt is None:
            return Refusal.BUSY
        kept = editor.password_hash if editor else None
        if not self.passwords.fits(password, kept) or kept is None:
            return Refusal.WRONG
        fresh = self.passwords.hashed(password) if self.passwords.is_outdated(kept) else kept
        with self.database.write() as session:
            self.attempts.forgive(session, attempt)
            return _let_in(session, key, (kept, fresh), knock)

    def mail_link(self, address: str, asked: LinkAsked, *, knock: Knock) -> bool:
        """Mail a link to whoever has the address; False where the network asks too much.

        For an address that nobody has, the same is written, and nothing queued.
        """
        key, secret = name_tried(address), new_secret()
        mail = self.mails.write(self._occasion(secret, knock.now))
        with self.database.write() as session:
            if self.attempts.is_network_busy(session, knock.network, now=knock.now):
                return False
            attempt = self._take(session, AttemptKind.MAIL, key, knock)
            editor = editor_with_key(session, key)
            if attempt is not None and editor is not None and editor.joined_at is not None:
                session.add(_link(editor, secret, asked, now=knock.now))
                queue(session, mail, to=editor.email, now=knock.now)
        return True

    def by_link(self, secret: str, *, nonce: str, knock: Knock) -> Begun | Refusal:
        """Begin a session by a mailed link, once, in the browser that it was asked from.

        Whoever has it reads the mailbox, so the links that were asked for count no longer.
        """
        with self.database.write() as session:
            link = link_for_change(session, digest_of(secret), LinkKind.SIGN_IN)
            if link is None or not link.is_open(now=knock.now):
                return Refusal.CLOSED
            if link.nonce != digest_of(nonce):
                return Refusal.ELSEWHERE
            link.used_at = knock.now
            self.attempts.forgive_all(session, AttemptKind.MAIL, link.editor.email_key)
            begun = seat(session, link.editor, how="mailed link", knock=knock)
            return Begun(begun.secret, begun.awaits_code, link.leads_to)

    def by_code(self, half: DeskSession, code: str, *, knock: Knock) -> Begun | Refusal:
        """Finish what waits for its code: a session begins, under a new name."""
        with self.database.write() as session:
            name = half.editor.public_id
            attempt = self._take(session, AttemptKind.CODE, name, knock)
            editor = editor_for_change(session, half.editor_id)
            if attempt is None:
                return Refusal.BUSY
            kind = use_code(editor, code, now=knock.now) if editor else ""
            if editor is None or not kind:
                return Refusal.WRONG
            self.attempts.forgive(session, attempt)
            end_session(session, half.id)
            return seated_anew(session, editor, how=kind, knock=knock)

    def _take(self, session: Session, kind: AttemptKind, name: str, knock: Knock) -> int | None:
        return self.attempts.take(session, kind, name, network=knock.network, now=knock.now)

    def _occasion(self, secret: str, now: datetime) -> SignIn:
        masthead = self.mails.masthead
        return SignIn(
            sign_in_url=masthead.url(f"editor/link/{secret}"),
            asked_at=in_words(now, masthead.zone),
            minutes=int(SIGN_IN_GOOD_FOR.total_seconds()) // 60,
        )


def seat(session: Session, editor: Editor, *, how: str, knock: Knock) -> Begun:
    """Begin the session of one who proved the first half, which is all where there is no code."""
    if editor.has_code:
        return begin(session, editor, browser=knock.browser, now=knock.now, awaits_code=True)
    return seated_anew(session, editor, how=how, knock=knock)


def seated_anew(session: Session, editor: Editor, *, how: str, knock: Knock) -> Begun:
    """Begin a session in the place of the one that the browser had."""
    if knock.replaces:
        former = session_with_digest(session, digest_of(knock.replaces))
        if former is not None:
            end_session(session, former.id)
    note(session, "signed in", editor.email, who=editor.email, now=knock.now, how=how)
    return begin(session, editor, browser=knock.browser, now=knock.now)


def name_tried(address: str) -> str:
    """Give the name that a try is counted under, whatever was typed."""
    try:
        return address_key(address)
    except ValueError:
        return address.strip().lower()


def _let_in(session: Session, key: str, hashes: tuple[str, str], knock: Knock) -> Begun | Refusal:
    kept, fresh = hashes
    editor = editor_with_key(session, key)
    if editor is None or editor.password_hash != kept:
        return Refusal.WRONG  # Removed, or changed, while the work was done.
    editor.password_hash = fresh
    return seat(session, editor, how="password", knock=knock)


def _link(editor: Editor, secret: str, asked: LinkAsked, *, now: datetime) -> EditorLink:
    return EditorLink(
        digest=digest_of(secret),
        kind=LinkKind.SIGN_IN,
        editor_id=editor.id,
        nonce=digest_of(asked.nonce),
        leads_to=asked.leads_to,
        made_at=now,
        good_until=now + SIGN_IN_GOOD_FOR,
    )
