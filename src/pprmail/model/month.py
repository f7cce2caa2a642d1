"""A month, written YYYY-MM: the name of an issue and of the summaries it holds."""

import re
from calendar import month_name
from datetime import datetime
from typing import Final, NewType
from zoneinfo import ZoneInfo

Month = NewType("Month", str)

_FORM: Final = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])", re.ASCII)


def parse_month(text: str) -> Month:
    """Read "2026-11"; anything else is a ValueError that shows the form."""
    if not _FORM.fullmatch(text):
        raise ValueError(f"“{text}” is not a month; write it as 2026-11")
    return Month(text)


def month_at(now: datetime, zone: ZoneInfo) -> Month:
    """Name the month that the newsletter's own zone is in."""
    return Month(now.astimezone(zone).strftime("%Y-%m"))


def month_in_words(month: Month) -> str:
    """Write "November 2026"."""
    year, number = year_and_number(month)
    return f"{month_name[number]} {year}"


def month_after(month: Month) -> Month:
    """Name the next month."""
    year, number = year_and_number(month)
    return Month(f"{year + number // 12:04d}-{number % 12 + 1:02d}")


def months_after(month: Month, *, count: int) -> list[Month]:
    """Name the next months."""
    named = [month_after(month)]
    while len(named) < count:
        named.append(month_after(named[-1]))
    return named


def year_before(month: Month) -> Month:
    """Name the month after the same month of last year, so that a year ends with the given one."""
    year, number = year_and_number(month)
    return month_after(Month(f"{year - 1:04d}-{number:02d}"))


def year_and_number(month: Month) -> tuple[int, int]:
    """Take "2026-11" apart into 2026 and 11."""
    year, number = month.split("-")
    return int(year), int(number)
