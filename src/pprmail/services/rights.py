"""Rights: everything that is held about a reader is shown to that reader, and forgotten on demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.link import Signer
from pprmail.model.record import Record
from pprmail.model.subscriber import Subscriber
from pprmail.services.ending import Why
from pprmail.services.readers import outcome_of
from pprmail.services.subscriptions import subscriber_in
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.erasure import ERASED, forget_reports, forget_rows, remember_erased
from pprmail.storage.mailed_links import forget_mailed
from pprmail.storage.rights import (
    Letter,
    confirmations_of,
    events_about,
    letters_to,
    mails_to,
    notes_about,
    titles_in,
    trials_to,
)
from pprmail.storage.subscribers import subscriber_with_public_id

HELD: dict[str, tuple[str, ...]] = {
    "subscriber": (
        "email",
        "name",
        "status",
        "end_reason",
        "ended_before",
        "follows_all",
        "no_match",
        "paused_until",
        "created_at",
        "updated_at",
        "ended_at",
        "lapses_at",
    ),
    "preferences": ("topic", "begun_at", "ended_at"),
    "consents": (
        "at",
        "how",
        "kind",
        "wording",
        "wording_version",
        "page",
        "recorded_at",
        "confirmed_at",
        "ends_at",
    ),
    "letters": (
        "delivered_at",
        "bounced_at",
        "dropped_at",
        "deferred_at",
        "complained_at",
        "outcome_reason",
    ),
    "confirmations": ("kind", "email", "name", "topics", "how", "wording", "asked_at", "used_at"),
    "mails": ("kind", "recipient", "state", "queued_at", "finished_at"),
    "tests": ("edition", "recipient", "state", "at"),
    "events": ("kind", "at", "received_at", "payload"),
    "log": ("at", "who", "what", "detail"),
}
"""What is told of each row, by the names that the tables have."""


def held(database: Database, public_id: str) -> dict[str, Any]:
    """Give everything that is held about a reader, in a shape that programs read."""
    with database.read() as session:
        reader = subscriber_with_public_id(session, public_id)
        if reader is None:
            raise NotFoundError("nobody has this name")
        return {
            "subscriber": _told(reader, "subscriber"),
            "preferences": _all(reader.preferences, "preferences"),
            "consents": _all(reader.consents, "consents"),
            "letters": _letters(session, reader),
            "confirmations": _all(confirmations_of(session, reader), "confirmations"),
            "mails": _all(mails_to(session, reader), "mails"),
            "tests": _all(trials_to(session, reader), "tests"),
            "events": _all(events_about(session, reader), "events"),
            "log": _all(notes_about(session, reader), "log"),
        }


@dataclass(frozen=True)
class Erasing:
    """Who has a person forgotten, and the reason that an editor chose.

    It has no words of the editor's own: they might name whom they are to forget.
    """

    who: str
    signer: Signer
    why: Why | None = None


def erase(
    database: Database, public_id: str, *, who: str, signer: Signer, now: datetime
) -> dict[str, int]:
    """Forget a person who gives no reason; see `erase_reader`."""
    return erase_reader(database, public_id, Erasing(who, signer), now=now)


def erase_reader(
    database: Database, public_id: str, erasing: Erasing, *, now: datetime
) -> dict[str, int]:
    """Forget a person, also in the middle of a sending; give what was erased, by kind.

    Letters that were promised stay as rows without a name, so that every issue still adds up; one
    that is not under way yet will not leave. Links that leave are still answered.
    """
    with database.write() as session:
        reader = subscriber_with_public_id(session, public_id)
        if reader is None or reader.erased_at is not None:
            return {}
        erased = _erased(session, reader, erasing, now=now)
    database.settle()
    return erased


def erase_address(
    database: Database, address: str, *, who: str, signer: Signer, now: datetime
) -> dict[str, int]:
    """Forget whoever has this address; nobody of that address is an error."""
    with database.write() as session:
        named = subscriber_in(session, address)
        reader = subscriber_with_public_id(session, named.public_id) or named
        erased = _erased(session, reader, Erasing(who, signer), now=now)
    database.settle()
    return erased


def _erased(
    session: Session, reader: Subscriber, erasing: Erasing, *, now: datetime
) -> dict[str, int]:
    signer = erasing.signer
    if reader.address_key is not None:
        remember_erased(session, signer.digest(ERASED, reader.address_key), now=now)
        forget_mailed(session, signer.digests("address", reader.address_key))
    erased = forget_rows(session, reader) | {"events": forget_reports(session, reader)}
    reader.forget(now=now)
    told = {"reason": erasing.why} if erasing.why else {}
    note(session, "subscriber erased", reader.public_id, who=erasing.who, now=now, **told)
    return {"addresses": 1} | erased


def _letters(session: Session, reader: Subscriber) -> list[dict[str, Any]]:
    return [
        {
            "issue": letter.issue,
            "subject": letter.edition.subject,
            "summaries": _titles(session, letter),
            "outcome": outcome_of(letter.delivery, letter.request),
        }
        | _told(letter.delivery, "letters")
        for letter in letters_to(session, reader)
    ]


def _titles(session: Session, letter: Letter) -> list[str]:
    selection = letter.edition.selection
    titles = titles_in(session, letter.delivery.issue_id)
    return [title for place, title in enumerate(titles) if selection >> place & 1]


def _all(rows: Sequence[Record], kind: str) -> list[dict[str, Any]]:
    return [_told(row, kind) for row in rows]


def _told(row: Record, kind: str) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in HELD[kind]}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
