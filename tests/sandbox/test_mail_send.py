from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from python_http_client.exceptions import BadRequestsError, UnauthorizedError
from sendgrid import SendGridAPIClient

from pprmail.sandbox import Sandbox, read_ledger

if TYPE_CHECKING:
    from sandbox.conftest import Caller, MakeMessage, MakeSandbox, SetClock

ENTRY = {
    "kind": "accepted",
    "request": 1,
    "at": "2026-11-02T12:00:00+00:00",
    "from": "letter@example.org",
    "subject": "November",
    "categories": ["digest", "digest-2026-11"],
    "headers": {"X-Issue": "2026-11"},
    "personalizations": [
        {
            "to": ["ada@example.org"],
            "custom_args": {"pm_i": "2026-11", "pm_d": "delivery-0"},
            "headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
            "substitutions": {"-pm.name-": "Reader 0"},
        }
    ],
}


def test_the_sdk_gets_202_an_empty_body_and_an_id(
    client: Any, sandbox: Sandbox, message: MakeMessage
) -> None:
    response = client.mail.send.post(request_body=message())

    [entry] = read_ledger(sandbox.ledger_path).entries
    assert (response.status_code, response.body) == (202, b"")
    assert response.headers["X-Message-Id"] == entry["x_message_id"]


def test_the_sdk_gets_a_bad_request_with_the_field(client: Any, message: MakeMessage) -> None:
    with pytest.raises(BadRequestsError) as caught:
        client.mail.send.post(request_body=message("ada@example.org", "ben"))

    [error] = caught.value.to_dict["errors"]
    assert error["field"] == "personalizations.1.to.0.email"


def test_one_fault_among_a_thousand_leaves_no_trace_in_the_ledger(
    client: Any, sandbox: Sandbox, message: MakeMessage
) -> None:
    addresses = [f"reader{index}@example.org" for index in range(1000)]
    with pytest.raises(BadRequestsError):
        client.mail.send.post(request_body=message(*addresses[:-1], "broken"))
    assert read_ledger(sandbox.ledger_path).entries == ()

    client.mail.send.post(request_body=message(*addresses))

    acceptances = read_ledger(sandbox.ledger_path).acceptances()
    assert [each.address for each in acceptances] == addresses


@pytest.mark.parametrize("key", ["SG.other", "SG.ké"])
def test_the_sdk_with_a_wrong_key_is_not_let_in(
    make_sandbox: MakeSandbox, message: MakeMessage, key: str
) -> None:
    sandbox = make_sandbox(api_key="SG.right")

    with pytest.raises(UnauthorizedError):
        SendGridAPIClient(key, host=sandbox.url).client.mail.send.post(request_body=message())

    client = SendGridAPIClient("SG.right", host=sandbox.url).client
    assert client.mail.send.post(request_body=message()).status_code == 202
    assert len(read_ledger(sandbox.ledger_path).entries) == 1


def test_sandbox_mode_is_checked_as_strictly_and_leaves_nothing(
    eventful: Caller, message: MakeMessage
) -> None:
    mode = {"sandbox_mode": {"enable": True}}

    assert eventful.send(message("ada", mail_settings=mode)).status == 400
    answer = eventful.send(message(mail_settings=mode))

    assert (answer.status, answer.body) == (200, b"")
    assert eventful.sandbox.wait_for_events(5)
    assert read_ledger(eventful.sandbox.ledger_path).entries == ()
    assert eventful.sandbox.counters.events_sent == 0


def test_the_ledger_tells_what_was_accepted(
    caller: Caller, message: MakeMessage, clock: SetClock
) -> None:
    given = {"send_at": clock.unix(minutes=10), "batch_id": caller.new_batch()}
    body = message(headers={"X-Issue": "2026-11"}, **given)
    raw = json.dumps(body).encode()

    answer = caller.send(raw)

    [entry] = read_ledger(caller.sandbox.ledger_path).entries
    assert entry == ENTRY | given | {
        "x_message_id": answer.headers["X-Message-Id"],
        "sha256": _sha256(raw),
        "contents": [
            {"type": each["type"], "sha256": _sha256(each["value"].encode())}
            for each in body["content"]
        ],
    }


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_requests_are_numbered_as_they_come_refused_ones_too(
    caller: Caller, message: MakeMessage
) -> None:
    caller.send(message())
    caller.send({})
    caller.new_batch()
    caller.send(message())

    entries = read_ledger(caller.sandbox.ledger_path).entries
    assert [entry["request"] for entry in entries] == [1, 3]
    assert caller.sandbox.counters.requests == 3
    assert caller.sandbox.counters.accepted == 2


def test_many_at_once_leave_whole_and_unique_lines(sandbox: Sandbox, message: MakeMessage) -> None:
    def send_twenty(thread: int) -> None:
        client = SendGridAPIClient("SG.key", host=sandbox.url).client
        for turn in range(20):
            addresses = [f"r{thread}-{turn}-{index}@example.org" for index in range(20)]
            assert client.mail.send.post(request_body=message(*addresses)).status_code == 202

    threads = [threading.Thread(target=send_twenty, args=(each,)) for each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ledger = read_ledger(sandbox.ledger_path)
    assert sorted(entry["request"] for entry in ledger.entries) == list(range(1, 161))
    assert len({entry["x_message_id"] for entry in ledger.entries}) == 160
    assert len({each.address for each in ledger.acceptances()}) == 8 * 20 * 20
    assert sandbox.counters.connections == 160


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b"[" * 100_000, 400),
        (b"1" * 10_000, 400),
        (b'{"subject": "\xff"}', 415),
        (b"\x1f\x8b\x08\x00", 415),
        ("{}".encode("utf-16"), 415),
    ],
)
def test_what_is_no_json_in_utf8_is_refused(caller: Caller, body: bytes, status: int) -> None:
    assert caller.send(body).status == status


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(caller: Caller, message: MakeMessage, kind: str) -> None:
    assert caller.call("POST", "/v3/mail/send", message(), **{"Content-Type": kind}).status == 415


def test_a_charset_beside_the_content_type_is_no_fault(
    caller: Caller, message: MakeMessage
) -> None:
    kind = {"Content-Type": "application/json; charset=utf-8"}

    assert caller.send(message(), **kind).status == 202


def test_just_under_thirty_megabytes_is_taken_and_thirty_are_not(
    caller: Caller, message: MakeMessage
) -> None:
    frame = len(json.dumps(message(content=[{"type": "text/plain", "value": ""}])))
    value = "x" * (29_999_999 - frame)

    taken = caller.send(message(content=[{"type": "text/plain", "value": value}]))
    refused = caller.send(message(content=[{"type": "text/plain", "value": value + "x"}]))

    assert (taken.status, refused.status) == (202, 413)
    assert refused.fields == [None]
