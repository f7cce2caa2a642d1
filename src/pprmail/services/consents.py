"""Consents: one that was only implied ends after two years, and its reader's letters with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.calendar import last_night
from pprmail.model.occasion import ConsentsLapsed, Named
from pprmail.model.subscriber import Subscriber
from pprmail.services.announcing import Announcer
from pprmail.storage.audit import note
from pprmail.storage.chores import last_done, take_on
from pprmail.storage.retention import lapsing_for_change

CHORE: Final = "consents"
EARLY: Final = timedelta(days=1)
"""Before its end, a consent still allows the mail that asks for another; afterwards none goes."""

NAMED: Final = 20

Invite = Callable[[Session, Subscriber, datetime], bool]
"""Asks one reader, by a mail that it queues in the transaction it is given, to agree anew.

False where the bounds allow no mail to this address now.
"""


def nobody_invites(_: Session, __: Subscriber, ___: datetime) -> bool:
    """Invite nobody."""
    return False


def lapse_once_a_night(announcer: Announcer, invite: Invite, *, now: datetime) -> int:
    """Let implied consents lapse in their last night, if nobody has done so since last night.

    Readers wait until they confirm. Whose consent is over already, because the clock stood still
    for a night, is not asked. The operator is told of everybody. Gives their number.
    """
    begun = last_night(now, announcer.newsroom.masthead.zone)
    with announcer.newsroom.database.read() as session:
        before = last_done(session, CHORE)
    if before is not None and before >= begun:
        return 0
    with announcer.newsroom.database.write() as session:
        if not take_on(session, CHORE, unless_since=begun, now=now):
            return 0
        lapsed = _lapse(session, invite, now=now)
        if lapsed.readers:
            # Written now: only the rows that are locked tell who is invited and who is not.
            mail = announcer.written(lapsed.occasion, about=f"{lapsed.readers} readers")
            announcer.queue(session, mail, now=now)
    return lapsed.readers


@dataclass(frozen=True)
class _Lapsed:
    """Whose consent lapsed: the addresses, by what came of it."""

    invited: list[str] = field(default_factory=list)
    held_back: list[str] = field(default_factory=list)
    too_late: list[str] = field(default_factory=list)

    @property
    def readers(self) -> int:
        return len(self.invited) + len(self.held_back) + len(self.too_late)

    @property
    def occasion(self) -> ConsentsLapsed:
        return ConsentsLapsed(
            readers=self.readers,
            invited=_named(self.invited),
            held_back=_named(self.held_back),
            too_late=_named(self.too_late),
        )


def _named(addresses: list[str]) -> Named:
    return Named(len(addresses), tuple(addresses[:NAMED]))


def _lapse(session: Session, invite: Invite, *, now: datetime) -> _Lapsed:
    lapsed = _Lapsed()
    for reader in lapsing_for_change(session, now=now + EARLY):
        holds = reader.lapses_at is not None and reader.lapses_at > now
        if not reader.lapse(now=now + EARLY):
            continue
        reader.updated_at = now
        is_invited = holds and invite(session, reader, now)
        found = lapsed.invited if is_invited else lapsed.held_back if holds else lapsed.too_late
        found.append(reader.email or "")
        told = {"invited": is_invited, "too_late": not holds}
        note(session, "consent lapsed", reader.public_id, who="scheduler", now=now, **told)
    return lapsed
