"""Retention: once a night, what is needed no more is forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pprmail.model.calendar import last_night
from pprmail.storage.audit import note
from pprmail.storage.chores import last_done, take_on
from pprmail.storage.database import Database
from pprmail.storage.drafts import delete_drafts
from pprmail.storage.editors import delete_attempts, delete_links_over, delete_sessions_over
from pprmail.storage.retention import (
    delete_confirmations,
    delete_finished_mails,
    delete_mailed_links,
    delete_unconfirmed,
    empty_ended,
)

CHORE: Final = "retention"
MAILED_LINKS: Final = timedelta(days=30)
CONFIRMATIONS: Final = timedelta(days=30)
FINISHED_MAILS: Final = timedelta(days=90)
ATTEMPTS: Final = timedelta(days=1)
DRAFTS: Final = timedelta(days=90)


@dataclass(frozen=True)
class Retention:
    """How long is kept what is known of people to whom no letter goes; None keeps it for good."""

    unconfirmed: timedelta | None = timedelta(days=30)
    ended: timedelta | None = None

    @classmethod
    def of(cls, *, unconfirmed_days: int, ended_days: int) -> "Retention":
        """Read the settings, where 0 keeps."""
        unconfirmed, ended = timedelta(days=unconfirmed_days), timedelta(days=ended_days)
        return cls(unconfirmed or None, ended or None)


def forget_once_a_night(
    database: Database, retention: Retention, *, zone: ZoneInfo, now: datetime
) -> None:
    """Forget what has had its time, if nobody has done so since last night; all of it or nothing."""
    begun = last_night(now, zone)
    with database.read() as session:
        before = last_done(session, CHORE)
    if before is not None and before >= begun:
        return
    with database.write() as session:
        if take_on(session, CHORE, unless_since=begun, now=now):
            _forget(session, retention, now=now)


def _forget(session: Session, retention: Retention, *, now: datetime) -> None:
    counts = {
        "mailed links": delete_mailed_links(session, before=now - MAILED_LINKS),
        "confirmations": delete_confirmations(session, before=now - CONFIRMATIONS),
        "sessions": delete_sessions_over(session, now=now),
        "editors' links": delete_links_over(session, before=now),
        "tries to sign in": delete_attempts(session, before=now - ATTEMPTS),
        "drafts": delete_drafts(session, before=now - DRAFTS),
        "mails": delete_finished_mails(session, before=now - FINISHED_MAILS),
    }
    if retention.unconfirmed:
        counts["unconfirmed"] = delete_unconfirmed(session, before=now - retention.unconfirmed)
    if retention.ended:
        counts["ended"] = empty_ended(session, before=now - retention.ended)
    told = {what: count for what, count in counts.items() if count}
    if told:
        note(session, "forgotten", CHORE, who="scheduler", now=now, **told)
