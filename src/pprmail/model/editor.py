"""An editor: who may sit down at the desk, how that person signs in, and for how long."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pprmail.model.record import Record

LONGEST_SESSION: Final = timedelta(hours=12)
LONGEST_IDLE: Final = timedelta(minutes=30)
LONGEST_HALF: Final = timedelta(minutes=10)
"""How long somebody who proved the first half has for the code."""

FRESH_FOR: Final = timedelta(minutes=5)
SEEN_EVERY: Final = timedelta(minutes=1)
INVITATION_GOOD_FOR: Final = timedelta(days=7)
SIGN_IN_GOOD_FOR: Final = timedelta(minutes=10)


class Role(StrEnum):
    """What an editor may do: an admin adds editors, too."""

    EDITOR = "editor"
    ADMIN = "admin"

    def reaches(self, least: "Role") -> bool:
        """Tell whether whoever has this role may do what asks for that one."""
        return self is Role.ADMIN or least is Role.EDITOR


class LinkKind(StrEnum):
    """What a mailed one-use link is for."""

    INVITATION = "invitation"
    SIGN_IN = "sign_in"


class Editor(Record):
    """One who may sign in. Without a password, a mailed link is the only way.

    `joined_at` is empty while the invitation waits. `has_short_password` where it would not be long
    enough without the code of `totp_secret`; `totp_step` is the last one that was used, and
    `recovery_codes` are digests. Removal deletes the row: what was done stays in the log, by name.
    """

    __tablename__ = "editors"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[Role]
    invited_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    password_hash: Mapped[str | None] = mapped_column(Text)
    has_short_password: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    recovery_codes: Mapped[list[str]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def has_code(self) -> bool:
        """Tell whether a code is asked for, beside the password or the mailed link."""
        return self.totp_secret is not None


class DeskSession(Record):
    """One browser in which an editor is signed in; the row knows its secret by a digest alone.

    While it `awaits_code` it opens nothing. `proved_at` is when its editor last proved who that is.
    `said` is the sentence that the next page shows, to whoever brings the `said_key` of it.
    """

    __tablename__ = "desk_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id"), index=True)
    begun_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    awaits_code: Mapped[bool] = mapped_column(default=False)
    browser: Mapped[str]
    said: Mapped[str | None] = mapped_column(Text)
    said_key: Mapped[str | None]
    editor: Mapped[Editor] = relationship()

    def is_over(self, *, now: datetime) -> bool:
        """Tell whether it has had its time, as a whole or without a sign of life."""
        longest = LONGEST_HALF if self.awaits_code else LONGEST_SESSION
        return now > self.begun_at + longest or now > self.seen_at + LONGEST_IDLE

    def is_fresh(self, *, now: datetime) -> bool:
        """Tell whether its editor proved just now who that is."""
        return now <= self.proved_at + FRESH_FOR


class EditorLink(Record):
    """A link that was mailed to an editor and works once; the row knows it by a digest alone.

    One to sign in with works where it was asked for: in the browser whose nonce has this digest.
    It leads to `leads_to`, a page of the desk.
    """

    __tablename__ = "editor_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[LinkKind]
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id"), index=True)
    nonce: Mapped[str | None]
    leads_to: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    good_until: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    editor: Mapped[Editor] = relationship()

    def is_open(self, *, now: datetime) -> bool:
        """Tell whether it still works."""
        return self.used_at is None and now <= self.good_until


class SignInAttempt(Record):
    """One try to sign in that did not succeed, or is being made; names and networks are digests."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_account_at", "account", "at"),
        Index("ix_sign_in_attempts_client_at", "client", "at"),
        Index("ix_sign_in_attempts_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    account: Mapped[str]
    client: Mapped[str]
    at: Mapped[datetime]


def new_secret() -> str:
    """Make what nobody can guess: 256 bits, as letters for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Name a secret by what does not give it away; it is long enough to need no key."""
    return hashlib.sha256(secret.encode()).hexdigest()
