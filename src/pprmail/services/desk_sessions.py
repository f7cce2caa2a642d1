"""Sessions of the desk: who sits there, since when, and what the next page says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from pprmail.errors import UNAVAILABLE
from pprmail.model.editor import (
    SEEN_EVERY,
    DeskSession,
    Editor,
    digest_of,
    new_secret,
)
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.editors import (
    end_session,
    end_sessions_of,
    say,
    session_with_digest,
    sessions_of,
    touch,
)

log = structlog.get_logger()

LONGEST_SAID: Final = 2_000


@dataclass(frozen=True)
class Begun:
    """A session that has begun, with the secret that the browser alone keeps.

    While it `awaits_code`, it opens no page but the one that asks for the code.
    """

    secret: str
    awaits_code: bool = False
    leads_to: str = ""


def begin(
    session: Session, editor: Editor, *, browser: str, now: datetime, awaits_code: bool = False
) -> Begun:
    """Begin a session of an editor, under a name that was never used before."""
    secret = new_secret()
    row = DeskSession(
        digest=digest_of(secret),
        editor_id=editor.id,
        begun_at=now,
        seen_at=now,
        proved_at=now,
        awaits_code=awaits_code,
        browser=browser,
    )
    session.add(row)
    return Begun(secret, awaits_code)


def seated(
    database: Database, secret: str, *, now: datetime, is_sign_of_life: bool = True
) -> DeskSession | None:
    """Say whose session a secret opens, if it is not over; one that awaits its code is given, too.

    That it was seen is written down at most once a minute, apart from what any page does: an idle
    session ends, and only a sign of life can tell idle ones from others. Nothing else changes.
    What a script asks for by itself is no sign of life.
    """
    with database.read() as session:
        found = session_with_digest(session, digest_of(secret))
    if found is None or found.is_over(now=now):
        return None
    is_due = now >= found.seen_at + SEEN_EVERY
    if is_sign_of_life and is_due and not found.awaits_code:
        _touch(database, found.id, now)
    return found


def _touch(database: Database, session_id: int, now: datetime) -> None:
    try:
        with database.write() as session:
            touch(session, session_id, now=now)
    except UNAVAILABLE as error:
        # No page is kept back because this can't be written just now: the next one writes it.
        log.warning("a sign of life was not noted", why=error.message)


def keep_said(database: Database, session_id: int, said: str) -> str:
    """Keep a sentence for the next page; give the key that the browser brings for it."""
    key = new_secret()
    with database.write() as session:
        say(session, session_id, said[:LONGEST_SAID], key=key)
    return key


def sign_out(database: Database, secret: str) -> None:
    """End the session that a secret opens."""
    with database.write() as session:
        found = session_with_digest(session, digest_of(secret))
        if found is not None:
            end_session(session, found.id)


def sign_out_others(database: Database, seat: DeskSession, *, now: datetime) -> int:
    """End every session of an editor but this one; give their number."""
    with database.write() as session:
        ended = end_sessions_of(session, seat.editor_id, but=seat.id)
        who = seat.editor.email
        note(session, "signed out elsewhere", who, who=who, now=now, browsers=ended)
        return ended


def sessions_open(database: Database, editor_id: int, *, now: datetime) -> list[DeskSession]:
    """Give the sessions of an editor that are not over, the one that was seen last first."""
    with database.read() as session:
        found = sessions_of(session, editor_id)
    return [row for row in found if not row.awaits_code and not row.is_over(now=now)]
