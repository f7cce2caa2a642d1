"""Sealed words: what an editor looks for may name a reader, and stands in no address of a page."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from pprmail.model.link import Signer

GOOD_FOR: Final = timedelta(hours=12)
"""A search is for a day's work, not for a bookmark."""


@dataclass(frozen=True)
class Seal:
    """Closes words so that only this installation reads them, and only for half a day."""

    lock: MultiFernet

    @classmethod
    def of(cls, signer: Signer, purpose: str = "sealed words") -> "Seal":
        """Make a seal of the keys that sign readers' links; what those do, it does not.

        What is closed for one purpose opens for no other.
        """
        return cls(MultiFernet([Fernet(_key(secret, purpose)) for secret in signer.keys]))

    def closed(self, words: str, *, now: datetime) -> str:
        """Give words as a name that tells nobody anything."""
        return self.lock.encrypt_at_time(words.encode(), int(now.timestamp())).decode()

    def opened(self, name: str, *, now: datetime) -> str | None:
        """Give the words back; None where they are too old, or were never sealed here."""
        seconds, at = int(GOOD_FOR.total_seconds()), int(now.timestamp())
        try:
            return self.lock.decrypt_at_time(name.encode(), seconds, at).decode()
        except InvalidToken:
            return None


def _key(secret: bytes, purpose: str) -> bytes:
    return urlsafe_b64encode(sha256(purpose.encode() + b"\0" + secret).digest())
