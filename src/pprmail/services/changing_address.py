"""A change of address: asked for by the owner of the old one, confirmed by the owner of the new one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.confirmation import Confirmation, ConfirmationKind, version_of
from pprmail.model.masking import masked
from pprmail.model.subscriber import Subscriber, SubscriberStatus, address_key
from pprmail.rendering.service_mail import WrittenMail
from pprmail.services.bounds import Sort, WantedMail
from pprmail.services.correspondence import Correspondence
from pprmail.services.fresh_links import Asked, within_bounds
from pprmail.services.service_mails import queue
from pprmail.services.signing_up import SignUps, Wish
from pprmail.sources.subscriber_list import checked_address
from pprmail.storage.audit import note
from pprmail.storage.confirmations import (
    addresses_asked_for,
    close_confirmations,
    confirmation_with_public_id,
)
from pprmail.storage.database import Database
from pprmail.storage.erasure import ERASED, take_back
from pprmail.storage.subscribers import subscriber_with_key, subscriber_with_public_id

A_DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 3
"""How many addresses a reader may ask us to write to in a day."""

BY_OWNER: Final = "the reader’s own wish, confirmed by a link mailed to the new address"


class Change(StrEnum):
    """What came of a confirmation."""

    DONE = "done"
    CLOSED = "closed"
    TAKEN = "taken"


@dataclass(frozen=True)
class AddressAsked:
    """What the owner of a new address is asked: the address, masked, and the words agreed to."""

    address: str
    wording: str


def ask_address(sign_ups: SignUps, public_id: str, address: str, *, asked: Asked) -> None:
    """Ask the owner of a new address whether letters are to go there.

    Whether somebody gets letters there already is told to that owner alone, on confirming. Raises
    ValueError if no letter can go to such an address.
    """
    address = checked_address(address)
    wanted = _confirmation(sign_ups, address, now=asked.now)
    mail = sign_ups.correspondence.address_to_confirm(wanted.public_id, now=asked.now)
    mail_wanted = WantedMail(Sort.ADDRESS, address_key(address))
    with sign_ups.database.write() as session:
        reader = subscriber_with_public_id(session, public_id)
        if reader is None or not _may_move(reader) or _asks_too_often(session, reader, asked):
            return
        if not within_bounds(session, mail_wanted, bounds=sign_ups.bounds, asked=asked):
            return
        wanted.subscriber_id = reader.id
        session.add(wanted)
        queue(session, mail, to=address, now=asked.now, reader=public_id)
        note(session, "address asked for", public_id, who="reader", now=asked.now)


def address_asked_for(database: Database, public_id: str, *, now: datetime) -> AddressAsked | None:
    """Give what an open confirmation asks; None if it is not open."""
    with database.read() as session:
        wanted = confirmation_with_public_id(session, public_id, ConfirmationKind.ADDRESS)
    if wanted is None or wanted.email is None or not wanted.is_open(now=now):
        return None
    return AddressAsked(masked(wanted.email), wanted.wording)


def confirm_address(
    database: Database, public_id: str, *, correspondence: Correspondence, now: datetime
) -> Change:
    """Let letters go to the address that was confirmed just now; the old one is told, once."""
    mail = _notice(database, public_id, correspondence)
    with database.write() as session:
        wanted = confirmation_with_public_id(session, public_id, ConfirmationKind.ADDRESS)
        if wanted is None or wanted.email is None:
            return Change.CLOSED
        reader = session.get_one(Subscriber, wanted.subscriber_id, with_for_update=True)
        # Somebody who confirmed at the same moment has ended by now.
        session.refresh(wanted)
        if not wanted.is_open(now=now) or not _may_move(reader):
            return Change.CLOSED
        if (key := address_key(wanted.email)) != reader.address_key and subscriber_with_key(
            session, key
        ):
            return Change.TAKEN
        _move(session, reader, wanted, mail, now=now)
        take_back(session, correspondence.signer.digests(ERASED, key))
    return Change.DONE


def _move(
    session: Session,
    reader: Subscriber,
    wanted: Confirmation,
    mail: WrittenMail | None,
    *,
    now: datetime,
) -> None:
    old, new = reader.email, wanted.email
    if old is None or new is None:
        return
    reader.move_to(new)
    reader.updated_at = now
    # Others that are still open were asked for by whoever held the old address.
    close_confirmations(session, reader.id, now=now)
    if mail is not None:
        queue(session, mail, to=old, now=now, reader=reader.public_id)
    note(session, "address changed", reader.public_id, who="reader", now=now)


def _notice(
    database: Database, public_id: str, correspondence: Correspondence
) -> WrittenMail | None:
    with database.read() as session:
        wanted = confirmation_with_public_id(session, public_id, ConfirmationKind.ADDRESS)
    return correspondence.address_changed(wanted.email) if wanted and wanted.email else None


def _asks_too_often(session: Session, reader: Subscriber, asked: Asked) -> bool:
    # Each new address may be a stranger's, who is written to because a reader typed it.
    since = asked.now - A_DAY
    return addresses_asked_for(session, reader.id, since=since) >= MOST_A_DAY


def _may_move(reader: Subscriber) -> bool:
    return reader.status is not SubscriberStatus.ENDED and reader.email is not None


def _confirmation(sign_ups: SignUps, address: str, *, now: datetime) -> Confirmation:
    wanted = sign_ups.confirmation(Wish(address, page="preferences"), now=now)
    wanted.kind = ConfirmationKind.ADDRESS
    wanted.email = address
    wanted.how = BY_OWNER
    wanted.wording = f"{wanted.wording} Send it to this address from now on."
    wanted.wording_version = version_of(wanted.wording)
    return wanted
