"""The name of an issue: its month, 2026-11, or a correction of that month, 2026-11-c1."""

import re
from typing import Final

from pprmail.model.month import parse_month

_CORRECTION: Final = re.compile(r"(.+)-c[1-9][0-9]{0,3}", re.ASCII)


def parse_issue_name(text: str) -> str:
    """Read a name; anything else is a ValueError that shows both forms."""
    found = _CORRECTION.fullmatch(text)
    try:
        parse_month(found[1] if found else text)
    except ValueError:
        raise ValueError(
            f"“{text}” is no issue; write it as 2026-11, or 2026-11-c1 for a correction"
        ) from None
    return text
