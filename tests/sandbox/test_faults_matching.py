from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pprmail.sandbox import AcceptedRequest, Fault, SandboxError, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.conftest import Failing, MakeMessage


@pytest.mark.parametrize(
    ("where", "failed"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"requests": 3}, [3]),
        ({"requests": "3"}, [3]),
        ({"requests": "2-4"}, [2, 3, 4]),
        ({"requests": "5-"}, [5, 6]),
        ({"requests": "every 2"}, [2, 4, 6]),
        ({"requests": [1, "4-5"]}, [1, 4, 5]),
        ({"times": 2}, [1, 2]),
        ({"requests": "every 2", "times": 2}, [2, 4]),
    ],
)
def test_a_fault_happens_to_the_calls_that_it_counts(
    failing: Failing, message: MakeMessage, where: dict[str, Any], failed: list[int]
) -> None:
    caller = failing(Fault(answer=503, **where))

    statuses = caller.statuses(message(), times=6)

    assert [number for number, status in enumerate(statuses, 1) if status == 503] == failed
    assert len(caller.taken()) == 6 - len(failed)


@pytest.mark.parametrize(
    ("recipients", "failed"),
    [
        ("ben@slow.example", [1]),
        ("*@slow.example", [1, 2]),
        ("BEN@*", [1]),
        (["ada@example.org", "cleo@*"], [0, 2]),
        ("*", [0, 1, 2]),
        ("nobody@example.org", []),
    ],
)
def test_a_fault_happens_to_requests_to_certain_recipients(
    failing: Failing, message: MakeMessage, recipients: str | list[str], failed: list[int]
) -> None:
    caller = failing(Fault(answer=503, recipients=recipients))
    requests = [
        message("ada@example.org", "dan@other.example"),
        message("dan@other.example", "ben@slow.example"),
        message("cleo@slow.example"),
    ]

    statuses = [caller.send(each).status for each in requests]

    assert [place for place, status in enumerate(statuses) if status == 503] == failed


def test_a_fault_can_ask_for_mail_with_or_without_a_batch(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(batch=True, answer=503), Fault(batch=False, answer=502))

    assert caller.send(message(batch_id=caller.new_batch())).status == 503
    assert caller.send(message()).status == 502


def test_a_fault_can_ask_for_a_large_request(failing: Failing, message: MakeMessage) -> None:
    caller = failing(Fault(larger_than=2_000, answer=413))

    assert caller.send(message()).status == 202
    assert caller.send(message(subject="x" * 2_000)).status == 413
    assert caller.taken() == ["ada@example.org"]


def test_a_body_that_is_no_message_fits_no_recipients(failing: Failing) -> None:
    caller = failing(Fault(recipients="*", answer=503))

    for body in (b"{", b"[]", b'{"personalizations": [1, {"to": {}}, {"to": [{"email": 1}]}]}'):
        assert caller.send(body).status == 400


def test_the_first_fault_that_applies_happens_and_no_other(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(
        Fault(requests=2, answer=500), Fault(requests="1-3", answer=503), Fault(answer=429)
    )

    assert caller.statuses(message(), times=4) == [503, 500, 503, 429]


def test_each_part_of_the_api_is_counted_for_itself(failing: Failing, message: MakeMessage) -> None:
    caller = failing(Fault(requests=2, answer=503), Fault(on="mail/batch", requests=2, answer=502))

    batches = [caller.call("POST", "/v3/mail/batch").status for _ in range(2)]

    assert batches == [201, 502]
    assert caller.statuses(message(), times=2) == [202, 503]


def test_a_method_is_counted_for_itself(failing: Failing) -> None:
    caller = failing(Fault(on="GET user/scheduled_sends", requests=1, answer=503))
    batch_id = caller.new_batch()

    assert caller.hold(batch_id).status == 201
    assert caller.call("GET", f"/v3/user/scheduled_sends/{batch_id}").status == 503
    assert caller.call("GET", f"/v3/user/scheduled_sends/{batch_id}").status == 200


@pytest.mark.parametrize("path", ["scopes", "user/webhooks/event/settings/all", "suppression/x"])
def test_the_other_parts_fail_as_well(failing: Failing, path: str) -> None:
    parts = ("scopes", "user/webhooks", "suppression")
    caller = failing(*(Fault(on=part, answer=503) for part in parts))

    assert caller.call("GET", f"/v3/{path}").status == 503


def test_a_batch_can_be_cancelled_by_a_call_that_says_it_failed(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(on="POST user/scheduled_sends", accept=True, answer=500))
    batch_id = caller.new_batch()

    assert caller.hold(batch_id).status == 500

    held = caller.call("GET", f"/v3/user/scheduled_sends/{batch_id}").json()
    assert held == [{"batch_id": batch_id, "status": "cancel"}]


def test_a_cancel_that_fails_cancels_nothing(failing: Failing) -> None:
    caller = failing(Fault(on="POST user/scheduled_sends", times=1, answer="reset"))
    batch_id = caller.new_batch()

    with pytest.raises(ConnectionResetError):
        caller.hold(batch_id)

    assert caller.call("GET", "/v3/user/scheduled_sends").json() == []
    assert caller.hold(batch_id).status == 201


def test_misbehaving_anew_counts_from_one_and_forgets_what_was_told_before(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(answer=503))
    assert caller.statuses(message(), times=2) == [503, 503]

    caller.sandbox.misbehave([Fault(requests=1, answer=500)])
    assert caller.statuses(message(), times=2) == [500, 202]

    caller.sandbox.misbehave([])
    assert caller.statuses(message(), times=1) == [202]


def test_a_fault_that_cannot_be_meant_changes_nothing(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(answer=503))

    with pytest.raises(SandboxError, match="fault 2: `times` must be"):
        caller.sandbox.misbehave([Fault(), Fault(times=0)])

    assert caller.send(message()).status == 503


def test_whoever_listens_hears_of_mail_in_the_ledger_before_it_is_answered(
    failing: Failing, message: MakeMessage, ledger_path: Path
) -> None:
    heard: list[tuple[str, int]] = []

    def listen(request: AcceptedRequest) -> None:
        heard.append((request.x_message_id, len(read_ledger(ledger_path).accepted)))

    caller = failing(Fault(requests=2, answer=503), on_accept=listen)
    first, *_ = [caller.send(message()) for _ in range(2)]

    assert heard == [(first.headers["X-Message-Id"], 1)]
