"""The name that greets a reader: one rule for every form that takes it."""

from typing import Final

from pprmail.model.personal import LONGEST_NAME

LONGEST_FIELD: Final = 1000
"""A field that is longer is no name at all; up to here it is shown again to be mended."""

LONG_NAME: Final = f"Please give a name of {LONGEST_NAME} letters at most."
ODD_NAME: Final = "Please give a name without web addresses and other special signs."
MARKS_OF_LINKS: Final = ("://", "www.", "@", "<", ">")
"""A name stands in every letter: whoever has but a forwarded link, or types an address that is
somebody else's, shall not advertise there."""


def one_line(name: str | None) -> str:
    """Write a name as it is kept."""
    return " ".join((name or "").split())


def problem_of_name(name: str | None, *, before: str | None = None) -> str:
    """Say what is wrong with a name, if anything is; one that is as it was `before` is taken.

    A list or an older form may have let through what is refused now.
    """
    name = one_line(name)
    if name == one_line(before):
        return ""
    if len(name) > LONGEST_NAME:
        return LONG_NAME
    is_odd = any(mark in name.lower() for mark in MARKS_OF_LINKS)
    return ODD_NAME if is_odd or not name.isprintable() else ""
