from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from pprmail.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from pprmail.sandbox.faults import Cut, Silence
    from sandbox.conftest import Caller, Failing, MakeMessage

EACH_WAY = pytest.mark.parametrize("accept", [True, False])


def _open(caller: Caller, body: object) -> socket.socket:
    raw = json.dumps(body).encode()
    head = (
        "POST /v3/mail/send HTTP/1.1\r\nAuthorization: Bearer k\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    host, port = caller.sandbox.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=5)
    connection.sendall(head.encode() + raw)
    return connection


def _all_of(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def _seconds(do: Callable[[], object]) -> float:
    begun = time.monotonic()
    do()
    return time.monotonic() - begun


def _expected(accept: bool) -> list[str]:
    return ["ada@example.org"] if accept else []


@EACH_WAY
def test_a_hang_lasts_until_the_client_goes(
    failing: Failing, message: MakeMessage, accept: bool
) -> None:
    caller = failing(Fault(answer="hang", accept=accept, times=1))
    caller.timeout = 0.2

    with pytest.raises(TimeoutError):
        caller.send(message())

    assert caller.taken() == _expected(accept)
    assert caller.call("GET", "/v3/scopes").status == 200


@EACH_WAY
def test_a_dropped_call_sees_the_connection_end_without_an_answer(
    failing: Failing, message: MakeMessage, accept: bool
) -> None:
    caller = failing(Fault(answer="drop", accept=accept))

    with pytest.raises(http.client.RemoteDisconnected):
        caller.send(message())

    assert caller.taken() == _expected(accept)


@EACH_WAY
def test_a_reset_call_sees_a_reset_and_not_an_end(
    failing: Failing, message: MakeMessage, accept: bool
) -> None:
    caller = failing(Fault(answer="reset", accept=accept))

    with pytest.raises(ConnectionResetError) as caught:
        caller.send(message())

    # What http.client makes of an end is a subclass of this.
    assert caught.type is ConnectionResetError
    assert caller.taken() == _expected(accept)


@EACH_WAY
@pytest.mark.parametrize(("answer", "reads_on"), [("half-close", True), ("drop", False)])
def test_a_half_closed_connection_ends_and_is_read_on(
    failing: Failing, message: MakeMessage, accept: bool, answer: Silence, reads_on: bool
) -> None:
    caller = failing(Fault(answer=answer, accept=accept))

    with _open(caller, message()) as connection:
        assert connection.recv(65536) == b""
        assert _takes_more(connection) == reads_on

    assert caller.taken() == _expected(accept)


def _takes_more(connection: socket.socket) -> bool:
    # The first bytes may still get away, the answer to them is what tells.
    try:
        for _ in range(5):
            connection.sendall(b"more")
            time.sleep(0.02)
    except OSError:
        return False
    return True


def test_mail_can_be_accepted_after_the_client_gave_up(
    failing: Failing, message: MakeMessage
) -> None:
    accepted = threading.Event()
    fault = Fault(accept=True, accept_after=0.25, answer="drop")
    caller = failing(fault, on_accept=lambda _: accepted.set())
    caller.timeout = 0.05

    with pytest.raises(TimeoutError):
        caller.send(message())

    assert caller.taken() == []
    assert accepted.wait(5)
    assert caller.taken() == ["ada@example.org"]


def test_a_slow_answer_is_slow_and_the_mail_is_there_before_it(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(answer_after=0.25, times=1))
    caller.timeout = 0.05

    with pytest.raises(TimeoutError):
        caller.send(message())
    assert caller.taken() == ["ada@example.org"]

    caller.timeout = 5
    caller.sandbox.misbehave([Fault(answer_after=0.1)])
    assert _seconds(lambda: caller.send(message())) >= 0.1


@pytest.mark.parametrize("cut", ["status", "headers", "body"])
def test_an_answer_that_breaks_off_ends_where_it_is_cut(
    failing: Failing, message: MakeMessage, cut: Cut
) -> None:
    caller = failing(Fault(cut=cut))

    said = _all_of(_open(caller, message()))

    head, end, body = said.partition(b"\r\n\r\n")
    whole = {
        "status": said == b"HTTP/1.1 20",
        "headers": not end and b"\r\nX-Mess" in said and b"Content-Length" not in said,
        "body": b"Content-Length: 2" in head and body == b"{",
    }
    assert whole[cut], said
    assert caller.taken() == ["ada@example.org"]


def test_a_client_misses_what_was_cut(failing: Failing, message: MakeMessage) -> None:
    caller = failing(Fault(requests=1, cut="status"), Fault(requests=2, cut="body"))

    with pytest.raises(http.client.BadStatusLine):
        caller.send(message())
    with pytest.raises(http.client.IncompleteRead):
        caller.send(message())


def test_a_cut_refusal_accepts_nothing(failing: Failing, message: MakeMessage) -> None:
    caller = failing(Fault(answer=503, cut="body"))

    with pytest.raises(http.client.IncompleteRead):
        caller.send(message())

    assert caller.taken() == []


@pytest.mark.parametrize(
    ("fault", "said", "taken"),
    [
        (Fault(answer="hang"), b"", 0),
        (Fault(answer="hang", accept=True), b"", 1),
        (Fault(answer="half-close"), b"", 0),
        (Fault(answer_after=60), b"HTTP/1.1 202 ", 1),
        (Fault(answer_after=60, answer="reset", accept=True), b"", 1),
        (Fault(answer_after=60, answer=503), b"HTTP/1.1 503 ", 0),
        (Fault(accept_after=60), b"HTTP/1.1 503 ", 0),
    ],
)
def test_stopping_waits_for_no_fault(
    failing: Failing, message: MakeMessage, fault: Fault, said: bytes, taken: int
) -> None:
    caller = failing(fault)
    with _open(caller, message()) as connection:
        _wait_until(lambda: caller.sandbox.counters.requests == 1)
        _wait_until(lambda: len(caller.taken()) == taken)
        assert _seconds(caller.sandbox.stop) < 2
        assert _rest_of(connection).startswith(said)

    assert len(caller.taken()) == taken


def _wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.005)


def _rest_of(connection: socket.socket) -> bytes:
    try:
        return _all_of(connection)
    except ConnectionResetError:
        return b""
