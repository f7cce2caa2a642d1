"""Growth: how many readers came and went in each month, and how many there were at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pprmail.model.month import Month, month_after, year_and_number


@dataclass(frozen=True)
class Span:
    """A month of the newsletter's zone as two instants; the second is no part of it."""

    month: Month
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Growth:
    """A month's readers: those who came, those who went, and the total at its end."""

    month: Month
    gained: int
    left: int
    total: int


def span_of(month: Month, zone: ZoneInfo) -> Span:
    """Say from when to when a month lasts where the newsletter is at home."""
    return Span(month, _first_moment(month, zone), _first_moment(month_after(month), zone))


def growth_of(counted: Sequence[tuple[Month, int, int]], *, total: int) -> list[Growth]:
    """Work out the totals backwards from the last month's; the months are in order."""
    grown: list[Growth] = []
    for month, gained, left in reversed(counted):
        grown.insert(0, Growth(month, gained, left, total))
        total += left - gained
    return grown


def months_of(year: int) -> list[Month]:
    """Name the twelve months of a year."""
    return [Month(f"{year:04d}-{number:02d}") for number in range(1, 13)]


def _first_moment(month: Month, zone: ZoneInfo) -> datetime:
    year, number = year_and_number(month)
    return datetime(year, number, 1, tzinfo=zone).astimezone(UTC)
