"""Cells of a table that a person may open: no program for tables is to take one for a formula.

Such a program works out a cell that begins with one of a few signs, and may send what stands
beside it to anybody. An apostrophe before the sign makes it words.
"""

import re
from typing import Final

_SIGNS: Final = "=+\\-@\t\r\n＝＋－＠"
_TO_BE_GUARDED: Final = re.compile(rf"[' ]*[{_SIGNS}]")
_GUARDED: Final = re.compile(rf"'[' ]*[{_SIGNS}]")


def guarded(text: str) -> str:
    """Put an apostrophe before what could be a formula, or could be taken for a guarded one."""
    return f"'{text}" if _TO_BE_GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophe off that `guarded` has put before a text, and no other."""
    return text[1:] if _GUARDED.match(text) else text
