"""People: who is invited to the desk, what they may do there, and how they leave it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError, StateError
from pprmail.model.calendar import in_words
from pprmail.model.editor import (
    INVITATION_GOOD_FOR,
    Editor,
    EditorLink,
    LinkKind,
    Role,
    digest_of,
    new_secret,
)
from pprmail.model.occasion import EditorInvitation
from pprmail.model.subscriber import address_key, new_public_id
from pprmail.rendering.service_mail import ServiceMails
from pprmail.services.service_mails import queue
from pprmail.sources.addresses import checked_address
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.editors import (
    admins_for_change,
    close_links,
    delete_editor,
    editor_with_key,
    editor_with_public_id,
    editors,
    end_sessions_of,
)


@dataclass(frozen=True)
class Act:
    """Who does something to somebody's account, under which name the mail says it, and when."""

    who: str
    name: str
    now: datetime


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited; the link is for the mail, and for who invites at the terminal."""

    editor: Editor
    url: str
    good_until: str


@dataclass(frozen=True)
class People:
    """Keeps the list of editors; what is done to it is written into the log."""

    database: Database
    mails: ServiceMails

    def everybody(self) -> Sequence[Editor]:
        """Give all who may sign in, or are invited to."""
        with self.database.read() as session:
            return editors(session)

    def person(self, public_id: str) -> Editor:
        """Give one of them."""
        with self.database.read() as session:
            return _named(session, public_id)

    def invite(self, address: str, role: Role, *, act: Act) -> Invited:
        """Mail an address a link that works once, for seven days, and give that link.

        Raises ValueError if no mail can go to the address.
        """
        with self.database.read() as session:
            found = editor_with_key(session, _key_of(checked_address(address)))
        if found is not None and found.joined_at is not None:
            raise StateError(f"{found.email} is an editor already")
        return self.invite_anew(address, role, act=act)

    def invite_anew(self, address: str, role: Role | None, *, act: Act) -> Invited:
        """Invite, whoever it is: one who is an editor already chooses anew how to sign in.

        That is the way back of one who lost password or code. A role that is None stays what it
        is, or is “editor”. Raises ValueError if no mail can go to the address.
        """
        address = checked_address(address)
        with self.database.write() as session:
            editor = editor_with_key(session, address_key(address))
            if editor is None:
                editor = _newcomer(address, role or Role.EDITOR, now=act.now)
                session.add(editor)
                session.flush()
            elif role is not None and role is not editor.role:
                _give_role(session, editor, role, act=act)
            return self._invited(session, editor, act=act)

    def invite_again(self, public_id: str, *, act: Act) -> Invited:
        """Mail a new link to somebody who has not joined yet; the older one is void."""
        with self.database.write() as session:
            editor = _named(session, public_id)
            if editor.joined_at is not None:
                raise StateError(f"{editor.email} has joined already")
            return self._invited(session, editor, act=act)

    def change_role(self, public_id: str, role: Role, *, version: int, act: Act) -> Editor:
        """Give somebody another role, unless the row has changed since it was looked at."""
        with self.database.write() as session:
            editor = _named(session, public_id)
            if editor.version != version:
                raise StateError(f"somebody else has just changed the account of {editor.email}")
            if role is not editor.role:
                _give_role(session, editor, role, act=act)
            return editor

    def remove(self, key: str, *, act: Act) -> str:
        """Remove who has an address, or a public id: sessions and links end at once."""
        with self.database.write() as session:
            editor = editor_with_public_id(session, key) or editor_with_key(session, _key_of(key))
            if editor is None:
                raise NotFoundError(
                    f"nobody is an editor under “{key}”", remedy="look at: pprmail editors list"
                )
            _refuse_last_admin(session, editor)
            was = {"role": editor.role}
            note(session, "editor removed", editor.email, who=act.who, now=act.now, before=was)
            delete_editor(session, editor)
            return editor.email

    def _invited(self, session: Session, editor: Editor, *, act: Act) -> Invited:
        secret, masthead = new_secret(), self.mails.masthead
        until = act.now + INVITATION_GOOD_FOR
        occasion = EditorInvitation(
            invited_by=act.name or masthead.from_name,
            may_add_editors=editor.role is Role.ADMIN,
            invitation_url=masthead.url(f"editor/invitation/{secret}"),
            good_until=in_words(until, masthead.zone),
        )
        note(session, "editor invited", editor.email, who=act.who, now=act.now, role=editor.role)
        close_links(session, editor.id, now=act.now)
        session.add(_link(editor, secret, until=until, now=act.now))
        queue(session, self.mails.write(occasion), to=editor.email, now=act.now)
        return Invited(editor, occasion.invitation_url, occasion.good_until)


def _named(session: Session, public_id: str) -> Editor:
    found = editor_with_public_id(session, public_id)
    if found is None:
        raise NotFoundError("there is no such editor")
    return found


def _key_of(text: str) -> str:
    try:
        return address_key(text)
    except ValueError:
        return text


def _newcomer(address: str, role: Role, *, now: datetime) -> Editor:
    return Editor(
        public_id=new_public_id(),
        email=address,
        email_key=address_key(address),
        name="",
        role=role,
        invited_at=now,
        has_short_password=False,
        totp_step=0,
        recovery_codes=[],
    )


def _give_role(session: Session, editor: Editor, role: Role, *, act: Act) -> None:
    if role is not Role.ADMIN:
        _refuse_last_admin(session, editor)
    change = {"before": {"role": editor.role}, "after": {"role": role}}
    note(session, "role changed", editor.email, who=act.who, now=act.now, **change)
    editor.role = role
    # What was opened as an admin is not to be used as somebody else: the next page asks anew.
    end_sessions_of(session, editor.id)


def _refuse_last_admin(session: Session, editor: Editor) -> None:
    admins = admins_for_change(session)
    if [admin.id for admin in admins] == [editor.id]:
        raise StateError(
            f"{editor.email} is the last admin, and somebody must be able to add editors",
            remedy="make somebody else an admin first",
        )


def _link(editor: Editor, secret: str, *, until: datetime, now: datetime) -> EditorLink:
    return EditorLink(
        digest=digest_of(secret),
        kind=LinkKind.INVITATION,
        editor_id=editor.id,
        made_at=now,
        good_until=until,
        leads_to="",
    )
