"""Lists of subscribers: good lines are read, each bad one is refused with its place and reason."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from making import ALLIANCE, MASTHEAD, TOPICS, TRAINING
from pprmail.errors import SourceError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import ConsentKind, SubscriberStatus
from pprmail.sources.subscriber_list import (
    COLUMNS,
    Origin,
    SubscriberList,
    Told,
    one_subscriber,
    read_subscribers,
)


def _read(folder: Path, *lines: str, encoding: str = "utf-8") -> SubscriberList:
    path = folder / "list.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return read_subscribers(Told(path, MASTHEAD.zone), TOPICS)


def _reason(found: SubscriberList, number: int) -> str:
    (refused,) = found.refused
    assert refused.where.endswith(f"list.csv:line {number}")
    return refused.reason


def test_every_column_is_read_behind_a_byte_order_mark(tmp_path: Path) -> None:
    values = "Ann@Example.org,Ann Lee,Training; alliance and therapeutic relationship ;,skip,"
    consent = "active,website form,2026-01-02T09:30+00:00,express"
    found = _read(tmp_path, ",".join(COLUMNS), values + consent, encoding="utf-8-sig")
    ((place, line),) = found.lines
    assert place.endswith("list.csv:line 2")
    assert (line.email, line.key, line.name) == ("Ann@Example.org", "ann@example.org", "Ann Lee")
    assert line.topics == [TRAINING, ALLIANCE]
    assert (line.no_match, line.status) == (NoMatch.SKIP, SubscriberStatus.ACTIVE)
    assert (line.consent_source, line.consent_kind) == ("website form", ConsentKind.EXPRESS)
    assert line.consent_at == datetime(2026, 1, 2, 9, 30, tzinfo=UTC)


def test_a_file_that_says_nothing_of_topics_differs_from_one_that_names_none(
    tmp_path: Path,
) -> None:
    ((_, silent),) = _read(tmp_path, "email", "ann@example.org").lines
    ((_, none),) = _read(tmp_path, "email,topics", "ann@example.org,").lines
    assert silent.topics is None
    assert none.topics == []


def test_a_topic_named_twice_is_kept_once(tmp_path: Path) -> None:
    ((_, line),) = _read(tmp_path, "email,topics", "ann@example.org,CBT;cbt;Training").lines
    assert line.topics is not None
    assert len(line.topics) == 2


def test_an_unknown_topic_refuses_its_line_alone_and_names_the_one_meant(tmp_path: Path) -> None:
    lines = ["email,topics", "ann@example.org,Trainning", "bob@example.org,Training"]
    found = _read(tmp_path, *lines)
    assert _reason(found, 2) == "“Trainning” is no topic (did you mean “Training”?)"
    assert [line.email for _, line in found.lines] == ["bob@example.org"]


def test_an_address_that_differs_by_case_alone_is_the_same(tmp_path: Path) -> None:
    found = _read(tmp_path, "email", "ann@example.org", "Bob@example.org", "ANN@Example.ORG")
    assert _reason(found, 4) == "the same address stands in line 2 already"
    assert len(found.lines) == 2


@pytest.mark.parametrize(
    "address",
    ["ann", "ann@", "@example.org", "a b@example.org", '"a b"@example.org', "änn@example.org", ""],
)
def test_a_bad_address_names_its_line(tmp_path: Path, address: str) -> None:
    quoted = address.replace('"', '""')
    found = _read(tmp_path, "email,name", "bob@example.org,Bob", f'"{quoted}",Ann')
    assert _reason(found, 3)
    assert len(found.lines) == 1


def test_places_count_lines_of_the_file_and_not_rows(tmp_path: Path) -> None:
    found = _read(tmp_path, "email,name", 'ann@example.org,"Ann\r\nLee"', "", "bob,Bob")
    assert "“bob” is no address" in _reason(found, 5)
    assert found.lines[0][1].name == "Ann Lee"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("name", "a" * 201, "name: "),
        ("name", "Ann\x1b[31m", "control characters"),
        ("no_match", "maybe", "no_match: "),
        ("status", "happy", "status: "),
        ("consent_at", "last spring", "“last spring” is no date"),
        ("consent_kind", "shrug", "consent_kind: "),
    ],
)
def test_a_bad_value_names_its_column(tmp_path: Path, column: str, value: str, reason: str) -> None:
    assert reason in _reason(_read(tmp_path, f"email,{column}", f"ann@example.org,{value}"), 2)


def test_a_line_with_a_column_too_many_is_refused(tmp_path: Path) -> None:
    found = _read(tmp_path, "email,name", "ann@example.org,Lee, Ann")
    assert _reason(found, 2) == "it has 3 columns, the first line has 2"


@pytest.mark.parametrize("header", ["mail;name", "name,topics", "email,email", "email,mood"])
def test_a_first_line_that_names_no_columns_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(SourceError, match="does not name the columns") as caught:
        _read(tmp_path, header, "ann@example.org,Ann")
    assert caught.value.where.endswith("list.csv:1")
    assert "parted by commas" in caught.value.remedy


def test_a_quote_that_is_never_closed_is_no_csv(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not CSV"):
        _read(tmp_path, "email,name", 'ann@example.org,"Ann')


def _by_hand(zone: ZoneInfo = MASTHEAD.zone, **given: str) -> SubscriberList:
    given["email"] = "ann@example.org"
    return one_subscriber(given, TOPICS, zone=zone, origin=Origin.OPERATOR)


def test_a_subscriber_given_by_hand_is_checked_as_a_line_is() -> None:
    ((place, line),) = _by_hand().lines
    assert (place, line.email) == ("the address given", "ann@example.org")
    (refused,) = _by_hand(topics="Hats").refused
    assert "“Hats” is no topic" in refused.reason


def test_a_line_knows_whether_a_list_or_a_person_says_it(tmp_path: Path) -> None:
    ((_, listed),) = _read(tmp_path, "email", "ann@example.org").lines
    ((_, given),) = _by_hand().lines
    assert (listed.origin, given.origin) == (Origin.LIST, Origin.OPERATOR)


@pytest.mark.parametrize(
    ("zone", "day", "begun"),
    [
        ("America/Toronto", "2026-01-05", datetime(2026, 1, 5, 5, tzinfo=UTC)),
        ("America/Toronto", "2026-07-05T09:30", datetime(2026, 7, 5, 13, 30, tzinfo=UTC)),
        ("Europe/Berlin", "2026-01-05", datetime(2026, 1, 4, 23, tzinfo=UTC)),
        ("Europe/Berlin", "2026-01-05T09:00-05:00", datetime(2026, 1, 5, 14, tzinfo=UTC)),
    ],
)
def test_a_day_begins_where_the_newsletter_is_unless_it_says_otherwise(
    zone: str, day: str, begun: datetime
) -> None:
    ((_, line),) = _by_hand(ZoneInfo(zone), consent_source="form", consent_at=day).lines
    assert line.consent_at == begun
