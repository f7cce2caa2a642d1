"""Passwords: hashed slowly, checked as slowly for names that nobody has."""

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Final
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE: Final = 2
"""How many are worked on at a time: each takes 46 MB, and strangers may send any number."""

ROUNDS: Final = 2
KIBIBYTES: Final = 47_104


def argon2id() -> PasswordHasher:
    """Give the hasher: twice the work that OWASP asks for at least, about a tenth of a second."""
    return PasswordHasher(time_cost=ROUNDS, memory_cost=KIBIBYTES, parallelism=1)


@dataclass(frozen=True)
class Passwords:
    """Hashes by argon2id, and compares in the same time whether there is a hash or not."""

    hasher: PasswordHasher = field(default_factory=argon2id)
    _turns: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    _nobodys: list[str] = field(default_factory=list)

    def hashed(self, password: str) -> str:
        """Hash a password, whole, however long it is."""
        with self._turns:
            return self.hasher.hash(_composed(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Tell whether a password is the one that was hashed; without one, after the same work."""
        compared = kept or self._one_of_nobody()
        with self._turns:
            try:
                self.hasher.verify(compared, _composed(password))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than are used today."""
        return self.hasher.check_needs_rehash(kept)

    def _one_of_nobody(self) -> str:
        if not self._nobodys:
            self._nobodys.append(self.hashed("a password that nobody has"))
        return self._nobodys[0]


def _composed(password: str) -> str:
    # The same letters are typed as different code points on different keyboards.
    return normalize("NFKC", password)
