"""Drafts of summaries, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from pprmail.storage.insertion import insert_if_new
from pprmail.storage.tables import Draft, Editor, Summary


def draft_with_key(session: Session, key: str, *, owner: str) -> Draft | None:
    """Find somebody's own draft."""
    mine = select(Draft).where(Draft.key == key, Draft.owner == owner)
    return session.scalars(mine).one_or_none()


def put_draft(session: Session, key: str, **row: Any) -> None:
    """Keep what one form holds, in place of what it held before."""
    if insert_if_new(session, Draft, [{"key": key, **row}], returning=Draft.id):
        return
    kept = draft_with_key(session, key, owner=row["owner"])
    if kept is not None:
        kept.based_on = row["based_on"]
        kept.fields, kept.saved_at = row["fields"], row["saved_at"]


def drop_draft(session: Session, key: str, *, owner: str) -> None:
    """Forget somebody's own draft, if there is one."""
    session.execute(delete(Draft).where(Draft.key == key, Draft.owner == owner))


def delete_drafts(session: Session, *, before: datetime) -> int:
    """Forget what nobody has come back to; give the number."""
    over = delete(Draft).where(Draft.saved_at < before).returning(Draft.id)
    return len(session.scalars(over).all())


def drafts_of(session: Session, owner: str, about: str) -> Sequence[Draft]:
    """Give somebody's drafts of a summary, the newest first.

    With those of a new summary stand those of summaries that are gone.
    """
    is_meant = Draft.about == about
    if not about:
        is_meant = or_(is_meant, ~exists().where(Summary.slug == Draft.about))
    mine = select(Draft).where(Draft.owner == owner, is_meant)
    return session.scalars(mine.order_by(Draft.saved_at.desc(), Draft.id.desc())).all()


def others_at(
    session: Session, about: str, *, but: str, since: datetime
) -> Sequence[tuple[str, datetime]]:
    """Name the other editors who have typed at a summary since a moment, and when they did last."""
    latest = func.max(Draft.saved_at)
    told = (
        select(Editor.name, Editor.email, latest)
        .join(Draft, Draft.owner == Editor.public_id)
        .where(Draft.about == about, Draft.owner != but, Draft.saved_at >= since)
        .group_by(Editor.name, Editor.email)
        .order_by(latest.desc())
    )
    return [(name or email, at) for name, email, at in session.execute(told)]
