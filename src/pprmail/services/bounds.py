"""Bounds: how often a stranger's form may make us write to an address, whoever asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.link import Signer
from pprmail.model.mailed_link import MailedLink
from pprmail.storage.mailed_links import (
    count_links,
    count_links_for,
    links_to,
    take_turns,
)

REST: Final = timedelta(hours=24)
"""How long an address is left alone after a mail that a form asked for."""

LONG: Final = timedelta(days=30)
MOST_IN_LONG: Final = 3
HOUR: Final = timedelta(hours=1)
MOST_OF_A_NETWORK: Final = 20
MOST_OF_ALL: Final = 500

BY_HAND: Final = "by hand"
"""The network of whoever works on the machine itself, who has no budget."""


class Sort(StrEnum):
    """What a mail is for. Each sort is counted for itself.

    Otherwise a form that anybody may fill in would use up what the owner of an address asks for.
    """

    SIGN_UP = "sign-up"
    LINK = "link"
    OWN_LINK = "own link"
    WAY_BACK = "way back"
    ADDRESS = "address"

    @property
    def kinds(self) -> Sequence[str]:
        """Name the kinds of mail that are of this sort; an invitation asks what a sign-up asks."""
        return (self, "invitation") if self is Sort.SIGN_UP else (self,)


@dataclass(frozen=True)
class WantedMail:
    """A mail of a sort to the address of a key."""

    sort: Sort
    key: str


@dataclass(frozen=True)
class Bounds:
    """Counts the mails that forms asked for; addresses and networks are kept as digests alone."""

    signer: Signer

    def take_turns(self, session: Session) -> None:
        """Wait until nobody else counts, so that bounds hold for those who ask at once, too."""
        take_turns(session)

    def is_busy(self, session: Session, network: str, *, now: datetime) -> bool:
        """Tell whether a network, or everybody together, has asked for too much within an hour."""
        since = now - HOUR
        of_network = count_links_for(session, self._digests("client", network), since=since)
        of_all = count_links(session, since=since)
        return of_network >= MOST_OF_A_NETWORK or of_all >= MOST_OF_ALL

    def free_from(
        self, session: Session, key: str, *, now: datetime, sort: Sort = Sort.SIGN_UP
    ) -> datetime:
        """Say from when on a mail of a sort may go to an address; now, or earlier, means at once."""
        digests = self._digests("address", key)
        sent = links_to(session, digests, kinds=sort.kinds, since=now - LONG)
        after_rest = sent[0] + REST if sent else now
        is_full = len(sent) >= MOST_IN_LONG
        return max(after_rest, sent[MOST_IN_LONG - 1] + LONG) if is_full else after_rest

    def count(self, session: Session, kind: str, *, key: str, network: str, now: datetime) -> None:
        """Write down that a mail of a kind goes to an address because a network asked."""
        digest = self.signer.digest
        session.add(
            MailedLink(
                kind=kind, address=digest("address", key), client=digest("client", network), at=now
            )
        )

    def _digests(self, purpose: str, text: str) -> Sequence[str]:
        return self.signer.digests(purpose, text)
