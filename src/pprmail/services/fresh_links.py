"""Fresh links: mailed to the address on file, to nobody else, and seldom.

Whoever asks is answered alike, whether somebody has the address or not, and nearly the same is done
for it: what is written for nobody is thrown away.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.audience import NoMatch
from pprmail.model.confirmation import Confirmation
from pprmail.model.subscriber import (
    EndReason,
    Subscriber,
    SubscriberStatus,
    address_key,
    new_public_id,
)
from pprmail.rendering.service_mail import WrittenMail
from pprmail.services.bounds import Bounds, Sort, WantedMail
from pprmail.services.correspondence import Correspondence
from pprmail.services.service_mails import queue
from pprmail.services.signing_up import SignUps, Wish
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_key, subscriber_with_public_id

BY_WAY_BACK: Final = (
    "the reader’s own wish after leaving, confirmed by a link mailed to the address"
)


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
    mail_wanted = WantedMail(Sort.LINK, address_key(address))
    with database.read() as session:
        found = subscriber_with_key(session, mail_wanted.key)
    _mail(database, found, mail_wanted, asked=asked, correspondence=correspondence)


def mail_link_of(
    database: Database, public_id: str, *, asked: Asked, correspondence: Correspondence
) -> None:
    """Mail a link to the address of whoever has this public id."""
    with database.read() as session:
        found = subscriber_with_public_id(session, public_id)
    key = found.address_key if found else None
    mail_wanted = WantedMail(Sort.OWN_LINK, key or "nobody")
    _mail(database, found, mail_wanted, asked=asked, correspondence=correspondence)


def mail_way_back(sign_ups: SignUps, public_id: str, *, asked: Asked) -> None:
    """Ask whoever left, at the address on file, whether it was a mistake.

    The subscription stays ended until that is confirmed: whoever asks may have but the link.
    """
    with sign_ups.database.read() as session:
        reader = subscriber_with_public_id(session, public_id)
        topics = reader.chosen_topics if reader else []
    if reader is None or reader.email is None or reader.status is not SubscriberStatus.ENDED:
        return
    wanted = _confirmation(sign_ups, reader, topics, now=asked.now)
    mail = sign_ups.correspondence.confirmation(wanted)
    mail_wanted = WantedMail(Sort.WAY_BACK, address_key(reader.email))
    with sign_ups.database.write() as session:
        if not _may_mail(reader) or not within_bounds(
            session, mail_wanted, bounds=sign_ups.bounds, asked=asked
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


def within_bounds(
    session: Session, mail_wanted: WantedMail, *, bounds: Bounds, asked: Asked
) -> bool:
    """Tell whether an address may get one more mail of a sort; if so, count it."""
    sort, key, now = mail_wanted.sort, mail_wanted.key, asked.now
    bounds.take_turns(session)
    if bounds.is_busy(session, asked.client, now=now):
        return False
    if bounds.free_from(session, key, now=now, sort=sort) > now:
        return False
    bounds.count(session, sort, key=key, network=asked.client, now=now)
    return True


def _mail(
    database: Database,
    found: Subscriber | None,
    mail_wanted: WantedMail,
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
        bounds = Bounds(correspondence.signer)
        is_within = within_bounds(session, mail_wanted, bounds=bounds, asked=asked)
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


def _confirmation(
    sign_ups: SignUps, reader: Subscriber, topics: list[str], *, now: datetime
) -> Confirmation:
    # The page is named without the link that opens it, which would leave for its reader for ever.
    wish = Wish(reader.email or "", reader.name, tuple(topics), page="unsubscribe")
    wanted = sign_ups.confirmation(wish, now=now)
    wanted.subscriber_id = reader.id
    wanted.no_match = reader.no_match or NoMatch.NOTE
    wanted.how = BY_WAY_BACK
    return wanted
