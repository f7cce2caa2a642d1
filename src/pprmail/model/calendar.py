"""The month's calendar: on which day, at what time, something is due."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from pprmail.model.month import Month, month_after, month_at, year_and_number

_TIME: Final = re.compile(r"(?P<day>[a-z0-9 ]+) (?P<hour>\d{1,2}):(?P<minute>\d\d)")
_WEEKDAY: Final = re.compile(r"(1st|2nd|3rd|4th|last) (mon|tue|wed|thu|fri|sat|sun)")
_NUMBER: Final = re.compile(r"([1-9]|1\d|2[0-8])|last")

FIRST_SAFE_HOUR: Final = 4
"""Clocks change between midnight and three: such a time may come twice in a night, or never."""


@dataclass(frozen=True)
class MonthlyTime:
    """A moment that comes once in every month: "1st mon 09:00", "15 07:30", "last fri 16:00"."""

    day: str
    hour: int
    minute: int

    @classmethod
    def parse(cls, text: str) -> "MonthlyTime":
        """Read a monthly time; anything else is a ValueError that shows the form."""
        found = _TIME.fullmatch(" ".join(text.lower().split()))
        if not found or not (_WEEKDAY.fullmatch(found["day"]) or _NUMBER.fullmatch(found["day"])):
            raise ValueError(
                f"“{text}” is no monthly time; write it as “1st mon 09:00”, “last fri 16:00” "
                "or “15 09:00” (days 1 to 28, or last)"
            )
        hour, minute = int(found["hour"]), int(found["minute"])
        if not FIRST_SAFE_HOUR <= hour <= 23 or minute > 59:
            raise ValueError(f"“{text}”: give a time from 04:00 to 23:59, when clocks never change")
        return cls(found["day"], hour, minute)

    def in_month(self, month: Month, zone: ZoneInfo) -> datetime:
        """Give the one moment of this month, in UTC."""
        year, number = year_and_number(month)
        trigger = CronTrigger(
            year=year, month=number, day=self.day, hour=self.hour, minute=self.minute, timezone=zone
        )
        month_begins = datetime(year, number, 1, tzinfo=UTC) - timedelta(days=2)
        moment: datetime = trigger.get_next_fire_time(None, month_begins)
        return moment.astimezone(UTC)

    def next_after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Give the first such moment after now, in UTC."""
        return self.upcoming(now, zone, count=1)[0]

    def upcoming(self, now: datetime, zone: ZoneInfo, *, count: int) -> list[datetime]:
        """Give the next moments, in UTC."""
        month, moments = month_at(now, zone), list[datetime]()
        while len(moments) < count:
            moment = self.in_month(month, zone)
            moments += [moment] if moment > now else []
            month = month_after(month)
        return moments


def last_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Give the latest three o'clock in the morning that has passed, in UTC.

    Clocks may change just then, so it serves to ask what was done since, not when to do it.
    """
    local = now.astimezone(zone)
    three = local.replace(hour=3, minute=0, second=0, microsecond=0)
    return (three if three <= local else three - timedelta(days=1)).astimezone(UTC)


def day_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """Write the day of a moment: "Tuesday 8 December 2026"."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y}"


def date_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """Write the date of a moment: "8 December 2026"."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """Write a moment as people of the newsletter's zone say it: "Tue 8 December 2026, 09:00 EST"."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%B %Y, %H:%M %Z}"
