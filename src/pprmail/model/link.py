"""Readers' links: who is meant and what the link may do, signed so that neither can be forged."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SHORTEST_SECRET: Final = 32
PREFERENCES_LAST: Final = timedelta(days=396)
"""Thirteen months: the link in last year's letter of this month still opens."""

_DAY_ZERO: Final = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
_SIGNATURE: Final = r"[A-Za-z0-9_-]{22}"
_LEAVE: Final = re.compile(rf"([A-Za-z0-9_-]{{22}})\.({_SIGNATURE})")
_PREFERENCES: Final = re.compile(rf"([A-Za-z0-9_-]{{22}})\.(\d{{1,6}})\.({_SIGNATURE})")


class Purpose(StrEnum):
    """What a link is for; a link for one purpose never opens another."""

    LEAVE = "leave"
    PREFERENCES = "preferences"


class LinkProblem(StrEnum):
    """Why a link does not open."""

    FORGED = "forged"
    EXPIRED = "expired"


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

    def preferences_token(self, public_id: str, *, now: datetime) -> str:
        """Make the token of a preferences link, which lasts thirteen months."""
        claim = f"{public_id}.{(now - _DAY_ZERO).days}"
        return f"{claim}.{_signature(self.keys[0], Purpose.PREFERENCES, claim)}"

    def read_leave(self, token: str) -> str | LinkProblem:
        """Give the public id that a leave token was made for."""
        found = _LEAVE.fullmatch(token)
        if not found or not self._signed(Purpose.LEAVE, found[1], found[2]):
            return LinkProblem.FORGED
        return found[1]

    def read_preferences(self, token: str, *, now: datetime) -> str | LinkProblem:
        """Give the public id that a preferences token was made for, while it lasts."""
        found = _PREFERENCES.fullmatch(token)
        if not found or not self._signed(Purpose.PREFERENCES, f"{found[1]}.{found[2]}", found[3]):
            return LinkProblem.FORGED
        expired = now > _DAY_ZERO + timedelta(days=int(found[2])) + PREFERENCES_LAST
        return LinkProblem.EXPIRED if expired else found[1]

    def _signed(self, purpose: Purpose, claim: str, signature: str) -> bool:
        expected = [_signature(key, purpose, claim) for key in self.keys]
        return any(hmac.compare_digest(one, signature) for one in expected)


def _signature(key: bytes, purpose: Purpose, claim: str) -> str:
    mac = hmac.digest(key, f"{purpose}:{claim}".encode(), "sha256")[:16]
    return urlsafe_b64encode(mac).rstrip(b"=").decode()
