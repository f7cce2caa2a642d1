from __future__ import annotations

import json
import socket
import struct
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pprmail.sandbox import Sandbox, read_ledger
from pprmail.sandbox.server import Conversation

if TYPE_CHECKING:
    from sandbox.conftest import Caller, MakeMessage, MakeSandbox


def _connect(sandbox: Sandbox) -> socket.socket:
    host, port = sandbox.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def _talk(sandbox: Sandbox, said: bytes) -> bytes:
    with _connect(sandbox) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_only_this_machine_can_connect_by_default(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")


def test_a_connection_serves_one_call_after_the_other(caller: Caller, message: MakeMessage) -> None:
    connection = caller.connect()
    for _ in range(3):
        connection.request("POST", "/v3/mail/send", json.dumps(message()), caller.headers)
        with connection.getresponse() as response:
            assert response.status == 202
            assert response.version == 11
            assert response.read() == b""
    connection.close()

    assert caller.sandbox.counters.connections == 1


def test_a_refused_call_does_not_spoil_the_next_one_of_its_connection(caller: Caller) -> None:
    connection = caller.connect()
    for method, status in (("PUT", 405), ("GET", 200)):
        connection.request(method, "/v3/scopes", b"body", caller.headers)
        with connection.getresponse() as response:
            assert response.status == status
            response.read()
    connection.close()


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(sandbox: Sandbox) -> None:
    head = (
        b"POST /v3/mail/batch HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k\r\n"
        b"Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    )
    with _connect(sandbox) as connection:
        connection.sendall(head)
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/3.0\r\n\r\n", b"505"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: two\r\n\r\n", b"411"),
    ],
)
def test_what_is_not_understood_is_refused_in_the_shape_of_all_errors(
    sandbox: Sandbox, said: bytes, status: bytes
) -> None:
    head, _, body = _talk(sandbox, said).partition(b"\r\n\r\n")

    assert head.split()[1] == status
    assert set(json.loads(body)["errors"][0]) == {"message", "field", "help"}


def test_a_body_that_breaks_off_is_neither_taken_nor_answered(
    caller: Caller, message: MakeMessage
) -> None:
    raw = json.dumps(message()).encode()
    head = (
        "POST /v3/mail/send HTTP/1.1\r\nAuthorization: Bearer k\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(raw) + 1}\r\n\r\n"
    )

    assert _talk(caller.sandbox, head.encode() + raw) == b""
    assert read_ledger(caller.sandbox.ledger_path).entries == ()
    assert caller.send(message()).status == 202


def test_nothing_is_logged_or_printed(
    caller: Caller,
    message: MakeMessage,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(0)
    caller.send(message())
    caller.send(message("broken"))
    caller.call("GET", "/v3/suppression/bounces/ada@example.org")
    _talk(caller.sandbox, b"nonsense\r\n\r\n")
    caller.sandbox.stop()

    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")


def test_a_fault_of_the_sandbox_is_named_by_its_place_alone(
    make_sandbox: MakeSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def clock() -> datetime:
        if threading.current_thread().name == "sandbox-courier":
            return datetime.now(UTC)
        raise ValueError("ada@example.org")

    head = b"POST /v3/mail/batch HTTP/1.1\r\nAuthorization: Bearer SG.key\r\n\r\n"
    assert _talk(make_sandbox(clock=clock), head) == b""

    [record] = caplog.records
    assert record.getMessage().startswith("ValueError in ")
    assert "ada" not in caplog.text
    assert "SG.key" not in caplog.text


def test_a_client_that_hangs_up_is_passed_over_in_silence(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    connection = _connect(caller.sandbox)
    connection.sendall(b"POST /v3/mail/batch HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
    # Closing with nothing left to linger for resets the connection.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

    assert caller.call("GET", "/v3/scopes").status == 200
    caller.sandbox.stop()
    assert caplog.text == ""


def test_a_client_that_says_nothing_is_hung_up_on(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conversation, "timeout", 0.05)

    with _connect(sandbox) as connection:
        assert connection.recv(65536) == b""


def test_stopping_does_not_wait_for_idle_connections(caller: Caller) -> None:
    connection = caller.connect()
    connection.request("GET", "/v3/scopes", headers=caller.headers)
    connection.getresponse().read()

    stopping = threading.Thread(target=caller.sandbox.stop)
    stopping.start()
    stopping.join(5)

    assert not stopping.is_alive()
    assert connection.sock.recv(65536) == b""
    connection.close()
