"""Signing in: by password, with one answer and the same work for every name that is tried."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from pprmail.model.editor import Editor
from pprmail.model.subscriber import address_key
from pprmail.services.attempts import AttemptKind, Attempts
from pprmail.services.desk_sessions import Begun, begin
from pprmail.services.passwords import Passwords
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.editors import editor_with_key


class Refusal(StrEnum):
    """Why nobody was signed in."""

    WRONG = "wrong"
    BUSY = "busy"


@dataclass(frozen=True)
class Knock:
    """Who knocks: from which network, with which browser, and when."""

    network: str
    browser: str
    now: datetime


@dataclass(frozen=True)
class SignIns:
    """Lets editors in."""

    database: Database
    attempts: Attempts
    passwords: Passwords = field(default_factory=Passwords)

    def by_password(self, address: str, password: str, *, knock: Knock) -> Begun | Refusal:
        """Begin a session, if this is the password of whoever has the address."""
        key = name_tried(address)
        with self.database.write() as session:
            attempt = self.attempts.take(
                session, AttemptKind.PASSWORD, key, network=knock.network, now=knock.now
            )
            editor = editor_with_key(session, key)
        if attempt is None:
            return Refusal.BUSY
        kept = editor.password_hash if editor else None
        if not self.passwords.fits(password, kept) or kept is None:
            return Refusal.WRONG
        fresh = self.passwords.hashed(password) if self.passwords.is_outdated(kept) else kept
        with self.database.write() as session:
            self.attempts.forgive(session, attempt)
            return self._let_in(session, key, (kept, fresh), knock)

    def _let_in(
        self, session: Session, key: str, hashes: tuple[str, str], knock: Knock
    ) -> Begun | Refusal:
        kept, fresh = hashes
        editor = editor_with_key(session, key)
        if editor is None or editor.password_hash != kept:
            return Refusal.WRONG  # Removed, or changed, while the work was done.
        editor.password_hash = fresh
        return seat(session, editor, how="password", knock=knock)


def seat(session: Session, editor: Editor, *, how: str, knock: Knock) -> Begun:
    """Begin the session of one who proved the first half, which is all where there is no code."""
    if not editor.has_code:
        note(session, "signed in", editor.email, who=editor.email, now=knock.now, how=how)
    return begin(session, editor, browser=knock.browser, now=knock.now, awaits_code=editor.has_code)


def name_tried(address: str) -> str:
    """Give the name that a try is counted under, whatever was typed."""
    try:
        return address_key(address)
    except ValueError:
        return address.strip().lower()
