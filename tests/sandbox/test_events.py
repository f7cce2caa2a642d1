from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.conftest import Caller, MakeMessage, Receiver, SetClock

COMMON = {
    "email",
    "timestamp",
    "event",
    "sg_event_id",
    "sg_message_id",
    "category",
    "pm_i",
    "pm_d",
}
SHAPES = {
    "processed": {"smtp-id", "send_at"},
    "deferred": {"smtp-id", "response", "attempt", "domain", "from"},
    "delivered": {"smtp-id", "response", "ip", "tls"},
    "bounce": {"smtp-id", "reason", "status", "type", "bounce_classification", "ip", "tls"},
    "dropped": {"smtp-id", "reason", "status"},
    "spamreport": set(),
}


def _events_of(caller: Caller, receiver: Receiver, body: dict[str, Any]) -> list[dict[str, Any]]:
    assert caller.send(body).status == 202
    assert caller.sandbox.wait_for_events(5)
    return receiver.events()


@pytest.mark.parametrize(
    ("address", "story"),
    [
        ("ada@example.org", ["processed", "delivered"]),
        ("not.a.bounce@example.org", ["processed", "delivered"]),
        ("bounce@example.org", ["processed", "bounce"]),
        ("Bounce+7@example.org", ["processed", "bounce"]),
        ("blocked.one@example.org", ["processed", "bounce"]),
        ("dropped@example.org", ["dropped"]),
        ("complaint@example.org", ["processed", "delivered", "spamreport"]),
        ("deferred@example.org", ["processed", "deferred", "delivered"]),
        ("invalid@example.org", ["dropped"]),
    ],
)
def test_the_address_tells_the_story_and_each_event_has_its_shape(
    eventful: Caller, receiver: Receiver, message: MakeMessage, address: str, story: list[str]
) -> None:
    events = _events_of(eventful, receiver, message(address))

    assert [each["event"] for each in events] == story
    for event in events:
        assert set(event) == COMMON | SHAPES[event["event"]]
        assert event["email"] == address


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        ("bounce@example.org", {"type": "bounce", "status": "5.1.1"}),
        ("blocked@example.org", {"type": "blocked", "status": "5.7.1"}),
        ("dropped@example.org", {"reason": "Bounced Address"}),
        ("invalid@example.org", {"reason": "Invalid"}),
        ("deferred@example.org", {"response": "250 2.0.0 Accepted"}),
    ],
)
def test_the_last_event_tells_the_outcome(
    eventful: Caller,
    receiver: Receiver,
    message: MakeMessage,
    address: str,
    facts: dict[str, str],
) -> None:
    last = _events_of(eventful, receiver, message(address))[-1]

    assert facts.items() <= last.items()


def test_every_recipient_has_ids_of_its_own_that_begin_with_the_request(
    eventful: Caller, receiver: Receiver, message: MakeMessage
) -> None:
    body = message("ada@example.org", "ben@example.org")
    body["personalizations"][1] |= {
        "cc": [{"email": "cy@example.org"}],
        "bcc": [{"email": "di@example.org"}],
    }
    x_message_id = eventful.send(body).headers["X-Message-Id"]
    assert eventful.sandbox.wait_for_events(5)

    events = receiver.events()
    messages = {(each["email"], each["sg_message_id"]) for each in events}
    assert len(messages) == 4
    assert len({sg_message_id for _, sg_message_id in messages}) == 4
    assert all(sg_message_id.startswith(x_message_id) for _, sg_message_id in messages)
    assert len({each["sg_event_id"] for each in events}) == 8
    assert all(len(each["sg_event_id"]) <= 100 for each in events)


def test_arguments_are_merged_lie_flat_and_lose_against_own_names(
    eventful: Caller, receiver: Receiver, message: MakeMessage
) -> None:
    body = message(custom_args={"pm_i": "2026-11", "email": "eve@example.org", "pm_d": "shared"})
    body["personalizations"][0]["custom_args"] = {
        "pm_d": "own",
        "event": "open",
        "reason": "mine",
        "sg_message_id": "mine",
    }

    processed, delivered = _events_of(eventful, receiver, body)

    assert (delivered["pm_i"], delivered["pm_d"]) == ("2026-11", "own")
    assert (processed["event"], delivered["event"]) == ("processed", "delivered")
    assert delivered["email"] == "ada@example.org"
    assert delivered["sg_message_id"] != "mine"
    assert delivered["reason"] == "mine"


def test_category_group_and_pool_come_back_with_the_events(
    eventful: Caller, receiver: Receiver, message: MakeMessage
) -> None:
    body = message(asm={"group_id": 7}, ip_pool_name="letters", categories=["digest"])
    processed, delivered = _events_of(eventful, receiver, body)

    assert processed["pool"] == {"name": "letters", "id": 1}
    assert processed["category"] == delivered["category"] == ["digest"]
    assert processed["asm_group_id"] == delivered["asm_group_id"] == 7
    assert "pool" not in delivered


def test_what_the_message_did_not_name_is_not_in_its_events(
    eventful: Caller, receiver: Receiver, message: MakeMessage
) -> None:
    body = message()
    del body["categories"]

    for event in _events_of(eventful, receiver, body):
        assert not {"category", "asm_group_id", "pool"} & set(event)


def test_events_carry_the_time_of_the_clock_in_seconds(
    eventful: Caller, receiver: Receiver, message: MakeMessage, clock: SetClock
) -> None:
    events = _events_of(eventful, receiver, message())

    assert {each["timestamp"] for each in events} == {clock.unix()}
    assert events[0]["send_at"] == 0
