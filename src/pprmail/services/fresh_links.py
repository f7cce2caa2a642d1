"""Fresh links: mailed to the address on file, to nobody else, and seldom.

Whoever asks is answered alike, whether somebody has the address or not, and nearly the same is done
for it: what is written for nobody is thrown away.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.audience import NoMatch
from pprmail.model.confirmation import GOOD_FOR, Confirmation, ConfirmationKind
from pprmail.model.link import Signer
from pprmail.model.subscriber import (
    EndReason,
    Subscriber,
    SubscriberStatus,
    address_key,
    new_public_id,
)
from pprmail.rendering.service_mail import WrittenMail
from pprmail.services.bounds import Bounds
from pprmail.services.correspondence import Correspondence
from pprmail.services.service_mails import queue
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_key, subscriber_with_public_id

CONSENT_AGAIN: Final = "That was a mistake: send me the letter again, once a month."
"""What a reader agrees to who left and comes back; the mail asks for it."""


@dataclass(frozen=True)
class Asked:
    """Who asked for a mail, as far as we want to know, and when."""

    client: str
    now: datetime
    asks_to_void: bool = False


def mail_link_to(
    database: Database, address: str, *, asked: Asked, correspondence: Correspondence
) -> None:
    """Mail a link to whoever has this address, if anybody has.

    Raises ValueError if the address can't be one.
    """
    key = address_key(address)
    with database.read() as session:
        found = subscriber_with_key(session, key)
    _mail(database, found, key, asked=asked, correspondence=correspondence)


def mail_link_of(
    database: Database, public_id: str, *, asked: Asked, correspondence: Correspondence
) -> None:
    """Mail a link to the address of whoever has this public id."""
    with database.read() as session:
        found = subscriber_with_public_id(session, public_id)
    key = found.address_key if found else None
    _mail(database, found, key or "nobody", asked=asked, correspondence=correspondence)


def mail_way_back(
    database: Database, public_id: str, *, asked: Asked, correspondence: Correspondence
) -> None:
    """Ask whoever left, at the address on file, whether it was a mistake.

    The subscription stays ended until that is confirmed: whoever asks may have but the link.
    """
    with database.read() as session:
        reader = subscriber_with_public_id(session, public_id)
        topics = reader.chosen_topics if reader else []
    if reader is None or reader.email is None or reader.status is not SubscriberStatus.ENDED:
        return
    wanted = _confirmation(reader, topics, now=asked.now)
    mail = correspondence.confirmation(wanted)
    with database.write() as session:
        if not _may_mail(reader) or not within_bounds(
            session, address_key(reader.email), signer=correspondence.signer, asked=asked
        ):
            return
        session.add(wanted)
        _queue(session, mail, reader, now=asked.now)
        note(session, "way back mailed", public_id, who="reader", now=asked.now)


def void_older(database: Database, public_id: str, *, now: datetime) -> int:
    """Make every link void that chooses and was made until now; give the epoch of new ones."""
    with database.write() as session:
        reader = subscriber_with_public_id(session, public_id)
        if reader is None:
            return 0
        reader.void_links()
        reader.updated_at = now
        note(session, "links made void", public_id, who="reader", now=now)
        return reader.token_epoch


def within_bounds(session: Session, key: str, *, signer: Signer, asked: Asked) -> bool:
    """Tell whether an address may get one more mail that a form asked for; if so, count it."""
    bounds = Bounds(signer)
    bounds.take_turns(session)
    is_busy = bounds.is_busy(session, asked.client, now=asked.now)
    if is_busy or bounds.free_from(session, key, now=asked.now) > asked.now:
        return False
    bounds.count(session, "link", key=key, network=asked.client, now=asked.now)
    return True


def _mail(
    database: Database,
    found: Subscriber | None,
    key: str,
    *,
    asked: Asked,
    correspondence: Correspondence,
) -> None:
    # For an address that nobody has, the same is written and counted, and nothing queued.
    mail = correspondence.fresh_link(
        found or _nobody(),
        opens_choices=found is None or found.status is not SubscriberStatus.ENDED,
        asks_to_void=asked.asks_to_void,
        now=asked.now,
    )
    with database.write() as session:
        is_within = within_bounds(session, key, signer=correspondence.signer, asked=asked)
        if is_within and found is not None and _may_mail(found):
            _queue(session, mail, found, now=asked.now)


def _may_mail(reader: Subscriber) -> bool:
    """Who complained gets no mail at all, and who was erased has no address."""
    return reader.email is not None and reader.end_reason is not EndReason.COMPLAINED


def _queue(session: Session, mail: WrittenMail, reader: Subscriber, *, now: datetime) -> None:
    # A mail that names its reader is dropped once that reader has left; this one was asked for.
    is_ended = reader.status is SubscriberStatus.ENDED
    if reader.email is not None:
        about = None if is_ended else reader.public_id
        queue(session, mail, to=reader.email, now=now, reader=about)


def _nobody() -> Subscriber:
    return Subscriber(public_id=new_public_id(), token_epoch=0)


def _confirmation(reader: Subscriber, topics: list[str], *, now: datetime) -> Confirmation:
    return Confirmation(
        public_id=new_public_id(),
        subscriber_id=reader.id,
        kind=ConfirmationKind.SIGN_UP,
        name=reader.name,
        topics=topics,
        no_match=reader.no_match or NoMatch.NOTE,
        how="the reader’s own wish, after leaving",
        page="/unsubscribe",
        wording=CONSENT_AGAIN,
        wording_version="1",
        asked_at=now,
        good_until=now + GOOD_FOR,
    )
