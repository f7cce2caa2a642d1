"""Making the staff that tests work with: its passwords are quick, and its work is counted."""

from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select

from making import MASTHEAD, NOW, SIGNER
from pprmail.model.editor import Editor, Role
from pprmail.model.subscriber import address_key, new_public_id
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.services.passwords import Passwords
from pprmail.services.signing_in import Knock
from pprmail.services.staff import Staff
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry

GOOD = "four words of mine alone"
ADA = "ada@example.org"


class CountingHasher(PasswordHasher):
    """A hasher that is quick, and counts how often it verifies and hashes."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified: list[str] = []
        self.made = 0

    def verify(self, hash: Any, password: Any) -> Any:  # noqa: A002 - the library's name
        self.verified.append(str(password))
        return super().verify(hash, password)

    def hash(self, password: Any, **how: Any) -> str:
        self.made += 1
        return super().hash(password, **how)


def a_staff(database: Database, hasher: PasswordHasher | None = None) -> Staff:
    mails = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
    return Staff.of(database, mails, SIGNER, Passwords(hasher or CountingHasher()))


def an_editor_row(
    database: Database, email: str = ADA, *, password: str | None = GOOD, **changed: Any
) -> Editor:
    """Store an editor who has joined."""
    fields: dict[str, Any] = {
        "public_id": new_public_id(),
        "email": email,
        "email_key": address_key(email),
        "name": "",
        "role": Role.EDITOR,
        "invited_at": NOW,
        "joined_at": NOW,
        "password_hash": password and Passwords(CountingHasher()).hashed(password),
        "has_short_password": False,
        "totp_step": 0,
        "recovery_codes": [],
    }
    row = Editor(**(fields | changed))
    with database.write() as session:
        session.add(row)
    return row


def a_knock(now: datetime = NOW, *, network: str = "192.0.2.0/24", replaces: str = "") -> Knock:
    return Knock(network, "Firefox on Linux", now, replaces)


def noted(database: Database) -> list[tuple[str, str, str]]:
    """Give what was done, by whom, to whom."""
    with database.read() as session:
        lines = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(line.what, line.who, line.subject) for line in lines]
