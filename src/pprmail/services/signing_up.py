"""Signing up: whoever asks gets the same answer, and the mail alone tells the owner of an address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.model.audience import NoMatch
from pprmail.model.confirmation import (
    GOOD_FOR,
    Confirmation,
    ConfirmationKind,
    Standing,
    version_of,
)
from pprmail.model.subscriber import Subscriber, SubscriberStatus, address_key, new_public_id
from pprmail.rendering.service_mail import WrittenMail
from pprmail.services.bounds import Bounds, Sort
from pprmail.services.correspondence import Correspondence
from pprmail.services.service_mails import queue
from pprmail.storage.confirmations import reader_found_or_made, sign_up_with_public_id
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_address

BY_FORM = "sign-up form, confirmed by a link mailed to the address"


@dataclass(frozen=True)
class Wish:
    """What somebody asked for; no topic means everything. `page` is where, as a path of ours."""

    email: str
    name: str | None = None
    topics: tuple[str, ...] = ()
    page: str = "subscribe"


@dataclass(frozen=True)
class _Letters:
    """Both mails that may be right; both are always written, so that both cost the same."""

    confirmation: WrittenMail
    already: WrittenMail
    already_for: str


@dataclass(frozen=True)
class SignUps:
    """Takes wishes. Nothing of a wish counts until the owner of the address confirms it."""

    database: Database
    correspondence: Correspondence
    bounds: Bounds
    wording: Callable[[], str]

    def ask(self, wish: Wish, *, network: str, now: datetime) -> bool:
        """Queue the mail that is right for an address, within bounds; False where all are busy.

        Statements and work are the same whether the address is known or not. A mail to one who
        complained is queued like any other, and dropped with the mails of those who have left.
        """
        key, confirmation = address_key(wish.email), self.confirmation(wish, now=now)
        with self.database.read() as session:
            if self.bounds.is_busy(session, network, now=now):
                return False
            known = subscriber_with_address(session, wish.email)
        letters = self._letters(known, confirmation, now=now)
        with self.database.write() as session:
            self.bounds.take_turns(session)
            if self.bounds.is_busy(session, network, now=now):
                return False
            reader = reader_found_or_made(session, _row(wish, key, now=now))
            if self.bounds.free_from(session, key, now=now) <= now:
                self.bounds.count(session, Sort.SIGN_UP, key=key, network=network, now=now)
                _mail(session, reader, confirmation, letters, now=now)
        return True

    def ask_again(self, public_id: str, *, network: str, now: datetime) -> bool:
        """Mail a fresh link in the place of one whose time is over; any other changes nothing."""
        with self.database.read() as session:
            found = sign_up_with_public_id(session, public_id)
        if found is None:
            return True
        old, reader = found
        if old.standing(reader, now=now) is not Standing.EXPIRED:
            return True
        page = (old.page or "").removeprefix(self.correspondence.mails.masthead.url(""))
        wish = Wish(reader.email or "", old.name, tuple(old.topics), page)
        return self.ask(wish, network=network, now=now)

    def confirmation(self, wish: Wish, *, now: datetime) -> Confirmation:
        """Make what the owner of an address is asked to say yes to; not stored."""
        wording = self.wording()
        return Confirmation(
            public_id=new_public_id(),
            kind=ConfirmationKind.SIGN_UP,
            name=wish.name,
            topics=list(wish.topics),
            how=BY_FORM,
            page=self.correspondence.mails.masthead.url(wish.page),
            wording=wording,
            wording_version=version_of(wording),
            asked_at=now,
            good_until=now + GOOD_FOR,
        )

    def _letters(
        self, known: Subscriber | None, confirmation: Confirmation, *, now: datetime
    ) -> _Letters:
        nobody = Subscriber(public_id=new_public_id(), token_epoch=0)
        reader = known or nobody
        return _Letters(
            confirmation=self.correspondence.confirmation(confirmation),
            already=self.correspondence.already_subscribed(reader, now=now),
            already_for=reader.public_id,
        )


def _row(wish: Wish, key: str, *, now: datetime) -> dict[str, object]:
    return {
        "public_id": new_public_id(),
        "email": wish.email,
        "address_key": key,
        "status": SubscriberStatus.PENDING,
        "follows_all": True,
        "no_match": NoMatch.NOTE,
        "created_at": now,
        "updated_at": now,
        "token_epoch": 0,
    }


def _mail(
    session: Session,
    reader: Subscriber,
    confirmation: Confirmation,
    letters: _Letters,
    *,
    now: datetime,
) -> None:
    confirmation.subscriber_id = reader.id
    session.add(confirmation)
    gets_it = reader.status is SubscriberStatus.ACTIVE and reader.public_id == letters.already_for
    mail = letters.already if gets_it else letters.confirmation
    # Mails about an ended subscription are dropped: this one is for its reader to come back by,
    # unless he complained.
    comes_back = reader.status is SubscriberStatus.ENDED and not reader.is_locked
    about = None if comes_back else reader.public_id
    queue(session, mail, to=reader.email or "", now=now, reader=about)
