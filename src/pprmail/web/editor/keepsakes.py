"""Keepsakes: what a page keeps for its editor beyond a session, closed so that nobody else uses it."""

from typing import Final

from starlette.requests import Request

from pprmail.bootstrap import utc_now
from pprmail.model.sealed import Seal
from pprmail.web.answers import app_of

PROOF: Final = "form that waits for a proof"
OFFER: Final = "secret offered to an app"


def sealed(request: Request, purpose: str, words: str) -> str:
    """Close words for a hidden field; they open for half a day, for the same purpose alone."""
    return Seal.of(app_of(request).signer, purpose).closed(words, now=utc_now())


def opened(request: Request, purpose: str, field: str) -> str | None:
    """Give the words back; None where they are too old, or were never closed here for that."""
    return Seal.of(app_of(request).signer, purpose).opened(field, now=utc_now())
