"""Accounts: what editors choose for themselves, from the invitation on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError, StateError
from pprmail.model.calendar import in_words
from pprmail.model.editor import DeskSession, Editor, EditorLink, LinkKind, digest_of
from pprmail.model.occasion import SignInChanged
from pprmail.model.password import is_short, problem_with
from pprmail.rendering.service_mail import ServiceMails
from pprmail.services.desk_sessions import Begun
from pprmail.services.passwords import Passwords
from pprmail.services.second_factor import new_recovery_codes, step_of
from pprmail.services.service_mails import queue
from pprmail.services.signing_in import Knock, Refusal, seated_anew
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.editors import (
    close_links,
    editor_for_change,
    end_sessions_of,
    link_for_change,
    link_with_digest,
)

CHANGES: Final = {
    "password changed": "Your password was changed.",
    "password given up": "Your password was given up: you sign in with mailed links alone.",
    "sign-in code switched on": "From now on you are asked for the code of an app, too.",
    "sign-in code switched off": "You are asked for no code of an app any more.",
}
"""What the log calls it, and what its owner is told."""


class UnfitError(ValueError):
    """What was chosen will not do; the message is for whoever chose it."""


@dataclass(frozen=True)
class Accounts:
    """Keeps how editors sign in; what is chosen is written into the log, but never the secrets."""

    database: Database
    passwords: Passwords
    mails: ServiceMails

    def invitation(self, secret: str, *, now: datetime) -> EditorLink | None:
        """Give the invitation that a link is of, while it is open; looking changes nothing."""
        with self.database.read() as session:
            link = link_with_digest(session, digest_of(secret), LinkKind.INVITATION)
        return link if link is not None and link.is_open(now=now) else None

    def accept(
        self, secret: str, *, name: str, password: str | None, knock: Knock
    ) -> Begun | Refusal:
        """Join by an invitation, once: with a password, or with mailed links alone.

        Raises UnfitError if the password will not do.
        """
        link = self.invitation(secret, now=knock.now)
        if link is None:
            return Refusal.CLOSED
        kept = None if password is None else self._hashed(link.editor, password, has_code=False)
        with self.database.write() as session:
            link = link_for_change(session, digest_of(secret), LinkKind.INVITATION)
            if link is None or not link.is_open(now=knock.now):
                return Refusal.CLOSED
            return _joined(session, link, name=name, kept=kept, knock=knock)

    def rename(self, seat: DeskSession, name: str, *, now: datetime) -> None:
        """Change the name that others see."""
        with self.database.write() as session:
            editor = _mine(session, seat)
            change = {"before": {"name": editor.name}, "after": {"name": name}}
            if editor.name != name:
                note(session, "name changed", editor.email, who=editor.email, now=now, **change)
            editor.name = name

    def change_password(self, seat: DeskSession, password: str, *, now: datetime) -> None:
        """Take another password, which ends every other session.

        Raises UnfitError if it will not do.
        """
        kept = self._hashed(seat.editor, password, has_code=seat.editor.has_code)
        with self.database.write() as session:
            editor = _mine(session, seat)
            if is_short(password) and not editor.has_code:
                raise UnfitError(problem_with(password, has_code=False))
            editor.password_hash, editor.has_short_password = kept, is_short(password)
            self._sign_in_changed(session, seat, "password changed", now=now)

    def give_up_password(self, seat: DeskSession, *, now: datetime) -> None:
        """Sign in by mailed links alone from now on, which ends every other session."""
        with self.database.write() as session:
            editor = _mine(session, seat)
            editor.password_hash, editor.has_short_password = None, False
            self._sign_in_changed(session, seat, "password given up", now=now)

    def ask_for_code(
        self, seat: DeskSession, secret: str, code: str, *, now: datetime
    ) -> list[str] | None:
        """Ask for a code from now on, if the app shows the right one; give the recovery codes."""
        with self.database.write() as session:
            editor = _mine(session, seat)
            if editor.has_code:
                raise StateError("a code is asked for already")
            step = step_of(secret, code, after=0, now=now)
            if step is None:
                return None
            editor.totp_secret, editor.totp_step = secret, step
            self._sign_in_changed(session, seat, "sign-in code switched on", now=now)
            return new_recovery_codes(editor)

    def renew_recovery_codes(self, seat: DeskSession, *, now: datetime) -> list[str]:
        """Give new recovery codes; the old ones are void."""
        with self.database.write() as session:
            editor = _mine(session, seat)
            if not editor.has_code:
                raise StateError("no code is asked for")
            note(session, "recovery codes renewed", editor.email, who=editor.email, now=now)
            return new_recovery_codes(editor)

    def ask_for_no_code(self, seat: DeskSession, *, now: datetime) -> None:
        """Ask for no code any more, unless the password is too short to stand alone."""
        with self.database.write() as session:
            editor = _mine(session, seat)
            if editor.has_short_password:
                raise UnfitError("Your password is short. Choose a longer one first.")
            editor.totp_secret, editor.recovery_codes = None, []
            self._sign_in_changed(session, seat, "sign-in code switched off", now=now)

    def _sign_in_changed(
        self, session: Session, seat: DeskSession, what: str, *, now: datetime
    ) -> None:
        """Sign other browsers out, and tell the mailbox, which somebody else may not be able to read."""
        masthead, who = self.mails.masthead, seat.editor.email
        ended = end_sessions_of(session, seat.editor_id, but=seat.id)
        detail = {"browsers_signed_out": ended} if ended else {}
        note(session, what, who, who=who, now=now, **detail)
        occasion = SignInChanged(
            what=CHANGES[what],
            changed_at=in_words(now, masthead.zone),
            account_url=masthead.url("editor/account"),
            sign_in_url=masthead.url("editor/sign-in"),
        )
        queue(session, self.mails.write(occasion), to=who, now=now)

    def _hashed(self, editor: Editor, password: str, *, has_code: bool) -> str:
        names = (editor.email, editor.name, self.mails.masthead.name)
        problem = problem_with(password, has_code=has_code, names=names)
        if problem:
            raise UnfitError(problem)
        return self.passwords.hashed(password)


def _joined(
    session: Session, link: EditorLink, *, name: str, kept: str | None, knock: Knock
) -> Begun:
    editor, now = link.editor, knock.now
    close_links(session, editor.id, now=now)
    # One who was an editor before begins anew: nothing that was lost is asked for any more.
    end_sessions_of(session, editor.id)
    editor.name = name or editor.name
    editor.joined_at = editor.joined_at or now
    editor.password_hash, editor.has_short_password = kept, False
    editor.totp_secret, editor.recovery_codes = None, []
    how = "by mailed link alone" if kept is None else "by password"
    note(session, "invitation accepted", editor.email, who=editor.email, now=now, signs_in=how)
    return seated_anew(session, editor, how="invitation", knock=knock)


def _mine(session: Session, seat: DeskSession) -> Editor:
    editor = editor_for_change(session, seat.editor_id)
    if editor is None:
        raise NotFoundError("this account is gone")
    return editor
