"""Numbers as papers print them: a leading zero or none, and three signs that all mean minus."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

HYPHEN, MINUS, DASH = "-", "−", "–"
NUMBER: Final = (
    rf"[{HYPHEN}{MINUS}{DASH}]?"
    r"(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)(?:\.\d{1,9})?|\d{1,12}(?:\.\d{1,9})?|\.\d{1,9})"
)
"""A number with its sign; “1,234” is one number, and so is “.05”."""


@dataclass(frozen=True)
class Numeral:
    """A number, and half of the last digit that is printed of it."""

    value: Decimal
    rounding: Decimal


def numeral(printed: str) -> Numeral:
    """Read a number that `NUMBER` found."""
    plain = re.sub(rf"^[{HYPHEN}{MINUS}{DASH}]", "-", printed.strip()).replace(",", "")
    value = Decimal(plain)
    decimals = len(plain.partition(".")[2])
    return Numeral(value, Decimal(5) / 10 ** (decimals + 1))
