"""Drafts: what is typed is kept as it is typed, and whoever else types at the same is told of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from pprmail.services.writing import Overtaken, Writer, overtaken
from pprmail.storage.database import Database
from pprmail.storage.drafts import draft_with_key, drafts_of, drop_draft, others_at, put_draft
from pprmail.storage.summaries import summary_with
from pprmail.storage.tables import Draft

AT_ONCE: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Typed:
    """What a form holds: the slug it is about, empty for a new summary, and the version it began with."""

    about: str
    based_on: int | None
    fields: dict[str, Any]


@dataclass(frozen=True)
class Company:
    """Who else works at a summary, and who saved it since it was opened."""

    others: Sequence[tuple[str, datetime]] = field(default_factory=list)
    overtaken: Overtaken | None = None


def keep(database: Database, typed: Typed, *, writer: Writer, now: datetime) -> Company:
    """Keep what one form holds, and say who else is at it."""
    with database.write() as session:
        put_draft(
            session,
            writer.draft,
            owner=writer.public_id,
            about=typed.about,
            based_on=typed.based_on,
            fields=typed.fields,
            saved_at=now,
        )
    return company(database, typed, writer=writer, now=now)


def leave(database: Database, typed: Typed, *, writer: Writer, now: datetime) -> Company:
    """Keep nothing of a form in which nothing is unsaved any more, and say who else is at it."""
    discard(database, writer.draft, writer=writer)
    return company(database, typed, writer=writer, now=now)


def company(database: Database, typed: Typed, *, writer: Writer, now: datetime) -> Company:
    """Say who else has typed at a summary within the last half hour, or has saved it."""
    if not typed.about:
        return Company()
    with database.read() as session:
        since = now - AT_ONCE
        others = others_at(session, typed.about, but=writer.public_id, since=since)
        present = summary_with(session, typed.about)
        is_stale = present is not None and present.version != typed.based_on
        return Company(others, overtaken(session, present) if present and is_stale else None)


def unsaved(database: Database, about: str, *, writer: Writer) -> Sequence[Draft]:
    """Give an editor's own drafts of a summary, the newest first."""
    with database.read() as session:
        return drafts_of(session, writer.public_id, about)


def taken_up(database: Database, key: str, *, writer: Writer) -> Draft | None:
    """Give an editor's own draft, to go on with it."""
    with database.read() as session:
        return draft_with_key(session, key, owner=writer.public_id)


def discard(database: Database, key: str, *, writer: Writer) -> None:
    """Forget an editor's own draft."""
    with database.write() as session:
        drop_draft(session, key, owner=writer.public_id)
