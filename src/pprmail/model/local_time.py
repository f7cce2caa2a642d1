"""A local date and time, as a person writes it, becomes one moment; clock changes are told."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class LocalTime:
    """A moment, and what a person should know of how it was read."""

    moment: datetime
    remark: str = ""


def read_local(day: str, hour: str, zone: ZoneInfo) -> LocalTime:
    """Read "2026-12-01" and "09:00" in the newsletter's zone.

    A time that clocks leave out is a ValueError that says so; one that comes twice is the first.
    """
    local = datetime.combine(_date(day), _time(hour))
    first = local.replace(tzinfo=zone)
    second = first.replace(fold=1)
    moment = _in_utc(first)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        after = moment.astimezone(zone)
        raise ValueError(
            f"On {local.day} {local:%B %Y} clocks go forward, and {local:%H:%M} does not come. "
            f"Choose {after:%H:%M}, or a time before the change."
        )
    if first.utcoffset() == second.utcoffset():
        return LocalTime(moment)
    return LocalTime(
        moment,
        f"On {local.day} {local:%B %Y} clocks go back, and {local:%H:%M} comes twice. "
        f"The first is meant ({first.tzname()}).",
    )


def written(moment: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Write a moment as the two fields of a form."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"


def _in_utc(local: datetime) -> datetime:
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise ValueError("This day is too far off. Choose one that is nearer.") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("Give the day as 2026-12-01.") from None


def _time(text: str) -> time:
    try:
        given = time.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("Give the time as 09:00.") from None
    if given.tzinfo is not None:
        raise ValueError("Give the time as 09:00, in the newsletter’s own zone.")
    return given.replace(second=0, microsecond=0)
