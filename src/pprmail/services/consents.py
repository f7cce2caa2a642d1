"""Consents: one that was only implied ends after two years, and its reader's letters with it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.calendar import last_night
from pprmail.model.occasion import ConsentsLapsed
from pprmail.model.subscriber import Subscriber
from pprmail.rendering.service_mail import WrittenMail
from pprmail.services.announcing import Announcer
from pprmail.storage.audit import note
from pprmail.storage.chores import last_done, take_on
from pprmail.storage.retention import addresses_lapsing, lapsing_for_change

CHORE: Final = "consents"
EARLY: Final = timedelta(days=1)
"""Before its end, a consent still allows the mail that asks for another; afterwards it may not."""

NAMED: Final = 20

Invite = Callable[[Session, Subscriber, datetime], None]
"""Asks one reader, by a mail that it queues in the transaction it is given, to agree anew."""


def lapse_once_a_night(announcer: Announcer, invite: Invite | None, *, now: datetime) -> int:
    """Let implied consents lapse in their last night, if nobody has done so since last night.

    Readers wait until they confirm; the operator is told how many. Gives their number.
    """
    begun = last_night(now, announcer.newsroom.masthead.zone)
    with announcer.newsroom.database.read() as session:
        before = last_done(session, CHORE)
        if before is not None and before >= begun:
            return 0
        addresses = addresses_lapsing(session, now=now + EARLY)
    # Written before anything is locked, because writing takes longer than a lock may.
    mail = _mail(announcer, addresses, invite)
    with announcer.newsroom.database.write() as session:
        if not take_on(session, CHORE, unless_since=begun, now=now):
            return 0
        lapsed = _lapse(session, invite, now=now)
        if lapsed:
            announcer.queue(session, mail, now=now)
    return lapsed


def _mail(
    announcer: Announcer, addresses: Sequence[str], invite: Invite | None
) -> WrittenMail | None:
    if not addresses:
        return None
    named = () if invite else addresses[:NAMED]
    occasion = ConsentsLapsed(
        readers=len(addresses),
        are_invited=invite is not None,
        commands=tuple(f"pprmail subscribers invite {address}" for address in named),
        more=0 if invite else len(addresses) - len(named),
    )
    return announcer.written(occasion, about=f"{len(addresses)} readers")


def _lapse(session: Session, invite: Invite | None, *, now: datetime) -> int:
    lapsed = 0
    for reader in lapsing_for_change(session, now=now + EARLY):
        if reader.lapse(now=now + EARLY):
            reader.updated_at = now
            note(session, "consent lapsed", reader.public_id, who="scheduler", now=now)
            if invite:
                invite(session, reader, now)
            lapsed += 1
    return lapsed
