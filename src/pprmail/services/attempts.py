"""Tries to sign in: how often a name may be tried, and how often a network may try.

A name that nobody has is counted as any other, so that nobody learns from a refusal who is an editor.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.editor import SignInAttempt
from pprmail.model.link import Signer
from pprmail.storage.editors import count_attempts, count_attempts_from, forgive_attempt
from pprmail.storage.mailed_links import take_turns

WINDOW: Final = timedelta(minutes=15)
MOST_OF_A_NETWORK: Final = 60


class AttemptKind(StrEnum):
    """What is tried; each has a budget of its own, so that nobody locks an editor out by one."""

    PASSWORD = "password"  # noqa: S105 - the word, no password
    CODE = "code"
    MAIL = "mail"


MOST: Final = {AttemptKind.PASSWORD: 10, AttemptKind.CODE: 6, AttemptKind.MAIL: 4}
"""How often one name is tried within the time of its kind."""

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
        if self.is_network_busy(session, network, now=now) or self._is_full(
            session, kind, name, now
        ):
            return None
        digest = self.signer.digest
        made = SignInAttempt(
            kind=kind,
            account=digest("editor-account", name),
            client=digest("editor-client", network),
            at=now,
        )
        session.add(made)
        session.flush()
        return made.id

    def forgive(self, session: Session, attempt: int) -> None:
        """Take back a try that succeeded."""
        forgive_attempt(session, attempt)

    def _is_full(self, session: Session, kind: AttemptKind, name: str, now: datetime) -> bool:
        account = self.signer.digests("editor-account", name)
        tried = count_attempts(session, kind, since=now - WITHIN[kind], account=account)
        return tried >= MOST[kind]
