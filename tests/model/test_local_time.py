from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pprmail.model.local_time import read_local, written

TORONTO = ZoneInfo("America/Toronto")


def test_a_local_time_is_read_in_the_newsletters_zone_and_written_back() -> None:
    read = read_local("2026-12-01", "09:00", TORONTO)
    assert (read.moment, read.remark) == (datetime(2026, 12, 1, 14, tzinfo=UTC), "")
    assert written(read.moment, TORONTO) == ("2026-12-01", "09:00")


def test_a_time_that_clocks_leave_out_is_refused_and_the_next_one_named() -> None:
    with pytest.raises(ValueError, match=r"02:30 does not come\. Choose 03:30"):
        read_local("2026-03-08", "02:30", TORONTO)


def test_a_time_that_comes_twice_is_the_first_and_that_is_told() -> None:
    read = read_local("2026-11-01", "01:30", TORONTO)
    assert read.moment == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert "comes twice. The first is meant (EDT)" in read.remark


@pytest.mark.parametrize(
    ("day", "hour"), [("1 Dec", "09:00"), ("2026-12-01", "nine"), ("2026-12-01", "09:00+01:00")]
)
def test_anything_else_is_refused_with_the_form(day: str, hour: str) -> None:
    with pytest.raises(ValueError, match="Give the"):
        read_local(day, hour, TORONTO)


@pytest.mark.parametrize(
    ("day", "hour", "zone"),
    [("9999-12-31", "23:00", "America/Toronto"), ("0001-01-01", "01:00", "Pacific/Auckland")],
)
def test_a_day_at_the_end_of_the_calendar_is_refused_in_words(
    day: str, hour: str, zone: str
) -> None:
    with pytest.raises(ValueError, match="too far off"):
        read_local(day, hour, ZoneInfo(zone))
