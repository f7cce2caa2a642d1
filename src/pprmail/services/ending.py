"""Ending: an editor ends one reader's letters, and says why."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pprmail.errors import NotFoundError
from pprmail.model.subscriber import EndReason, Subscriber
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_public_id

_AN_ADDRESS: Final = re.compile(r"\S+@\S+")


class Why(StrEnum):
    """Why an editor ends somebody's letters."""

    ASKED = "asked"
    UNREACHABLE = "unreachable"
    NO_CONSENT = "no consent"
    OTHER = "other"


@dataclass(frozen=True)
class Ending:
    """An editor's reason; `words` say more, if there is more to say."""

    why: Why
    words: str = ""


def end_reader(
    database: Database, public_id: str, ending: Ending, *, who: str, now: datetime
) -> bool:
    """End a reader's letters at once, also in the middle of a sending; False if they had ended."""
    with database.write() as session:
        reader = subscriber_with_public_id(session, public_id)
        if reader is None:
            raise NotFoundError("there is no such reader")
        before = standing_of(reader)
        if not reader.end(EndReason.EDITOR, now=now):
            return False
        reader.updated_at = now
        told = {"before": before, "after": standing_of(reader), "reason": ending.why}
        said = {"words": without_addresses(ending.words)} if ending.words.strip() else {}
        note(session, "subscriber ended", public_id, who=who, now=now, **told, **said)
    return True


def standing_of(reader: Subscriber) -> dict[str, str | None]:
    """Give what the log says of where a reader stands."""
    return {"status": reader.status, "end_reason": reader.end_reason}


def without_addresses(words: str) -> str:
    """Put words into one line without any address: the log names readers by their public ids."""
    return _AN_ADDRESS.sub("…", " ".join(words.split()))
