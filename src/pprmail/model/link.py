"""Readers' links: who is meant and what the link may do, signed so that neither can be forged."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

SHORTEST_SECRET: Final = 32
PREFERENCES_LAST: Final = timedelta(days=396)
"""Thirteen months: the link in last year's letter of this month still opens."""

OWNER_LASTS: Final = timedelta(hours=24)
"""A link that was mailed on request, to the address on file, for what only its owner may do."""

_DAY_ZERO: Final = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
_SIGNATURE: Final = r"[A-Za-z0-9_-]{22}"
_LEAVE: Final = re.compile(rf"([A-Za-z0-9_-]{{22}})\.({_SIGNATURE})")
_PREFERENCES: Final = re.compile(
    rf"([A-Za-z0-9_-]{{22}})\.(\d{{1,6}})(?:\.(\d{{1,6}}))?\.({_SIGNATURE})"
)
_FORM: Final = re.compile(rf"(\d{{1,11}})\.({_SIGNATURE})", re.ASCII)
_OWNER: Final = re.compile(rf"o\.([A-Za-z0-9_-]{{22}})\.(\d{{1,8}})\.(\d{{1,6}})\.({_SIGNATURE})")


class Purpose(StrEnum):
    """What a link is for; a link for one purpose never opens another."""

    LEAVE = "leave"
    PREFERENCES = "preferences"
    OWNER = "owner"
    CONFIRM = "confirm"
    FORM = "form"


class LinkProblem(StrEnum):
    """Why a link does not open."""

    FORGED = "forged"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Opened:
    """Whom a link is for, and the epoch it was made in; later epochs have made it void.

    `is_owner` where it was mailed on request just now, to the address on file.
    """

    public_id: str
    epoch: int
    is_owner: bool = False


@dataclass(frozen=True)
class Signer:
    """Signs links with the present secret key and reads those of previous keys too."""

    keys: tuple[bytes, ...]

    @classmethod
    def of(cls, secret_key: str, previous: Sequence[str] = ()) -> "Signer":
        """Make a signer of the configured secrets, the present one first."""
        return cls(tuple(secret.encode() for secret in (secret_key, *previous)))

    def leave_token(self, public_id: str) -> str:
        """Make the token of a leave link, which never expires."""
        return f"{public_id}.{_signature(self.keys[0], Purpose.LEAVE, public_id)}"

    def preferences_token(self, public_id: str, *, now: datetime, epoch: int = 0) -> str:
        """Make the token of a preferences link, which lasts thirteen months."""
        claim = f"{public_id}.{(now - _DAY_ZERO).days}" + (f".{epoch}" if epoch else "")
        return f"{claim}.{_signature(self.keys[0], Purpose.PREFERENCES, claim)}"

    def owner_token(self, public_id: str, *, now: datetime, epoch: int = 0) -> str:
        """Make the token of a preferences link that may do everything, and lasts a day."""
        claim = f"o.{public_id}.{_minutes(now)}.{epoch}"
        return f"{claim}.{_signature(self.keys[0], Purpose.OWNER, claim)}"

    def confirm_token(self, public_id: str) -> str:
        """Make the token of a confirmation, which knows itself how long it is good."""
        return f"{public_id}.{_signature(self.keys[0], Purpose.CONFIRM, public_id)}"

    def form_token(self, now: datetime) -> str:
        """Make the token of a form, which says when it was shown."""
        shown = str(int(now.timestamp()))
        return f"{shown}.{_signature(self.keys[0], Purpose.FORM, shown)}"

    def read_form(self, token: str) -> datetime | LinkProblem:
        """Say when the form was shown that a token was made for."""
        found = _FORM.fullmatch(token)
        if not found or not self._signed(Purpose.FORM, found[1], found[2]):
            return LinkProblem.FORGED
        return datetime.fromtimestamp(int(found[1]), UTC)

    def digest(self, purpose: str, text: str) -> str:
        """Name a text by a digest that nobody can make without the present key."""
        return _signature(self.keys[0], purpose, text)

    def digests(self, purpose: str, text: str) -> list[str]:
        """Give the digests that a text may have been named by, with previous keys too."""
        return [_signature(key, purpose, text) for key in self.keys]

    def read_leave(self, token: str) -> str | LinkProblem:
        """Give the public id that a leave token was made for."""
        found = _LEAVE.fullmatch(token)
        if not found or not self._signed(Purpose.LEAVE, found[1], found[2]):
            return LinkProblem.FORGED
        return found[1]

    def read_confirm(self, token: str) -> str | LinkProblem:
        """Give the public id of the confirmation that a token was made for."""
        found = _LEAVE.fullmatch(token)
        if not found or not self._signed(Purpose.CONFIRM, found[1], found[2]):
            return LinkProblem.FORGED
        return found[1]

    def read_preferences(self, token: str, *, now: datetime) -> Opened | LinkProblem:
        """Say whom a preferences token was made for, while it lasts."""
        read = self._read(token)
        if read is None:
            return LinkProblem.FORGED
        opened, good_until = read
        return LinkProblem.EXPIRED if now > good_until else opened

    def whose(self, token: str) -> Opened | None:
        """Say whom a preferences token was made for, however old it is; it opens nothing by this."""
        read = self._read(token)
        return read[0] if read else None

    def _read(self, token: str) -> tuple[Opened, datetime] | None:
        is_owner = token.startswith("o.")
        found = (_OWNER if is_owner else _PREFERENCES).fullmatch(token)
        purpose = Purpose.OWNER if is_owner else Purpose.PREFERENCES
        if not found or not self._signed(purpose, token.rpartition(".")[0], found[4]):
            return None
        opened = Opened(found[1], int(found[3] or 0), is_owner=is_owner)
        if is_owner:
            return opened, _DAY_ZERO + timedelta(minutes=int(found[2])) + OWNER_LASTS
        return opened, _DAY_ZERO + timedelta(days=int(found[2])) + PREFERENCES_LAST

    def _signed(self, purpose: str, claim: str, signature: str) -> bool:
        expected = [_signature(key, purpose, claim) for key in self.keys]
        return any(hmac.compare_digest(one, signature) for one in expected)


def _minutes(now: datetime) -> int:
    return int((now - _DAY_ZERO).total_seconds()) // 60


def _signature(key: bytes, purpose: str, claim: str) -> str:
    mac = hmac.digest(key, f"{purpose}:{claim}".encode(), "sha256")[:16]
    return urlsafe_b64encode(mac).rstrip(b"=").decode()
