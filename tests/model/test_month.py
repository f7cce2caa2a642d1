"""A month: how it is written, and which one it is where the newsletter is at home."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pprmail.model.month import (
    Month,
    month_after,
    month_at,
    month_in_words,
    months_after,
    parse_month,
    year_and_number,
    year_before,
)


@pytest.mark.parametrize("text", ["1900-01", "2026-11", "2099-12"])
def test_a_month_is_read_as_it_is_written(text: str) -> None:
    assert parse_month(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-1",
        "2026-00",
        "2026-13",
        "26-11",
        "2126-11",
        "2026-11-01",
        "2026/11",
        " 2026-11",
        "2026-11\n",
        "November 2026",
        # Digits of other scripts look alike, and would name a second issue of the same month.
        "20２６-11",
        "20٢٦-11",
    ],
)
def test_anything_else_is_refused_and_the_form_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 2026-11"):
        parse_month(text)


def test_the_months_of_a_century_follow_each_other_in_the_order_of_their_names() -> None:
    month, seen = Month("1999-12"), list[str]()
    while month != "2099-12":
        month = month_after(month)
        seen.append(parse_month(month))
    assert len(seen) == 1200
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/Toronto", "2026-10"),
        ("Pacific/Pago_Pago", "2026-10"),
        ("UTC", "2026-11"),
        ("Asia/Kathmandu", "2026-11"),
    ],
)
def test_the_month_is_the_one_of_the_newsletters_own_zone(zone: str, expected: str) -> None:
    assert month_at(datetime(2026, 11, 1, 3, 59, tzinfo=UTC), ZoneInfo(zone)) == expected


def test_a_month_is_said_as_readers_say_it() -> None:
    assert month_in_words(Month("2026-11")) == "November 2026"
    assert month_in_words(Month("2027-01")) == "January 2027"
    assert year_and_number(Month("2027-01")) == (2027, 1)


def test_the_next_months_and_the_year_that_ends_now() -> None:
    assert months_after(Month("2026-11"), count=3) == ["2026-12", "2027-01", "2027-02"]
    assert year_before(Month("2026-11")) == "2025-12"
    assert year_before(Month("2026-12")) == "2026-01"
