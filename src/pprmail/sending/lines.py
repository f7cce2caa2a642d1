"""Lines: what may stand in a header, in an address on the wire, and in the reason of a receipt."""

import re
from typing import Final

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST_REASON: Final = 500

_NOT_OF_A_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one_line(text: str) -> str:
    """Make a text one line without control characters, so that it can't begin another header."""
    return " ".join(_NOT_OF_A_LINE.sub(" ", text).split())


def reason(text: str) -> str:
    """Make what a provider said fit to be kept and shown: short, and without addresses or keys."""
    words = ("…" if "@" in word or "SG." in word else word for word in one_line(text).split())
    return " ".join(words)[:LONGEST_REASON]


def is_address(text: str) -> bool:
    """Tell whether a provider could take this for an address at all."""
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True


def ascii_address(address: str) -> str:
    """Write the domain of an address in ASCII, as it is looked up; providers take no other."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        # It is no domain at all: the provider refuses this recipient by name.
        return address
