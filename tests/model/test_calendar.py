"""The month's calendar: the nth weekday in any zone, once a month, also when clocks change."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pprmail.model.calendar import MonthlyTime, in_words, last_night
from pprmail.model.month import Month, month_after, month_at, year_and_number

WEEKDAYS = "mon tue wed thu fri sat sun".split()
NTH = ("1st", "2nd", "3rd", "4th", "last")
TORONTO = ZoneInfo("America/Toronto")
# East and west of Greenwich, a quarter of an hour apart, and days that begin before all others.
ZONES = [
    ZoneInfo(name)
    for name in (
        "America/Toronto",
        "Europe/Berlin",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "UTC",
    )
]
MONTHS = [Month(f"{year}-{number:02d}") for year in (2026, 2027, 2028) for number in range(1, 13)]
DAYS = [f"{nth} {weekday}" for nth in NTH for weekday in WEEKDAYS] + ["1", "15", "28", "last"]


def _expected_day(day: str, month: Month) -> date:
    """Find the day as one does on a wall calendar."""
    year, number = year_and_number(month)
    dates = [date(year, number, n + 1) for n in range(monthrange(year, number)[1])]
    if day.isdigit():
        return dates[int(day) - 1]
    nth, _, weekday = day.partition(" ")
    fitting = [d for d in dates if not weekday or WEEKDAYS[d.weekday()] == weekday]
    return fitting[-1 if nth == "last" else NTH.index(nth)]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("day", DAYS)
def test_a_day_is_the_one_on_the_wall_calendar(day: str, zone: ZoneInfo) -> None:
    time = MonthlyTime.parse(f"{day} 09:05")
    for month in MONTHS[::5]:
        local = time.in_month(month, zone).astimezone(zone)
        assert (local.date(), local.hour, local.minute) == (_expected_day(day, month), 9, 5)


@pytest.mark.parametrize(
    ("text", "month", "expected"),
    [
        ("1st mon 09:00", "2026-06", "2026-06-01T13:00"),
        ("1st mon 09:00", "2026-11", "2026-11-02T14:00"),
        ("2nd tue 09:00", "2026-09", "2026-09-08T13:00"),
        ("last fri 16:00", "2026-02", "2026-02-27T21:00"),
        ("last 23:59", "2028-02", "2028-03-01T04:59"),
    ],
)
def test_a_moment_is_given_in_utc(text: str, month: str, expected: str) -> None:
    moment = MonthlyTime.parse(text).in_month(Month(month), TORONTO)
    assert moment == datetime.fromisoformat(f"{expected}+00:00")
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "month", "expected"),
    [
        ("2nd sun 04:00", "2026-03", "04:00 EDT"),
        ("1st sun 04:00", "2026-11", "04:00 EST"),
    ],
)
def test_on_the_day_when_clocks_change_the_new_time_holds(
    text: str, month: str, expected: str
) -> None:
    moment = MonthlyTime.parse(text).in_month(Month(month), TORONTO)
    assert in_words(moment, TORONTO).endswith(expected)


# A few places change their clocks on the evening before.
@pytest.mark.parametrize(
    ("text", "month", "zone", "expected"),
    [
        ("1st sat 22:30", "2026-09", "Pacific/Easter", "2026-09-05T23:30-05:00"),
        ("last sat 23:30", "2026-03", "America/Nuuk", "2026-03-29T00:30-01:00"),
    ],
)
def test_a_time_that_a_change_leaves_out_comes_an_hour_later(
    text: str, month: str, zone: str, expected: str
) -> None:
    moment = MonthlyTime.parse(text).in_month(Month(month), ZoneInfo(zone))
    assert moment == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "month", "zone"),
    [
        ("1st sat 21:30", "2026-04", "Pacific/Easter"),
        ("4th sat 23:30", "2026-10", "America/Nuuk"),
    ],
)
def test_a_time_that_a_change_brings_twice_comes_once(text: str, month: str, zone: str) -> None:
    place = ZoneInfo(zone)
    time = MonthlyTime.parse(text)
    moment = time.in_month(Month(month), place)
    assert month_at(time.next_after(moment, place), place) != month


@given(
    st.sampled_from(DAYS),
    st.integers(4, 23),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_every_month_to_come_has_one_moment(
    day: str, hour: int, zone: ZoneInfo, now: datetime
) -> None:
    moments = MonthlyTime(day, hour, 30).upcoming(now, zone, count=13)
    assert moments == sorted(moments)
    assert all(moment > now for moment in moments)
    months = [month_at(moment, zone) for moment in moments]
    assert len(set(months)) == 13
    assert months[1:] == [month_after(month) for month in months[:-1]]
    assert months[0] in {month_at(now, zone), month_after(month_at(now, zone))}


def test_the_moment_itself_is_not_the_next_one() -> None:
    time = MonthlyTime.parse("1st mon 09:00")
    moment = time.in_month(Month("2026-12"), TORONTO)
    assert time.next_after(moment - timedelta(microseconds=1), TORONTO) == moment
    assert time.next_after(moment, TORONTO) == time.in_month(Month("2027-01"), TORONTO)


def test_a_time_is_read_in_any_case_and_spacing() -> None:
    assert MonthlyTime.parse("  2ND  Tue 9:00 ") == MonthlyTime("2nd tue", 9, 0)
    assert MonthlyTime.parse("LAST 23:59") == MonthlyTime("last", 23, 59)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "monday 09:00",
        "5th mon 09:00",
        "1st 09:00",
        "0 09:00",
        "29 09:00",
        "31 09:00",
        "1st mon",
        "1st mon 9",
        "1st mon 09:00:00",
        "1-3 09:00",
        "* 09:00",
        "1st mon,2nd mon 09:00",
    ],
)
def test_anything_else_is_refused_and_the_form_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match="write it as “1st mon 09:00”"):
        MonthlyTime.parse(text)


@pytest.mark.parametrize("time", ["00:00", "02:30", "03:59", "24:00", "09:60"])
def test_a_time_at_which_clocks_change_is_refused(time: str) -> None:
    with pytest.raises(ValueError, match="from 04:00 to 23:59"):
        MonthlyTime.parse(f"1st mon {time}")


def test_a_moment_is_said_as_in_the_newsletters_zone() -> None:
    moment = datetime(2026, 12, 9, 3, 0, tzinfo=UTC)
    assert in_words(moment, TORONTO) == "Tue 8 December 2026, 22:00 EST"
    assert in_words(moment, ZoneInfo("Europe/Berlin")) == "Wed 9 December 2026, 04:00 CET"


@given(
    minutes=st.integers(0, 3 * 365 * 24 * 60),
    zone=st.sampled_from(ZONES),
)
def test_the_last_night_has_passed_and_comes_once_a_day(minutes: int, zone: ZoneInfo) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    night = last_night(now, zone)
    assert night <= now < night + timedelta(hours=26)
    assert night.astimezone(zone).hour == 3
    assert last_night(night, zone) == night


def test_three_o_clock_begins_a_night() -> None:
    three = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert last_night(three, TORONTO) == three
    assert last_night(three - timedelta(seconds=1), TORONTO) == three - timedelta(days=1)
