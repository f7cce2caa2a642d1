"""The line to a mail server: smtplib's commands, and replies read as strictly as certainty asks.

smtplib takes half a line for a reply, an endless one for a 500, and one that was sent before its
question for the answer; what a letter came to would then be a guess.
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from functools import cache
from typing import Any, Final

LONGEST_LINE: Final = 4096
MOST_LINES: Final = 100
PATIENCE_AT_THE_END: Final = 2.0
"""Seconds; all is known by then, and the server's farewell changes nothing."""

LINE_FAILURES: Final = (OSError, ValueError)
"""What a conversation may break with: smtplib's errors are of the first kind, text that can't be
coded of the second."""

_REPLY: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


class GarbledError(smtplib.SMTPException):
    """The server said what is no reply, or said it unasked."""


class ServerLine(smtplib.SMTP):
    """One connection to a mail server; nothing that is said over it is logged."""

    def __init__(
        self, host: str, *, timeout: float, tls_at_once: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(local_hostname=own_name(), timeout=timeout)
        # STARTTLS checks the certificate against this name, which smtplib keeps only when it
        # connects by itself.
        self._host = host
        self._unread = b""
        self._tls_at_once = tls_at_once

    def refuse_to_be_talked_over(self) -> None:
        """Break off if the server has said something that nobody asked it.

        It would be taken for the answer to what is sent next; and before TLS, anybody in between
        can have said it.
        """
        if self._unread:
            raise GarbledError("the mail server talks before it is asked")

    def send(self, s: Any) -> None:
        """Send, with the failure of the system itself if that fails."""
        self.refuse_to_be_talked_over()
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        self.sock.sendall(s.encode(self.command_encoding) if isinstance(s, str) else s)

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        """Give a command and hear its reply; what comes behind a STARTTLS's came in the open."""
        reply = super().docmd(cmd, args)
        if cmd == "STARTTLS":
            self.refuse_to_be_talked_over()
        return reply

    def getreply(self) -> tuple[int, bytes]:
        """Give one whole reply: every line ended, and all of them under one code."""
        code, is_last, text = self._line()
        said = [text]
        while not is_last:
            next_code, is_last, text = self._line()
            said.append(text)
            if next_code != code or len(said) > MOST_LINES:
                raise GarbledError("what the mail server says is no reply")
        return code, b"\n".join(said)

    def allow(self, seconds: float) -> None:
        """Wait for each step no longer than this from now on."""
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def leave(self) -> None:
        """Say goodbye, if the line is still there, whatever becomes of it."""
        if self.sock is not None:
            with suppress(*LINE_FAILURES):
                self.allow(PATIENCE_AT_THE_END)
                self.docmd("QUIT")

    def cut(self) -> None:
        """End the connection from another thread, so that the one that waits on it wakes up."""
        if self.sock is not None:
            # Not the TLS socket's own method, after which it would go on without encryption.
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # smtplib connects through this; its own class for TLS from the first byte is another.
        plain = socket.create_connection((host, port), timeout)
        if self._tls_at_once is None:
            return plain
        try:
            return self._tls_at_once.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise

    def _line(self) -> tuple[int, bool, bytes]:
        while b"\n" not in self._unread:
            if len(self._unread) > LONGEST_LINE:
                raise GarbledError("what the mail server says has no end")
            self._unread += self._some()
        line, _, self._unread = self._unread.partition(b"\n")
        reply = _REPLY.fullmatch(line.removesuffix(b"\r"))
        if reply is None:
            raise GarbledError("what the mail server says is no reply")
        return int(reply[1]), reply[2] != b"-", (reply[3] or b"").strip()

    def _some(self) -> bytes:
        data = self.sock.recv(4096) if self.sock else b""
        if not data:
            raise smtplib.SMTPServerDisconnected("the mail server hung up")
        return data


@cache
def own_name() -> str:
    """Name this machine as a greeting may, which smtplib would look up for every letter."""
    name = socket.getfqdn()
    return name if re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", name) else "[127.0.0.1]"
