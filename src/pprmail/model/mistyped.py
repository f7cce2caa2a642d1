"""Mistyped domains: gmial.com is most likely gmail.com. It is a hint, and nothing is changed by it."""

from difflib import get_close_matches
from typing import Final

USUAL: Final = (
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.ca",
    "outlook.com",
    "live.com",
    "live.ca",
    "msn.com",
    "yahoo.com",
    "yahoo.ca",
    "yahoo.co.uk",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "proton.me",
    "protonmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "rogers.com",
    "bell.net",
    "sympatico.ca",
    "shaw.ca",
    "telus.net",
    "videotron.ca",
    "comcast.net",
    "btinternet.com",
    "orange.fr",
    "uottawa.ca",
    "utoronto.ca",
    "mcgill.ca",
    "ubc.ca",
)
ALIKE: Final = 0.84
LONG_ENOUGH: Final = 8
"""Short domains resemble each other by chance: me.com and mme.com may both be meant."""


def likely_meant(address: str) -> str:
    """Give the address that was likely meant, or nothing."""
    local, _, domain = address.strip().rpartition("@")
    typed = domain.lower()
    if typed in USUAL or len(typed) < LONG_ENOUGH:
        return ""
    close = get_close_matches(typed, USUAL, n=1, cutoff=ALIKE)
    return f"{local}@{close[0]}" if close else ""
