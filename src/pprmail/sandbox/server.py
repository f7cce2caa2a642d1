"""The server: sockets and HTTP/1.1, one thread a connection, not a word in any log."""

import logging
import socket
import socketserver
import sys
import traceback
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from pprmail.sandbox.call import Call, Reply, refused
from pprmail.sandbox.faults import Cut
from pprmail.sandbox.faulty_api import FaultyApi, Outcome
from pprmail.sandbox.misbehaviour import cut_off, fall_silent
from pprmail.sandbox.tally import Tally

log = logging.getLogger(__name__)

# "Less than 30MB" is all that the limitations page says: read as decimal, the stricter way.
TOO_LARGE = 30_000_000
MOST_DISCARDED = 4 * TOO_LARGE
LONGEST_LINE = 65_536
BODILESS = (204, 304)


class SandboxServer(socketserver.ThreadingTCPServer):
    """Listens, and remembers its open connections so that it can stop without waiting for them."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], *, api: FaultyApi, tally: Tally) -> None:
        self.api = api
        self.tally = tally
        self._lock = Lock()
        self._open: set[Any] = set()
        super().__init__(address, Conversation)

    def stop(self) -> None:
        """Take no more calls, let those under way be answered or hang no more, close everything."""
        self.shutdown()
        self.api.hurry()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, and hand it to a thread of its own."""
        self.tally.add("connections")
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """Pass over clients that hang up; name any other fault by its place alone.

        The message of an exception may hold an address or a key, so it is left out.
        """
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s in %s line %s", type(error).__name__, place.filename, place.lineno)


class Conversation(BaseHTTPRequestHandler):
    """The calls of one connection, one after the other."""

    server: SandboxServer
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"
    server_version = "pprmail"
    sys_version = "sandbox"
    timeout = 30
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read one call, whatever its method, and answer it."""
        try:
            self.raw_requestline = self.rfile.readline(LONGEST_LINE + 1)
            if not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                self._converse()
        except TimeoutError:
            self.close_connection = True

    def _converse(self) -> None:
        # Nothing is accepted before `outcome`, and nothing is said before it is known.
        parts = urlsplit(self.path)
        number = self.server.tally.add(f"{self.command} {parts.path}")
        body = self._read_body()
        if body is None:
            return
        call = Call(number, self.command, parts.path, parts.query, self.headers, body)
        self._carry_out(self.server.api.outcome(call))

    def _carry_out(self, outcome: Outcome) -> None:
        if outcome.reply is None:
            self.close_connection = True
            fall_silent(self.connection, how=outcome.silence)
        elif outcome.cut is None:
            self._write(outcome.reply)
        else:
            self._break_off(outcome.reply, cut=outcome.cut)

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._refuse(411, "A Content-Length is required.")
        elif int(length) >= TOO_LARGE:
            self._discard(min(int(length), MOST_DISCARDED))
            self._refuse(413, "content too large")
        else:
            return self._read_whole(int(length))
        return None

    def _read_whole(self, length: int) -> bytes | None:
        body = self.rfile.read(length)
        if len(body) == length:
            return body
        self.close_connection = True
        return None

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self._write(refused(status, message))

    def _discard(self, length: int) -> None:
        # An answer before the end of the body would reach most clients as a reset connection.
        while length > 0 and (chunk := self.rfile.read(min(length, 1 << 16))):
            length -= len(chunk)

    def _write(self, reply: Reply) -> None:
        self.wfile.write(self._wire_form(reply))

    def _break_off(self, reply: Reply, *, cut: Cut) -> None:
        # What has no body promises one, so that there is something to miss.
        whole = self._wire_form(replace(reply, body=reply.body or b"{}"))
        self.wfile.write(cut_off(whole, cut=cut))
        self.close_connection = True

    def _wire_form(self, reply: Reply) -> bytes:
        has_body = reply.status not in BODILESS
        head = {
            "Server": self.version_string(),
            "Date": self.date_time_string(self.server.api.clock().timestamp()),
            **({"Connection": "close"} if self.close_connection else {}),
            **reply.headers,
            **({"Content-Length": str(len(reply.body))} if has_body else {}),
        }
        phrase = self.responses.get(reply.status, ("",))[0]
        lines = [f"{self.protocol_version} {reply.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        body = reply.body if has_body and self.command != "HEAD" else b""
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what isn't HTTP, in the same shape as everything else."""
        self._refuse(code, message or explain or "Bad Request")

    def log_message(self, *_: Any) -> None:
        """Say nothing: a path may hold an address."""
