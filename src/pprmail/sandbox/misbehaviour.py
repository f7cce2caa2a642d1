"""Misbehaviour at the socket: the ways not to answer, and to break an answer off."""

import os
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress

from pprmail.sandbox.faults import Cut, Silence

_END = b"\r\n\r\n"
_LINGER_NOT = struct.pack("ii", 1, 0)


def fall_silent(connection: socket.socket, *, how: Silence) -> None:
    """Leave a client without an answer; return when the connection is to be closed."""
    with suppress(OSError):
        _SILENCES[how](connection)


def _hang(connection: socket.socket) -> None:
    # Reading ends when the client goes, and when the sandbox stops: it then shuts this side.
    connection.settimeout(None)
    while connection.recv(1 << 16):
        pass


def _drop(_: socket.socket) -> None:
    """Do nothing: closing a connection whose calls were all read sends a FIN."""


def _half_close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    _hang(connection)


def _reset(connection: socket.socket) -> None:
    # Closed with nothing to linger for, and without a shutdown, which would send a FIN first.
    # The descriptor itself is closed, because readers and writers of the socket are open still.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    os.close(connection.detach())


_SILENCES: Mapping[Silence, Callable[[socket.socket], None]] = {
    "hang": _hang,
    "drop": _drop,
    "half-close": _half_close,
    "reset": _reset,
}


def cut_off(answer: bytes, *, cut: Cut) -> bytes:
    """Keep the beginning of an answer, always the same; its framing promises more."""
    head, _, body = answer.partition(_END)
    if cut == "status":
        return head[: len(b"HTTP/1.1 20")]
    if cut == "headers":
        *whole, broken, _missing = head.split(b"\r\n")
        return b"\r\n".join([*whole, broken[: len(broken) // 2]])
    return head + _END + body[: len(body) // 2]
