"""What a report says in our own words, whatever it holds and whatever it lacks."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from making import NOW
from pprmail.model.event import Event, EventKind
from pprmail.model.subscriber import EndReason
from pprmail.sending.webhook import LARGEST_ID, event_of
from pprmail.services.feedback import keep
from pprmail.storage.database import Database

FACTS: dict[str, Any] = {
    "email": "reader@example.org",
    "timestamp": 1795442399,
    "smtp-id": "<a@example.org>",
    "sg_event_id": "ZGVsaXZlcmVk",
    "sg_message_id": "abc.filter.0",
    "pm_d": "7",
    "pm_r": "AAAAAAAAAAAAAAAAAAAAAA",
}
BOUNCED, COMPLAINED, UNSUBSCRIBED = (
    EndReason.BOUNCED,
    EndReason.COMPLAINED,
    EndReason.UNSUBSCRIBED,
)
EVENTS: list[tuple[dict[str, Any], EventKind, EndReason | None]] = [
    ({"event": "processed"}, EventKind.PROCESSED, None),
    ({"event": "delivered", "response": "250 OK", "tls": 1}, EventKind.DELIVERED, None),
    ({"event": "deferred", "attempt": "3", "response": "421"}, EventKind.DEFERRED, None),
    ({"event": "bounce", "type": "bounce", "status": "5.1.1"}, EventKind.BOUNCED, BOUNCED),
    ({"event": "bounce"}, EventKind.BOUNCED, BOUNCED),
    ({"event": "bounce", "type": "blocked"}, EventKind.BLOCKED, None),
    ({"event": "bounce", "type": "expired"}, EventKind.BLOCKED, None),
    ({"event": "dropped", "reason": "Bounced Address"}, EventKind.DROPPED, BOUNCED),
    ({"event": "dropped", "reason": "Invalid"}, EventKind.DROPPED, BOUNCED),
    ({"event": "dropped", "reason": "Spam Reporting Address"}, EventKind.DROPPED, COMPLAINED),
    ({"event": "dropped", "reason": "Unsubscribed Address"}, EventKind.DROPPED, UNSUBSCRIBED),
    ({"event": "dropped", "reason": "Spam Content"}, EventKind.DROPPED, None),
    ({"event": "dropped", "reason": "Invalid SMTPAPI header"}, EventKind.DROPPED, None),
    ({"event": "dropped", "reason": "Recipient List over Package Quota"}, EventKind.DROPPED, None),
    ({"event": "dropped"}, EventKind.DROPPED, None),
    ({"event": "spamreport"}, EventKind.COMPLAINED, COMPLAINED),
    ({"event": "unsubscribe"}, EventKind.UNSUBSCRIBED, UNSUBSCRIBED),
    ({"event": "group_unsubscribe", "asm_group_id": 1}, EventKind.UNSUBSCRIBED, UNSUBSCRIBED),
    ({"event": "group_resubscribe"}, EventKind.UNKNOWN, None),
    ({"event": "open", "sg_machine_open": True}, EventKind.UNKNOWN, None),
    ({"event": "click", "url": "https://example.org"}, EventKind.UNKNOWN, None),
    ({"event": "account_status_change", "type": "suspend"}, EventKind.UNKNOWN, None),
    ({"event": "something_new"}, EventKind.UNKNOWN, None),
    ({"event": None}, EventKind.UNKNOWN, None),
    ({"event": ["bounce"]}, EventKind.UNKNOWN, None),
    ({"event": "DELIVERED"}, EventKind.UNKNOWN, None),
]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["event", "timestamp", "type", "reason", "sg_event_id", "pm_d", "pm_r", "email", "attempt", "x"]
)
LIKELY = st.sampled_from(
    ["bounce", "dropped", "delivered", "1795442399", 1795442399, "7", 2**31, -1, "\x00", "\ud800"]
)
REPORTS = st.dictionaries(NAMES | st.text(), LIKELY | ANY_JSON, max_size=8)


@pytest.mark.parametrize(("said", "kind", "ends"), EVENTS, ids=lambda value: str(value)[:50])
def test_every_event_has_its_kind_and_ends_a_reader_only_where_it_must(
    said: dict[str, Any], kind: EventKind, ends: EndReason | None
) -> None:
    event = event_of(FACTS | said)
    assert (event.kind, event.ends) == (kind, ends)
    assert event.at == datetime.fromtimestamp(1795442399, UTC)
    assert (event.request, event.delivery_id) == (FACTS["pm_r"], 7)
    assert event.provider_key == "ZGVsaXZlcmVk"
    assert event.payload == FACTS | said


@pytest.mark.parametrize("value", [1795442399, "1795442399", 1795442399.9])
def test_a_moment_may_be_spelled_in_several_ways(value: object) -> None:
    assert event_of(FACTS | {"timestamp": value}).at == datetime.fromtimestamp(1795442399, UTC)


@pytest.mark.parametrize(
    "value", [None, "", "soon", [], {}, 10**30, -(10**30), "9" * 5000, float("inf"), float("nan")]
)
def test_a_moment_that_is_none_is_the_beginning_of_time(value: object) -> None:
    assert event_of(FACTS | {"timestamp": value}).at == datetime.fromtimestamp(0, UTC)


@pytest.mark.parametrize("value", ["7", 7, "0007"])
def test_a_delivery_is_known_by_its_number(value: object) -> None:
    assert event_of(FACTS | {"pm_d": value}).delivery_id == 7


@pytest.mark.parametrize(
    "value", [None, "", "0", 0, -7, "-7", "7.0", 7.5, True, "٧", "7 ", str(2**31), 2**63, [7], "x"]
)
def test_what_is_no_number_of_a_delivery_names_none(value: object) -> None:
    assert event_of(FACTS | {"pm_d": value}).delivery_id is None


@pytest.mark.parametrize("value", [None, "", 7, [], "a b", "ä", "a\x00", "a" * 201])
def test_what_is_no_name_names_no_request_and_is_no_key(value: object) -> None:
    event = event_of(FACTS | {"pm_r": value, "sg_event_id": value})
    assert (event.request, event.provider_key) == (None, None)


def test_the_same_fact_under_a_new_id_has_the_same_key() -> None:
    first = event_of(FACTS | {"event": "delivered"})
    for changed in (
        {"sg_event_id": "another"},
        {"category": ["letter"]},
        {"response": "250 OK, said otherwise"},
        {"smtp-id": "<b@example.org>"},
    ):
        assert event_of(FACTS | {"event": "delivered"} | changed).fact_key == first.fact_key


def test_different_facts_have_different_keys() -> None:
    base = FACTS | {"event": "click", "url": "https://example.org/a"}
    different = [
        base,
        base | {"event": "open"},
        base | {"timestamp": 1795442400},
        base | {"pm_d": "8"},
        base | {"pm_r": "another request"},
        base | {"url": "https://example.org/b"},
        base | {"url_offset": {"index": 1, "type": "html"}},
        base | {"type": "blocked"},
        base | {"attempt": "2"},
        base | {"ip": "192.0.2.7"},
        base | {"useragent": "another"},
    ]
    assert len({event_of(report).fact_key for report in different}) == len(different)


def test_reports_without_our_names_are_told_apart_by_theirs() -> None:
    theirs = {"event": "delivered", "timestamp": 1, "email": "a@example.org", "sg_message_id": "m"}
    different = [theirs, theirs | {"email": "b@example.org"}, theirs | {"sg_message_id": "n"}]
    assert len({event_of(report).fact_key for report in different}) == 3
    again = theirs | {"sg_event_id": "x"}
    assert event_of(again).fact_key == event_of(theirs).fact_key


def test_reports_that_say_neither_what_nor_when_are_told_apart_by_all_they_say() -> None:
    different: list[dict[str, Any]] = [{}, {"a": 1}, {"a": 2}, {"event": "x"}, {"timestamp": 1}]
    assert len({event_of(report).fact_key for report in different}) == 5
    assert event_of({"a": 1, "b": 2}).fact_key == event_of({"b": 2, "a": 1}).fact_key
    assert event_of({"a": 1, "sg_event_id": "x"}).fact_key == event_of({"a": 1}).fact_key


def test_what_no_database_keeps_is_replaced() -> None:
    odd = {
        "nul": "a\x00b",
        "k\x00": ["\ud800"],
        "spelled": "\\u0000 \\\\u0000 \\",
        "no number": [float("nan"), float("-inf"), 1.5],
    }
    assert event_of(odd).payload == {
        "nul": "a�b",
        "k�": ["?"],
        "spelled": "\\u0000 \\\\u0000 \\",
        "no number": ["nan", "-inf", 1.5],
    }


@settings(max_examples=200, deadline=None)
@given(REPORTS)
def test_no_report_is_too_odd_to_be_kept(report: dict[str, Any]) -> None:
    event = event_of(report)
    text = json.dumps(event.payload, allow_nan=False, ensure_ascii=False)
    text.encode()
    assert "\\u0000" not in text.replace("\\\\", "")
    assert event.delivery_id is None or 0 < event.delivery_id <= LARGEST_ID
    for name in (event.request, event.provider_key):
        assert name is None or (name.isascii() and name.isprintable() and len(name) <= 200)
    assert len(event.fact_key) == 64
    assert event.at.tzinfo is UTC


def test_the_oddest_reports_are_stored_by_both_databases(database: Database) -> None:
    reports = [
        FACTS | {"event": "delivered", "sg_event_id": None} | odd
        for odd in (
            {"x": "a\x00b\ud800\\u0000", "timestamp": 1},
            {"x": float("nan"), "timestamp": 2},
            {"x": [1e300, 10**30, True, None, {"\x00": {}}], "timestamp": 3},
            {"timestamp": -(10**9)},
            {"timestamp": 253402300799},
            {"pm_d": 2**31 - 1, "timestamp": 6},
            {"pm_d": 2**31, "timestamp": 7},
            {"sg_event_id": "x" * 200, "timestamp": 8},
        )
    ]
    events = [event_of(report) for report in reports]
    assert keep(database, events, now=NOW) == len(reports)
    assert keep(database, events, now=NOW) == 0
    with database.read() as session:
        kept = session.scalars(select(Event).order_by(Event.id)).all()
        assert [event.payload for event in kept] == [event.payload for event in events]
        assert [event.at for event in kept] == [event.at for event in events]
