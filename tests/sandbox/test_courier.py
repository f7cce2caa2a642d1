from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from pprmail.sandbox import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.conftest import (
        Caller,
        CallerOf,
        MakeMessage,
        MakeSandbox,
        Receiver,
        SetClock,
    )


def test_the_counters_follow_the_events(
    eventful: Caller, receiver: Receiver, message: MakeMessage, clock: SetClock
) -> None:
    eventful.send(message("ada@example.org", "ben@example.org"))
    eventful.send(message(send_at=clock.unix(hours=1)))

    assert eventful.sandbox.wait_for_events(5)
    counters = eventful.sandbox.counters
    assert (counters.accepted, counters.events_sent, counters.events_pending) == (2, 4, 0)
    assert len(receiver.events()) == 4


def test_a_thousand_letters_are_posted_in_few_posts_each_event_once(
    eventful: Caller, receiver: Receiver, message: MakeMessage
) -> None:
    eventful.send(message(*(f"reader{index}@example.org" for index in range(1000))))

    assert eventful.sandbox.wait_for_events(10)
    assert len({each["sg_event_id"] for each in receiver.events()}) == 2000
    assert len(receiver.posts) <= 4
    for post in receiver.posts:
        post.verify(eventful.sandbox.public_key)


@pytest.mark.parametrize("status", [300, 301, 307, 400, 404, 500, 503])
def test_anything_but_2xx_is_tried_again_with_the_same_events(
    make_sandbox: MakeSandbox,
    receiver: Receiver,
    caller_of: CallerOf,
    message: MakeMessage,
    status: int,
) -> None:
    caller = caller_of(make_sandbox(webhook_url=receiver.url, retry_seconds=(0,)))
    receiver.answers = [(status, {"Location": receiver.url})]
    caller.send(message())

    assert caller.sandbox.wait_for_events(5)
    first, second = receiver.posts
    assert first.body == second.body
    assert caller.sandbox.counters.events_sent == 2


@pytest.fixture
def impatient(ledger_path: Path, receiver: Receiver, clock: SetClock) -> Sandbox:
    """A sandbox whose courier goes round only when the test says so."""
    options = SandboxOptions(
        ledger_path=ledger_path,
        webhook_url=receiver.url,
        clock=clock,
        retry_seconds=(60, 3600, 43_000),
    )
    return Sandbox(options)


def test_the_waits_between_tries_grow_and_end_after_a_day(
    impatient: Sandbox, receiver: Receiver, clock: SetClock
) -> None:
    receiver.answers = [(503, {})] * 99
    impatient._depot.queue.put([{"event": "processed"}], due=clock())
    tries = []
    for seconds in (59, 1, 3599, 1, 42_999, 1, 86_400, 0):
        impatient._courier._go_round(clock())
        tries.append(len(receiver.posts))
        clock.move(seconds=seconds)

    assert tries == [1, 1, 2, 2, 3, 3, 4, 4]
    assert len({post.body for post in receiver.posts}) == 1
    assert len({post.signed_bytes for post in receiver.posts}) == 4
    for post in receiver.posts:
        post.verify(impatient.public_key)
    counters = impatient.counters
    assert (counters.events_sent, counters.events_lost, counters.events_pending) == (0, 1, 0)


def test_a_receiver_that_is_not_there_is_tried_until_it_is(
    make_sandbox: MakeSandbox, caller_of: CallerOf, message: MakeMessage
) -> None:
    with socket.socket() as late:
        late.bind(("127.0.0.1", 0))
        late.settimeout(5)
        url = f"http://127.0.0.1:{late.getsockname()[1]}/"
        caller = caller_of(make_sandbox(webhook_url=url, retry_seconds=(0,)))
        caller.send(message())
        assert not caller.sandbox.wait_for_events(0.1)

        late.listen()
        with late.accept()[0] as connection:
            assert connection.recv(65536).startswith(b"POST / HTTP/1.1\r\n")
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            assert caller.sandbox.wait_for_events(5)

    assert caller.sandbox.counters.events_sent == 2


def test_a_receiver_that_never_answers_is_given_up_and_tried_again(
    make_sandbox: MakeSandbox, caller_of: CallerOf, message: MakeMessage
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(5)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        sandbox = make_sandbox(webhook_url=url, webhook_timeout=0.05, retry_seconds=(0,))
        caller_of(sandbox).send(message())
        tries = [silent.accept()[0] for _ in range(2)]
        sandbox.stop()
        for connection in tries:
            connection.close()

    assert sandbox.counters.events_sent == 0


def test_stopping_waits_for_one_post_at_most(
    make_sandbox: MakeSandbox, caller_of: CallerOf, message: MakeMessage
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(5)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        sandbox = make_sandbox(webhook_url=url, webhook_timeout=0.5, events_per_post=1)
        caller_of(sandbox).send(message(*(f"reader{index}@example.org" for index in range(50))))
        silent.accept()[0].close()
        stopping = threading.Thread(target=sandbox.stop)
        stopping.start()
        stopping.join(5)

    assert not stopping.is_alive()


def test_without_a_webhook_nothing_is_pending(caller: Caller, message: MakeMessage) -> None:
    caller.send(message())

    assert caller.sandbox.wait_for_events(5)
    assert caller.sandbox.counters.events_pending == 0
    assert caller.sandbox.counters.events_sent == 0
