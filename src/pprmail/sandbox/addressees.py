"""Addressees: whom a request is for, read out of a body that nobody has checked yet."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from pprmail.sandbox.mail import RECIPIENT_FIELDS

# The dotted field that SendGrid names an address by, and the address.
Addressee = tuple[str, str]


def message_in(body: bytes) -> dict[str, Any]:
    """Read a message; whatever isn't one is empty, for it is refused elsewhere."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def matching(message: dict[str, Any], patterns: tuple[str, ...]) -> list[Addressee]:
    """List the addressees that one of the patterns fits, whatever the case of the letters."""
    return [
        (field, address)
        for field, address in _addressees(message)
        if any(fnmatchcase(address.lower(), pattern.lower()) for pattern in patterns)
    ]


def _addressees(message: dict[str, Any]) -> Iterator[Addressee]:
    for index, each in _items(message.get("personalizations")):
        for name in RECIPIENT_FIELDS:
            for place, person in _items(each.get(name)):
                email = person.get("email")
                if isinstance(email, str):
                    yield f"personalizations.{index}.{name}.{place}.email", email


def _items(value: object) -> list[tuple[int, dict[str, Any]]]:
    listed = value if isinstance(value, list) else []
    return [(place, each) for place, each in enumerate(listed) if isinstance(each, dict)]
