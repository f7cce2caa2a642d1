"""Editors, their sessions, links and tries to sign in, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from pprmail.model.editor import (
    LONGEST_IDLE,
    LONGEST_SESSION,
    DeskSession,
    Editor,
    EditorLink,
    LinkKind,
    Role,
    SignInAttempt,
)


def editors(session: Session) -> Sequence[Editor]:
    """Give everybody who may sign in, or is invited to, by address."""
    return session.scalars(select(Editor).order_by(Editor.email_key)).all()


def editor_with_key(session: Session, key: str) -> Editor | None:
    """Find who has an address."""
    return session.scalars(select(Editor).where(Editor.email_key == key)).one_or_none()


def editor_with_public_id(session: Session, public_id: str) -> Editor | None:
    """Find who has a public id."""
    return session.scalars(select(Editor).where(Editor.public_id == public_id)).one_or_none()


def editor_for_change(session: Session, editor_id: int) -> Editor | None:
    """Find an editor by the row, locked: two codes that are sent at once are not used twice."""
    named = select(Editor).where(Editor.id == editor_id)
    return session.scalars(named.with_for_update()).one_or_none()


def admins_for_change(session: Session) -> Sequence[Editor]:
    """Give all admins who have joined, locked, so that two who leave at once leave one."""
    joined = (Editor.role == Role.ADMIN, Editor.joined_at.is_not(None))
    return session.scalars(
        select(Editor).where(*joined).order_by(Editor.id).with_for_update()
    ).all()


def delete_editor(session: Session, editor: Editor) -> None:
    """Delete somebody, with every session and link."""
    for table in (DeskSession, EditorLink):
        session.execute(delete(table).where(table.editor_id == editor.id))
    session.delete(editor)


def session_with_digest(session: Session, digest: str) -> DeskSession | None:
    """Find a session by the digest of its secret, with its editor."""
    named = select(DeskSession).where(DeskSession.digest == digest)
    return session.scalars(named.options(joinedload(DeskSession.editor))).one_or_none()


def sessions_of(session: Session, editor_id: int) -> Sequence[DeskSession]:
    """Give the sessions of one editor, the one that was seen last first."""
    mine = select(DeskSession).where(DeskSession.editor_id == editor_id)
    mine = mine.options(joinedload(DeskSession.editor))
    return session.scalars(mine.order_by(DeskSession.seen_at.desc(), DeskSession.id.desc())).all()


def touch(session: Session, session_id: int, *, now: datetime) -> None:
    """Write down that a session was seen; nothing if it has ended meanwhile."""
    mine = update(DeskSession).where(DeskSession.id == session_id)
    session.execute(mine.values(seen_at=now))


def say(session: Session, session_id: int, said: str, *, key: str) -> None:
    """Keep a sentence for the next page of a session."""
    mine = update(DeskSession).where(DeskSession.id == session_id)
    session.execute(mine.values(said=said, said_key=key))


def end_session(session: Session, session_id: int) -> None:
    """End one session."""
    session.execute(delete(DeskSession).where(DeskSession.id == session_id))


def end_sessions_of(session: Session, editor_id: int, *, but: int | None = None) -> int:
    """End the sessions of an editor, but one; give their number."""
    mine = delete(DeskSession).where(DeskSession.editor_id == editor_id)
    others = mine if but is None else mine.where(DeskSession.id != but)
    return len(session.scalars(others.returning(DeskSession.id)).all())


def link_for_change(session: Session, digest: str, kind: LinkKind) -> EditorLink | None:
    """Find a link by its digest, locked, with its editor."""
    named = select(EditorLink).where(EditorLink.digest == digest, EditorLink.kind == kind)
    return session.scalars(named.with_for_update()).one_or_none()


def link_with_digest(session: Session, digest: str, kind: LinkKind) -> EditorLink | None:
    """Find a link by its digest, with its editor."""
    named = select(EditorLink).where(EditorLink.digest == digest, EditorLink.kind == kind)
    return session.scalars(named.options(joinedload(EditorLink.editor))).one_or_none()


def close_links(session: Session, editor_id: int, *, now: datetime) -> None:
    """Let no open link of an editor work any more."""
    mine = (EditorLink.editor_id == editor_id, EditorLink.used_at.is_(None))
    session.execute(update(EditorLink).where(*mine).values(used_at=now))


def clients_that_tried(
    session: Session, kind: str, *, since: datetime, account: Sequence[str]
) -> Sequence[str]:
    """Give the network of each try of a kind at one account."""
    tried = (
        SignInAttempt.kind == kind,
        SignInAttempt.at > since,
        SignInAttempt.account.in_(account),
    )
    return session.scalars(select(SignInAttempt.client).where(*tried)).all()


def count_attempts_from(session: Session, client: Sequence[str], *, since: datetime) -> int:
    """Count the tries from one network, of whatever kind."""
    tried = (SignInAttempt.client.in_(client), SignInAttempt.at > since)
    return session.scalar(select(func.count()).select_from(SignInAttempt).where(*tried)) or 0


def forgive_attempt(session: Session, attempt_id: int) -> None:
    """Take back a try that succeeded."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))


def forgive_attempts(session: Session, kind: str, *, account: Sequence[str]) -> None:
    """Take back every try of a kind at one account."""
    tried = (SignInAttempt.kind == kind, SignInAttempt.account.in_(account))
    session.execute(delete(SignInAttempt).where(*tried))


def delete_sessions_over(session: Session, *, now: datetime) -> int:
    """Delete the sessions that have had their time; give their number."""
    idle, old = (
        DeskSession.seen_at < now - LONGEST_IDLE,
        DeskSession.begun_at < now - LONGEST_SESSION,
    )
    return len(
        session.scalars(delete(DeskSession).where(idle | old).returning(DeskSession.id)).all()
    )


def delete_links_over(session: Session, *, before: datetime) -> int:
    """Delete the links whose time was over before a moment; give their number."""
    over = delete(EditorLink).where(EditorLink.good_until < before)
    return len(session.scalars(over.returning(EditorLink.id)).all())


def delete_attempts(session: Session, *, before: datetime) -> int:
    """Delete what was counted of tries to sign in; give their number."""
    old = delete(SignInAttempt).where(SignInAttempt.at < before)
    return len(session.scalars(old.returning(SignInAttempt.id)).all())
