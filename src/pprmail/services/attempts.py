"""Tries to sign in: how often a name may be tried, and how often a network may try.

A name that nobody has is counted as any other, so that nobody learns from a refusal who is an editor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.editor import SignInAttempt
from pprmail.model.link import Signer
from pprmail.storage.editors import (
    clients_that_tried,
    count_attempts_from,
    forgive_attempt,
    forgive_attempts,
)
from pprmail.storage.mailed_links import take_turns

WINDOW: Final = timedelta(minutes=15)
MOST_OF_A_NETWORK: Final = 60


class AttemptKind(StrEnum):
    """What is tried; each has a budget of its own, so that nobody locks an editor out by one."""

    PASSWORD = "password"  # noqa: S105 - the word, no password
    CODE = "code"
    MAIL = "mail"


MOST: Final = {AttemptKind.PASSWORD: 10, AttemptKind.CODE: 6, AttemptKind.MAIL: 20}
"""How often one name is tried within the time of its kind, whoever tries."""

MOST_FROM_ONE: Final = MOST | {AttemptKind.MAIL: 4}
"""How often one network tries one name: a stranger elsewhere leaves its owner links to ask for."""

WITHIN: Final = {
    AttemptKind.PASSWORD: WINDOW,
    AttemptKind.CODE: WINDOW,
    AttemptKind.MAIL: timedelta(hours=1),
}


@dataclass(frozen=True)
class Attempts:
    """Counts tries; names and networks are kept as digests alone, and for a day."""

    signer: Signer

    def is_network_busy(self, session: Session, network: str, *, now: datetime) -> bool:
        """Tell whether a network has tried too often, whatever it tried."""
        client = self.signer.digests("editor-client", network)
        return count_attempts_from(session, client, since=now - WINDOW) >= MOST_OF_A_NETWORK

    def take(
        self, session: Session, kind: AttemptKind, name: str, *, network: str, now: datetime
    ) -> int | None:
        """Count one try before it is made, and give its number; None where there were too many."""
        take_turns(session)
        if self.is_network_busy(session, network, now=now):
            return None
        clients = self._clients(session, kind, name, now=now)
        if len(clients) >= MOST[kind] or self._from(network, clients) >= MOST_FROM_ONE[kind]:
            return None
        made = self._made(kind, name, network=network, now=now)
        session.add(made)
        session.flush()
        return made.id

    def forgive(self, session: Session, attempt: int) -> None:
        """Take back a try that succeeded."""
        forgive_attempt(session, attempt)

    def forgive_all(self, session: Session, kind: AttemptKind, name: str) -> None:
        """Take back the tries of a kind at a name, whose owner has shown who that is."""
        forgive_attempts(session, kind, account=self.signer.digests("editor-account", name))

    def _clients(
        self, session: Session, kind: AttemptKind, name: str, *, now: datetime
    ) -> Sequence[str]:
        account = self.signer.digests("editor-account", name)
        return clients_that_tried(session, kind, since=now - WITHIN[kind], account=account)

    def _from(self, network: str, clients: Sequence[str]) -> int:
        mine = self.signer.digests("editor-client", network)
        return sum(client in mine for client in clients)

    def _made(self, kind: AttemptKind, name: str, *, network: str, now: datetime) -> SignInAttempt:
        digest = self.signer.digest
        return SignInAttempt(
            kind=kind,
            account=digest("editor-account", name),
            client=digest("editor-client", network),
            at=now,
        )
