"""Addresses as people write them: taken as they are, if a provider takes them."""

import re
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

_PLAIN_LOCAL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_LONGEST_LOCAL: Final = 64
_LONGEST: Final = 254


def checked_address(text: str) -> str:
    """Give an address as it was written, if a provider takes it; otherwise a ValueError.

    Quoted and non-ASCII local parts are refused: providers do not take them.
    """
    address = text.strip()
    if _is_plain(address):
        return address
    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(f"“{address}” is no address a letter can go to: {error}") from None
    return address


def _is_plain(address: str) -> bool:
    """Tell of most addresses at once that they are good, as readers share their domains."""
    local, _, domain = address.rpartition("@")
    return (
        len(local) <= _LONGEST_LOCAL
        and len(address) <= _LONGEST
        and address.isascii()
        and _PLAIN_LOCAL.fullmatch(local) is not None
        and _is_domain(domain)
    )


@lru_cache(maxsize=10_000)
def _is_domain(domain: str) -> bool:
    try:
        validate_email(f"a@{domain}", check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True
