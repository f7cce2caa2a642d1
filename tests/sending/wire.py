"""A provider that does as a script says, over raw sockets: it answers, drops, hangs or trickles."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from types import TracebackType
from typing import Any, Self

from pprmail.sending.envelope import Envelope, Recipient

Script = Callable[["Call"], None]
KEY = "SG.a-very-secret-key"
ADDRESSES = ["first.reader@example.org", "second.reader@example.org"]


@dataclass
class Call:
    """One connection, on the provider's side."""

    connection: socket.socket
    released: threading.Event
    headers: Message = field(default_factory=Message)
    body: bytes = b""

    def read(self) -> Self:
        """Take in the whole request."""
        head, _, self.body = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        self.headers = message_from_bytes(head.partition(b"\r\n")[2])
        while len(self.body) < int(self.headers.get("Content-Length") or 0):
            self.body += self._some()
        return self

    def say(self, data: bytes) -> None:
        """Send some bytes."""
        self.connection.sendall(data)

    def reset(self) -> None:
        """Drop the connection so that the other side can't take it for an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def json(self) -> Any:
        """Give the request's body."""
        return json.loads(self.body)

    def _until(self, end: bytes) -> bytes:
        data = b""
        while end not in data:
            data += self._some()
        return data

    def _some(self) -> bytes:
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionError("the caller is gone")
        return data


class Provider:
    """Listens on loopback, runs the script for each connection and keeps what was asked."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.calls: list[Call] = []
        self.released = threading.Event()
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    @property
    def url(self) -> str:
        """The address to use as SendGrid's."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=10)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            call = Call(connection, self.released)
            self.calls.append(call)
            thread = threading.Thread(target=self._serve, args=(call,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, call: Call) -> None:
        call.connection.settimeout(10)
        try:
            if self._tls:
                call.connection = self._tls.wrap_socket(call.connection, server_side=True)
            self._script(call)
        except OSError:
            pass
        finally:
            call.connection.close()


def says(data: bytes) -> Script:
    """Read a request whole, and say this."""
    return lambda call: call.read().say(data)


def answer(status: str, body: bytes | Any = b"", **headers: str) -> bytes:
    """Spell an answer; headers are named with underscores."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def errors(*found: tuple[str | None, str]) -> Any:
    """Spell errors in SendGrid's shape: field and message."""
    return {"errors": [{"field": f, "message": m, "help": None} for f, m in found]}


def an_envelope(*addresses: str, **changed: Any) -> Envelope:
    """Make an envelope with parts for each reader."""
    recipients = [a_recipient(a, n) for n, a in enumerate(addresses or ADDRESSES, start=1)]
    fields: dict[str, Any] = {
        "from_name": "The Letter",
        "from_email": "letter@example.org",
        "reply_to": "editor@example.org",
        "subject": "A subject",
        "html": "<p>-pm.greeting_html-</p>",
        "text": "-pm.greeting_text-",
        "recipients": recipients,
        "headers": {"List-Id": "<letter.example.org>"},
        "categories": ("letter", "letter-2026-11"),
    }
    return Envelope(**(fields | changed))


def a_recipient(address: str, number: int, **changed: Any) -> Recipient:
    """Make one recipient whose every part holds the number."""
    fields: dict[str, Any] = {
        "name": f"Reader {number}",
        "values": {
            "-pm.greeting_html-": f"Dear &lt;{number}&gt;",
            "-pm.greeting_text-": f"Dear <{number}>",
        },
        "headers": {
            "List-Unsubscribe": f"<https://letter.example.org/unsubscribe/{number}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "arguments": {"pm_d": str(number), "pm_r": "a-request"},
    }
    return Recipient(address, **(fields | changed))
