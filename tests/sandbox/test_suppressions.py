from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.conftest import Caller, MakeMessage, SetClock

LISTS = ["bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes"]


def _send(caller: Caller, body: dict[str, Any]) -> None:
    assert caller.send(body).status == 202
    assert caller.sandbox.wait_for_events(5)


@pytest.mark.parametrize(
    ("address", "name", "facts"),
    [
        ("bounce7@example.org", "bounces", {"reason", "status"}),
        ("Blocked@example.org", "blocks", {"reason", "status"}),
        ("complaint@example.org", "spam_reports", {"ip"}),
        ("invalid@example.org", "invalid_emails", {"reason"}),
    ],
)
def test_an_address_ends_on_the_one_list_of_its_fate(
    client: Any, caller: Caller, message: MakeMessage, address: str, name: str, facts: set[str]
) -> None:
    _send(caller, message("ada@example.org", "defer@example.org", "dropped@example.org", address))

    lists = {each: json.loads(client.suppression._(each).get().body) for each in LISTS}
    assert [each for each in LISTS if lists[each]] == [name]
    [entry] = lists[name]
    assert entry["email"] == address
    assert set(entry) == {"email", "created"} | facts


def test_an_address_is_listed_once_however_often_it_bounces(
    caller: Caller, message: MakeMessage
) -> None:
    _send(caller, message("bounce@example.org"))
    _send(caller, message("Bounce@example.org"))

    assert len(caller.call("GET", "/v3/suppression/bounces").json()) == 1


def test_mail_in_the_schedule_suppresses_nobody_yet(
    caller: Caller, message: MakeMessage, clock: SetClock
) -> None:
    _send(caller, message("bounce@example.org", send_at=clock.unix(hours=1)))

    assert caller.call("GET", "/v3/suppression/bounces").json() == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcd"),
        ("start_time={1}", "bcd"),
        ("end_time={1}", "ab"),
        ("start_time={1}&end_time={2}", "bc"),
        ("limit=2", "ab"),
        ("limit=2&offset=1", "bc"),
        ("offset=9", ""),
        ("limit=999999", "abcd"),
    ],
)
def test_a_list_is_read_by_time_and_by_page(
    caller: Caller, message: MakeMessage, clock: SetClock, query: str, found: str
) -> None:
    times = []
    for letter in "abcd":
        _send(caller, message(f"bounce.{letter}@example.org"))
        times.append(clock.unix())
        clock.move(hours=1)

    entries = caller.call("GET", "/v3/suppression/bounces?" + query.format(*times)).json()

    assert "".join(each["email"][7] for each in entries) == found


@pytest.mark.parametrize("name", ["start_time", "end_time", "limit", "offset"])
@pytest.mark.parametrize("value", ["", "-1", "now", "1.5"])
def test_what_is_no_number_in_a_query_is_refused(caller: Caller, name: str, value: str) -> None:
    answer = caller.call("GET", f"/v3/suppression/bounces?{name}={value}")

    assert (answer.status, answer.fields) == (400, [name])


def test_another_list_is_not_there(caller: Caller) -> None:
    assert caller.call("GET", "/v3/suppression/friends").status == 404
