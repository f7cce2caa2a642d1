"""Confirming: the owner of an address says yes, once, and letters come from then on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.confirmation import Confirmation, ConfirmationKind, Standing
from pprmail.model.subscriber import Consent, ConsentKind, Subscriber, SubscriberStatus
from pprmail.rendering.service_mail import WrittenMail
from pprmail.services.service_mails import queue
from pprmail.services.welcoming import Welcoming
from pprmail.storage.audit import note
from pprmail.storage.confirmations import close_sign_ups, sign_up_with_public_id
from pprmail.storage.database import Database
from pprmail.storage.erasure import ERASED, take_back

FRESH: Final = timedelta(hours=1)
"""How long a used link still leads on to the choice of topics; afterwards that is in the mails."""


@dataclass(frozen=True)
class Seen:
    """A confirmation as it stands now, with its reader."""

    confirmation: Confirmation
    reader: Subscriber
    standing: Standing

    def leads_on(self, *, now: datetime) -> bool:
        """Tell whether its page may open the choice of topics."""
        used_at = self.confirmation.used_at
        return self.standing is Standing.DONE and used_at is not None and now < used_at + FRESH


def look(database: Database, public_id: str, *, now: datetime) -> Seen | None:
    """See how a confirmation stands; None where there is none of this name."""
    with database.read() as session:
        return _seen(session, public_id, now=now)


def confirm(
    database: Database, public_id: str, *, welcoming: Welcoming, now: datetime
) -> Seen | None:
    """Begin the subscription that was asked for; repeated, it stays begun, and nothing is mailed."""
    seen = look(database, public_id, now=now)
    if seen is None or seen.standing is not Standing.OPEN:
        return seen
    topics = _offered(seen.confirmation, welcoming)
    mail = welcoming.mail(seen.reader, topics, now=now)
    with database.write() as session:
        seen = _seen(session, public_id, now=now, for_change=True)
        if seen is not None and seen.standing is Standing.OPEN:
            _begin(session, seen, topics, mail, now=now)
            # Who had himself erased once and has come again is a reader like any other.
            signer, key = welcoming.correspondence.signer, seen.reader.address_key or ""
            take_back(session, signer.digests(ERASED, key))
            seen = Seen(seen.confirmation, seen.reader, Standing.DONE)
    return seen


def _seen(
    session: Session, public_id: str, *, now: datetime, for_change: bool = False
) -> Seen | None:
    found = sign_up_with_public_id(session, public_id, for_change=for_change)
    if found is None:
        return None
    confirmation, reader = found
    _ = reader.preferences, reader.consents
    return Seen(confirmation, reader, confirmation.standing(reader, now=now))


def _offered(confirmation: Confirmation, welcoming: Welcoming) -> list[str]:
    # What was asked for may have been taken off the list since.
    listed = welcoming.correspondence.topics
    return [topic.slug for slug in confirmation.topics if (topic := listed.find(slug))]


def _begin(
    session: Session, seen: Seen, topics: list[str], mail: WrittenMail | None, *, now: datetime
) -> None:
    reader, confirmation = seen.reader, seen.confirmation
    came_back = reader.come_back()
    if reader.status is SubscriberStatus.PENDING:
        reader.paused_until = None
    is_new = reader.confirm(_consent(confirmation, now=now))
    reader.follow(topics, now=now)
    reader.name = confirmation.name or reader.name
    reader.no_match = confirmation.no_match or reader.no_match
    reader.updated_at = now
    # One yes is enough: no other link that waits in that mailbox changes anything any more.
    close_sign_ups(session, reader, now=now)
    confirmation.used_at = now
    told = {"kind": confirmation.kind, "came_back": came_back}
    note(session, "subscription confirmed", reader.public_id, who="reader", now=now, **told)
    if mail is not None and is_new:
        queue(session, mail, to=reader.email or "", now=now, reader=reader.public_id)


def _consent(confirmation: Confirmation, *, now: datetime) -> Consent:
    was_asked = confirmation.kind is ConfirmationKind.INVITATION
    return Consent(
        at=now if was_asked else confirmation.asked_at,
        how=confirmation.how,
        kind=ConsentKind.EXPRESS,
        wording=confirmation.wording,
        recorded_at=now,
        page=confirmation.page,
        wording_version=confirmation.wording_version,
        confirmed_at=now,
    )
