"""What other systems call the standing of a reader, in English and in French."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from pprmail.model.subscriber import EndReason, SubscriberStatus


@dataclass(frozen=True)
class Standing:
    """Whether letters go to an address, and if not, why."""

    status: SubscriberStatus
    end_reason: EndReason | None = None

    @property
    def in_words(self) -> str:
        """Say it as the rows do."""
        return f"{self.status} ({self.end_reason})" if self.end_reason else str(self.status)


OWN: Final = {
    "active": Standing(SubscriberStatus.ACTIVE),
    "pending": Standing(SubscriberStatus.PENDING),
    "ended": Standing(SubscriberStatus.ENDED, EndReason.IMPORTED),
}
_ACTIVE: Final = ("subscribed", "subscriber", "actif", "active", "abonne", "abonnee", "inscrit")
_PENDING: Final = ("unconfirmed", "not confirmed", "en attente", "non confirme", "a confirmer")
_UNSUBSCRIBED: Final = (
    *("unsubscribed", "unsubscribe", "opted out", "opt out", "optout", "removed"),
    *("desabonne", "desabonnee", "desinscrit", "desinscrite", "desinscription"),
)
_BOUNCED: Final = (
    *("bounced", "bounce", "hard bounce", "hard bounced", "cleaned", "undeliverable", "invalid"),
    *("rebond", "rebondi", "rejete", "rejetee", "nettoye", "invalide", "non livrable"),
)
_COMPLAINED: Final = (
    *("complained", "complaint", "spam", "spam complaint", "spam report", "abuse"),
    *("plainte", "plainte pour spam", "signale comme spam", "indesirable"),
)
_WORDS: Final = {
    **dict.fromkeys(_ACTIVE, OWN["active"]),
    **dict.fromkeys(_PENDING, OWN["pending"]),
    **dict.fromkeys(_UNSUBSCRIBED, Standing(SubscriberStatus.ENDED, EndReason.UNSUBSCRIBED)),
    **dict.fromkeys(_BOUNCED, Standing(SubscriberStatus.ENDED, EndReason.BOUNCED)),
    **dict.fromkeys(_COMPLAINED, Standing(SubscriberStatus.ENDED, EndReason.COMPLAINED)),
    **OWN,
}


def standing(word: str) -> Standing:
    """Say what a word of a list means; a word that nobody knows is a ValueError."""
    found = _WORDS.get(_folded(word))
    if found is None:
        raise ValueError(
            f"status: “{word}” is not known; write active, pending or ended "
            "(also understood: subscribed, unsubscribed, bounced, complained)"
        )
    return found


def _folded(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(plain.replace("-", " ").replace("_", " ").split())
