from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pprmail.sandbox import read_ledger

if TYPE_CHECKING:
    from sandbox.conftest import Caller, MakeMessage, Receiver, SetClock

SCHEDULED = "/v3/user/scheduled_sends"


class Mail:
    """One scheduled request and what became of it so far."""

    def __init__(self, caller: Caller, body: dict[str, Any], receiver: Receiver) -> None:
        self.caller = caller
        self.receiver = receiver
        assert caller.send(body).status == 202

    def sent_to(self) -> list[str]:
        assert self.caller.sandbox.wait_for_events(5)
        events = self.receiver.events()
        return sorted(each["email"] for each in events if each["event"] == "delivered")

    def discarded(self) -> list[dict[str, Any]]:
        assert self.caller.sandbox.wait_for_events(5)
        return read_ledger(self.caller.sandbox.ledger_path).discarded


@pytest.fixture
def batch_id(eventful: Caller) -> str:
    return eventful.new_batch()


@pytest.fixture
def mail(
    eventful: Caller, receiver: Receiver, message: MakeMessage, clock: SetClock, batch_id: str
) -> Mail:
    """Mail to ada, due in half an hour."""
    body = message(batch_id=batch_id, send_at=clock.unix(minutes=30))
    return Mail(eventful, body, receiver)


def test_scheduled_mail_leaves_at_its_time_and_not_before(mail: Mail, clock: SetClock) -> None:
    clock.move(minutes=29, seconds=59)
    assert mail.sent_to() == []

    clock.move(seconds=1)
    assert mail.sent_to() == ["ada@example.org"]
    processed = mail.receiver.events()[0]
    assert processed["timestamp"] == processed["send_at"] == clock.unix()


def test_a_time_in_the_past_means_now(
    eventful: Caller, receiver: Receiver, message: MakeMessage
) -> None:
    assert Mail(eventful, message(send_at=1), receiver).sent_to() == ["ada@example.org"]


def test_mail_can_be_scheduled_up_to_72_hours_ahead(
    eventful: Caller, message: MakeMessage, clock: SetClock
) -> None:
    assert eventful.send(message(send_at=clock.unix(hours=72))).status == 202
    assert eventful.send(message(send_at=clock.unix(hours=72, seconds=1))).status == 400


def test_a_personalization_keeps_its_own_time(
    eventful: Caller, receiver: Receiver, message: MakeMessage, clock: SetClock
) -> None:
    body = message("ada@example.org", "ben@example.org", send_at=clock.unix(hours=2))
    body["personalizations"][1]["send_at"] = clock.unix(hours=1)
    mail = Mail(eventful, body, receiver)

    clock.move(hours=1)
    assert mail.sent_to() == ["ben@example.org"]
    clock.move(hours=1)
    assert mail.sent_to() == ["ada@example.org", "ben@example.org"]


@pytest.mark.parametrize(("minutes", "kept"), [(20, False), (21, True)])
def test_a_cancel_works_until_ten_minutes_before_the_time(
    mail: Mail, clock: SetClock, batch_id: str, minutes: int, kept: bool
) -> None:
    clock.move(minutes=minutes)
    assert mail.caller.hold(batch_id).status == 201

    clock.move(minutes=30 - minutes)
    assert mail.sent_to() == (["ada@example.org"] if kept else [])
    assert len(mail.discarded()) == (0 if kept else 1)


def test_cancelled_mail_is_discarded_at_its_time_and_the_ledger_says_so(
    mail: Mail, clock: SetClock, batch_id: str
) -> None:
    mail.caller.hold(batch_id)
    clock.move(minutes=29)
    assert mail.discarded() == []

    clock.move(minutes=1)
    [accepted] = read_ledger(mail.caller.sandbox.ledger_path).accepted
    assert mail.discarded() == [
        {
            "kind": "discarded",
            "reason": "cancelled",
            "request": 1,
            "at": "2026-11-02T12:30:00+00:00",
            "x_message_id": accepted["x_message_id"],
            "batch_id": batch_id,
            "personalizations": [0],
        }
    ]
    assert mail.sent_to() == []
    assert read_ledger(mail.caller.sandbox.ledger_path).kept() == []


def test_a_cancel_also_catches_mail_that_comes_after_it(
    eventful: Caller, receiver: Receiver, message: MakeMessage, clock: SetClock, batch_id: str
) -> None:
    eventful.hold(batch_id)
    body = message(batch_id=batch_id, send_at=clock.unix(minutes=30))
    mail = Mail(eventful, body, receiver)

    clock.move(minutes=30)
    assert len(mail.discarded()) == 1
    assert mail.sent_to() == []


def test_a_cancel_taken_back_in_time_lets_the_mail_go(
    mail: Mail, clock: SetClock, batch_id: str
) -> None:
    mail.caller.hold(batch_id)
    mail.caller.call("DELETE", f"{SCHEDULED}/{batch_id}")

    clock.move(minutes=30)
    assert mail.sent_to() == ["ada@example.org"]


def test_paused_mail_is_kept_past_its_time_and_goes_when_released(
    mail: Mail, clock: SetClock, batch_id: str
) -> None:
    mail.caller.hold(batch_id, "pause")
    clock.move(hours=10)
    assert mail.sent_to() == []
    assert mail.discarded() == []

    mail.caller.call("DELETE", f"{SCHEDULED}/{batch_id}")
    assert mail.sent_to() == ["ada@example.org"]


def test_a_pause_turned_into_a_cancel_discards_even_after_the_time(
    mail: Mail, clock: SetClock, batch_id: str
) -> None:
    mail.caller.hold(batch_id, "pause")
    clock.move(hours=1)
    mail.caller.call("PATCH", f"{SCHEDULED}/{batch_id}", {"status": "cancel"})

    assert [each["reason"] for each in mail.discarded()] == ["cancelled"]
    assert mail.sent_to() == []


def test_paused_mail_expires_after_three_days(mail: Mail, clock: SetClock, batch_id: str) -> None:
    mail.caller.hold(batch_id, "pause")
    clock.move(hours=72, minutes=29)
    assert mail.discarded() == []

    clock.move(minutes=1)
    assert [each["reason"] for each in mail.discarded()] == ["expired"]
    assert mail.sent_to() == []


def test_a_hold_touches_no_other_batch(
    mail: Mail, eventful: Caller, message: MakeMessage, clock: SetClock, batch_id: str
) -> None:
    body = message("ben@example.org", batch_id=eventful.new_batch(), send_at=clock.unix(minutes=30))
    assert eventful.send(body).status == 202
    eventful.hold(batch_id)

    clock.move(minutes=30)
    assert mail.sent_to() == ["ben@example.org"]
