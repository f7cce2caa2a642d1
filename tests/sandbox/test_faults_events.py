from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pprmail.sandbox import Fault

if TYPE_CHECKING:
    from sandbox.conftest import Caller, Failing, MakeMessage, Receiver, SetClock

PEOPLE = ("ada@example.org", "ben@example.org", "cleo@example.org")


def _names(receiver: Receiver) -> list[str]:
    return [each["event"] for each in receiver.events()]


def _told(caller: Caller) -> bool:
    return caller.sandbox.wait_for_events(5)


def test_early_events_come_before_an_answer_that_never_comes(
    failing: Failing, receiver: Receiver, message: MakeMessage, clock: SetClock
) -> None:
    fault = Fault(events="early", accept=True, answer="reset")
    caller = failing(fault, webhook_url=receiver.url)

    with pytest.raises(ConnectionResetError):
        caller.send(message(send_at=clock.unix(hours=1)))
    assert _names(receiver) == ["processed"]

    clock.move(hours=1)
    assert _told(caller)
    assert _names(receiver) == ["processed", "delivered"]


def test_early_events_that_are_not_acknowledged_come_again(
    failing: Failing, receiver: Receiver, message: MakeMessage
) -> None:
    receiver.answers = [(500, {})]
    caller = failing(Fault(events="early"), webhook_url=receiver.url, retry_seconds=(0,))

    assert caller.send(message()).status == 202
    assert _told(caller)
    assert sorted(_names(receiver)) == ["delivered", "processed", "processed"]


def test_late_events_are_late_by_the_clock_and_tell_the_true_time(
    failing: Failing, receiver: Receiver, message: MakeMessage, clock: SetClock
) -> None:
    caller = failing(Fault(events_after=3600), webhook_url=receiver.url)
    left_at = clock.unix()
    caller.send(message())
    assert _told(caller)

    clock.move(minutes=59)
    assert _told(caller)
    assert receiver.events() == []

    clock.move(minutes=1)
    assert _told(caller)
    assert [each["timestamp"] for each in receiver.events()] == [left_at, left_at]


def test_events_that_come_twice_are_the_same_in_two_posts(
    failing: Failing, receiver: Receiver, message: MakeMessage
) -> None:
    caller = failing(Fault(events="twice"), webhook_url=receiver.url)
    caller.send(message())

    assert _told(caller)
    first, second = receiver.posts
    assert first.events() == second.events()
    assert caller.sandbox.counters.events_sent == 4


def test_events_that_come_twice_under_new_ids_differ_in_these_alone(
    failing: Failing, receiver: Receiver, message: MakeMessage
) -> None:
    caller = failing(Fault(events="twice-new-ids"), webhook_url=receiver.url)
    caller.send(message())

    assert _told(caller)
    first, second = (post.events() for post in receiver.posts)
    assert len({each["sg_event_id"] for each in [*first, *second]}) == 4
    assert [each | {"sg_event_id": ""} for each in first] == [
        each | {"sg_event_id": ""} for each in second
    ]


def test_shuffled_events_are_all_there_in_an_order_that_the_seed_decides(
    failing: Failing, receiver: Receiver, message: MakeMessage
) -> None:
    caller = failing(
        Fault(requests="2-3", events="shuffled"),
        Fault(requests=4, events="shuffled", seed=7),
        webhook_url=receiver.url,
    )
    orders = []
    for _ in range(4):
        receiver.posts.clear()
        caller.send(message(*PEOPLE))
        assert _told(caller)
        orders.append([(each["event"], each["email"]) for each in receiver.events()])

    usual, shuffled, again, other = orders
    assert shuffled == again
    assert len({tuple(usual), tuple(shuffled), tuple(other)}) == 3
    assert sorted(usual) == sorted(shuffled) == sorted(other)


def test_two_shuffled_events_never_keep_their_order(
    failing: Failing, receiver: Receiver, message: MakeMessage
) -> None:
    caller = failing(
        *(Fault(requests=seed + 1, events="shuffled", seed=seed) for seed in range(4)),
        webhook_url=receiver.url,
    )
    for _ in range(4):
        caller.send(message())
        assert _told(caller)

    assert _names(receiver) == ["delivered", "processed"] * 4


def test_events_that_never_come_are_not_waited_for(
    failing: Failing, receiver: Receiver, message: MakeMessage
) -> None:
    caller = failing(Fault(requests=1, events="never"), webhook_url=receiver.url)
    caller.send(message("bounce@example.org"))
    caller.send(message())

    assert _told(caller)
    assert _names(receiver) == ["processed", "delivered"]
    assert caller.taken() == ["bounce@example.org", "ada@example.org"]
    assert caller.call("GET", "/v3/suppression/bounces/bounce@example.org").json() != []


def test_without_a_webhook_no_manner_of_events_does_anything(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(events=["early", "twice"]))

    assert caller.send(message()).status == 202
    assert _told(caller)
    assert caller.sandbox.counters.events_pending == 0
