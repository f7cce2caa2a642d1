"""A sink: answers every request with 202 as fast as it can be read, and counts requests.

It runs in a process of its own, so that what is measured is the sender.
"""

import multiprocessing
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

ANSWER = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink\r\nContent-Length: 0\r\n\r\n"
CHUNK = 1 << 20


@contextmanager
def sink() -> Iterator[str]:
    """Run a sink, and give its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs,), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def serve(ready: Connection) -> None:
    """Answer for ever."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    ready.send(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_converse, args=(connection,), daemon=True).start()


def _converse(connection: socket.socket) -> None:
    buffer = memoryview(bytearray(CHUNK))
    with connection:
        while head := _head(connection):
            expected, body = _length(head), len(head.partition(b"\r\n\r\n")[2])
            while body < expected:
                received = connection.recv_into(buffer)
                if not received:
                    return
                body += received
            connection.sendall(ANSWER)


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        if not received:
            return b""
        head += received
    return head


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
