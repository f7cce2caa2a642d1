"""Inviting: a person asks a reader by name to confirm; an address that ended is released by that."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError, PprmailError
from pprmail.model.calendar import in_words
from pprmail.model.confirmation import Confirmation, ConfirmationKind
from pprmail.model.mail import WHILE_CONSENT_HOLDS
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.services.bounds import BY_HAND
from pprmail.services.ending import standing_of, without_addresses
from pprmail.services.service_mails import queue
from pprmail.services.signing_up import SignUps, Wish
from pprmail.services.subscriptions import subscriber_in
from pprmail.storage.audit import note
from pprmail.storage.confirmations import close_sign_ups
from pprmail.storage.subscribers import reader_shown

UNNAMED: Final = "cli"
"""Whom the log names for a command that did not say who gives it."""


@dataclass(frozen=True)
class Asking:
    """By whom a reader is invited, as the mail says it, and who takes the responsibility for it.

    `reason` says why somebody is asked whose letters had ended.
    """

    invited_by: str
    who: str
    reason: str = ""


def invite_reader(
    sign_ups: SignUps, public_id: str, asking: Asking, *, now: datetime
) -> Confirmation:
    """Invite as an editor does, who gives a reason where a reader's letters had ended."""
    reader = reader_shown(sign_ups.database, public_id)
    if reader is None or reader.email is None:
        raise NotFoundError("there is no such reader")
    if reader.status is SubscriberStatus.ENDED and not asking.reason:
        raise PprmailError("Please say why this reader is asked again.")
    return invite(sign_ups, reader.email, asking, now=now)


def invite(sign_ups: SignUps, address: str, asking: Asking, *, now: datetime) -> Confirmation:
    """Mail a reader who waits, or whose letters ended, a link to confirm by, within the bounds.

    A reader whose letters ended waits again from now on. After a complaint this is the release
    without which nothing is mailed to an address. Then, and after a bounce, the log names a person
    who gave it; a release by nobody is refused.
    """
    invited_by, who = asking.invited_by, asking.who
    with sign_ups.database.read() as session:
        reader = subscriber_in(session, address)
        invitation = _invitation(sign_ups, reader, invited_by=invited_by, now=now)
    mail = sign_ups.correspondence.confirmation(invitation, invited_by=invited_by)
    with sign_ups.database.write() as session:
        sign_ups.bounds.take_turns(session)
        reader = subscriber_in(session, address)
        _refuse(sign_ups, session, reader, now=now)
        _release(session, reader, asking, now=now)
        invitation.subscriber_id = reader.id
        session.add(invitation)
        key = reader.address_key or ""
        sign_ups.bounds.count(session, "invitation", key=key, network=BY_HAND, now=now)
        note(session, "reader invited", reader.public_id, who=who, now=now)
        queue(session, mail, to=reader.email or "", now=now, reader=reader.public_id)
    return invitation


def invite_again(
    sign_ups: SignUps, session: Session, reader: Subscriber, *, invited_by: str, now: datetime
) -> bool:
    """Queue an invitation for a reader whose implied consent ends; true if the bounds let one.

    It goes out while that consent holds, or not at all.
    """
    key = reader.address_key or ""
    if not reader.email or sign_ups.bounds.free_from(session, key, now=now) > now:
        return False
    invitation = _invitation(sign_ups, reader, invited_by=invited_by, now=now)
    invitation.subscriber_id = reader.id
    session.add(invitation)
    sign_ups.bounds.count(session, "invitation", key=key, network=BY_HAND, now=now)
    mail = sign_ups.correspondence.confirmation(invitation, invited_by=invited_by)
    timely = replace(mail, kind=WHILE_CONSENT_HOLDS)
    queue(session, timely, to=reader.email, now=now, reader=reader.public_id)
    return True


def _invitation(
    sign_ups: SignUps, reader: Subscriber, *, invited_by: str, now: datetime
) -> Confirmation:
    # It is on the page behind the link that an invited reader agrees.
    wish = Wish(reader.email or "", topics=tuple(reader.chosen_topics), page="confirm")
    invitation = sign_ups.confirmation(wish, now=now)
    invitation.kind = ConfirmationKind.INVITATION
    invitation.how = f"invited by {invited_by}, confirmed by a link mailed to the address"
    return invitation


def _refuse(sign_ups: SignUps, session: Session, reader: Subscriber, *, now: datetime) -> None:
    if reader.status is SubscriberStatus.ACTIVE:
        raise PprmailError(
            f"{reader.email} gets the letter already", remedy="nothing is to be done"
        )
    free = sign_ups.bounds.free_from(session, reader.address_key or "", now=now)
    if free > now:
        zone = sign_ups.correspondence.mails.masthead.zone
        raise PprmailError(
            f"{reader.email} was written to already: at most once in 24 hours and three times in "
            "30 days, whoever asks",
            remedy=f"invite again after {in_words(free, zone)}",
        )


def _release(session: Session, reader: Subscriber, asking: Asking, *, now: datetime) -> None:
    if reader.is_closed and asking.who == UNNAMED:
        because = "a complaint" if reader.is_locked else "a bounce"
        raise PprmailError(
            f"{reader.email} was closed after {because}; only a person may open it again",
            remedy="say who does: --by NAME",
        )
    ended, before = reader.end_reason, standing_of(reader)
    if not reader.come_back():
        return
    reader.updated_at = now
    close_sign_ups(session, reader, now=now)
    told: dict[str, object] = {"before": before, "after": standing_of(reader), "ended": ended}
    if asking.reason:
        told["reason"] = without_addresses(asking.reason)
    note(session, "address released", reader.public_id, who=asking.who, now=now, **told)
