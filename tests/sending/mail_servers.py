"""Mail servers of this machine: a real one with rules of its own, and one that does as scripted.

Both write down what they took; that is what receipts are held against.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from making import NOW
from pprmail.sending.smtp import SmtpSender
from pprmail.sending.smtp_talk import Server

USERNAME, PASSWORD = "letter", "hush-hush-not-for-anybody"
ACCEPTED = "250 2.0.0 Ok: queued as A1B2C3"
REFUSALS = {
    "4xx": "451 4.3.0 not now",
    "421": "421 4.3.2 closing down",
    "5xx": "550 5.1.1 no, <first.reader@example.org>",
}
UNASKED = ("250 more\r\n", "451 no, after all\r\n", "550 no, after all\r\n")
"""What a server says behind a right reply, in one breath with it."""

GARBAGE: Mapping[str, bytes] = {
    "bytes": b"\x16\x03\x01\x02\x00\xff\n",
    "another protocol": b"HTTP/1.1 200 OK\r\n",
    "a code without a text's blank": b"250ok\r\n",
    "a code of another alphabet": "２５０ ok\r\n".encode(),
    "a code with a sign": b"+25 ok\r\n",
    "an empty line": b"\r\n",
    "two codes in one reply": b"250-first\r\n550 second\r\n",
    "a line without an end": b"250 " + b"x" * 20_000,
    "lines without an end": b"250-more\r\n" * 5_000,
    "half a reply": b"25",
    "a reply without its end": b"250 ok",
    "half of a long reply": b"250-first\r\n",
}


@dataclass(frozen=True)
class Tls:
    """What a server shows, and what a client trusts."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def a_certificate(folder: Path, *names: x509.GeneralName, days: int = 1) -> Tls:
    """Make a self-signed certificate for these names; given no days, it has run out."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days or -1))
        .add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{len(list(folder.iterdir()))}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return Tls(server, ssl.create_default_context(cafile=str(path)))


def of_this_machine(folder: Path) -> Tls:
    """Make a certificate for loopback."""
    return a_certificate(folder, x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost"))


def a_sender(port: int, tls: Tls | None = None, **changed: Any) -> SmtpSender:
    """Make a sender to a port of this machine; it encrypts and logs in where TLS is given."""
    fields: dict[str, Any] = {"host": "127.0.0.1", "port": port, "starttls": tls is not None}
    if tls:
        fields |= {"tls": tls.client, "username": USERNAME, "password": PASSWORD}
    return SmtpSender(Server(**(fields | {"timeout": 10.0} | changed)), lambda: NOW)


@dataclass
class Taken:
    """One letter as a server took it."""

    sender: str
    recipient: str
    content: bytes
    is_encrypted: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        """The letter, as a mail program reads it."""
        return message_from_bytes(self.content, policy=policy.default)


Rule = Callable[[str], str | None]
"""A recipient → what is answered instead of yes; `drop` ends the connection without a word."""


@dataclass
class Ledger:
    """A real server's book of what it took, and its rules for steps."""

    taken: list[Taken] = field(default_factory=list)
    at_sender: Callable[[], str | None] = lambda: None
    at_recipient: Rule = lambda _: None
    at_letter: Rule = lambda _: None
    after_letter: Rule = lambda _: None

    @property
    def addresses(self) -> list[str]:
        """Whom letters were taken for."""
        return [each.recipient for each in self.taken]

    async def handle_MAIL(  # noqa: N802
        self, server: Any, _: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Answer to a sender."""
        envelope.mail_from = address
        envelope.mail_options += options
        return self._said(server, self.at_sender()) or "250 ok"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, _: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Answer to a recipient."""
        refusal = self._said(server, self.at_recipient(address))
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter, or not."""
        (recipient,) = envelope.rcpt_tos
        refusal = self._said(server, self.at_letter(recipient))
        if refusal is not None:
            return refusal
        user = session.auth_data.decode() if session.auth_data else None
        is_encrypted = session.ssl is not None
        self.taken.append(
            Taken(envelope.mail_from, recipient, envelope.content, is_encrypted, user)
        )
        return self._said(server, self.after_letter(recipient)) or ACCEPTED

    def _said(self, server: Any, answer: str | None) -> str | None:
        if answer == "drop":
            server.transport.abort()
        return answer


def _authenticated(_: Any, __: Any, ___: Any, mechanism: str, proof: Any) -> AuthResult:
    known = LoginPassword(USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=proof == known, handled=False, auth_data=USERNAME.encode())


class _AtAnyPort(Controller):
    """Knocks at the port that it was given, where its parent would knock at 0."""

    def _trigger_server(self) -> None:
        listening: Any = self.server
        self.port = listening.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def a_real_server(ledger: Ledger, tls: Tls | None = None, **options: Any) -> Iterator[int]:
    """Run aiosmtpd in a thread of its own; give its port."""
    if tls:
        options |= {
            "tls_context": tls.server,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _authenticated,
        }
    options = {"enable_SMTPUTF8": False} | options
    loop = asyncio.new_event_loop()
    controller = _AtAnyPort(ledger, hostname="127.0.0.1", port=0, loop=loop, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def a_server_inside_tls(ledger: Ledger, tls: Tls) -> Iterator[int]:
    """Run aiosmtpd behind TLS from the first byte; give its port."""
    options: dict[str, Any] = {"ssl_context": tls.server, "auth_require_tls": False}
    with a_real_server(ledger, authenticator=_authenticated, **options) as port:
        yield port


class ScriptedServer:
    """A mail server over raw sockets that goes wrong at one step, in one way."""

    def __init__(
        self, step: str = "", how: str | bytes = "", *, tls: Tls | None = None, takes: bool = True
    ) -> None:
        self.said: list[str] = []
        self.taken: list[bytes] = []
        self.connections = 0
        self._step, self._how, self._tls, self._takes = step, how, tls, takes
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._released.set()
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
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        talk = _Talk(connection)
        try:
            self._reply(talk, "greeting", "220 here")
            while self._answered(talk):
                pass
        except (OSError, ValueError):
            pass
        finally:
            talk.connection.close()

    def _answered(self, talk: "_Talk") -> bool:
        command = talk.until(b"\r\n").decode()
        self.said.append(command)
        verb = command.split()[0].upper()
        if verb == "EHLO":
            offers = "AUTH PLAIN" if talk.is_encrypted else "STARTTLS" if self._tls else "SIZE"
            step = "ehlo again" if talk.is_encrypted else "ehlo"
            self._reply(talk, step, f"250-here\r\n250-8BITMIME\r\n250 {offers}")
        elif verb == "STARTTLS" and self._tls:
            self._reply(talk, "starttls", "220 go on")
            self._fail(talk, "handshake")
            talk.encrypt(self._tls.server)
        elif verb == "DATA":
            self._reply(talk, "data", "354 go on")
            self._take(talk)
        else:
            right = {"AUTH": "235 ok", "QUIT": "221 bye"}.get(verb, "250 ok")
            self._reply(talk, verb.lower(), right)
        return verb != "QUIT"

    def _take(self, talk: "_Talk") -> None:
        if self._step == "letter":
            talk.some()
            self._fail(talk, "letter")
        content = talk.until(b"\r\n.\r\n")
        # A scripted refusal is one: whoever says no takes nothing.
        if self._takes and not (self._step == "dot" and self._how in REFUSALS):
            self.taken.append(content)
        self._reply(talk, "dot", ACCEPTED)

    def _reply(self, talk: "_Talk", step: str, right: str) -> None:
        self._fail(talk, step)
        unasked = self._how if step == self._step and self._how in UNASKED else ""
        talk.say(f"{right}\r\n{unasked}".encode())

    def _fail(self, talk: "_Talk", step: str) -> None:
        if step != self._step or self._how in UNASKED:
            return
        if isinstance(self._how, bytes):
            talk.say(self._how)
        elif self._how in {"hang", "trickle"}:
            while not self._released.wait(0.02):
                talk.say(b"2" if self._how == "trickle" else b"")
        elif self._how == "reset":
            option = struct.pack("ii", 1, 0)
            talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        elif self._how != "close":
            self._refuse(talk, self._how)
        raise ConnectionError("the script ends here")

    def _refuse(self, talk: "_Talk", how: str) -> None:
        talk.say(f"{REFUSALS.get(how, how)}\r\n".encode())
        while how in REFUSALS and how != "421" and talk.until(b"\r\n") != b"QUIT":
            pass


@dataclass
class _Talk:
    connection: socket.socket
    unread: bytes = b""

    @property
    def is_encrypted(self) -> bool:
        return isinstance(self.connection, ssl.SSLSocket)

    def encrypt(self, context: ssl.SSLContext) -> None:
        self.connection = context.wrap_socket(self.connection, server_side=True)

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def until(self, end: bytes) -> bytes:
        while end not in self.unread:
            self.unread += self.some()
        found, _, self.unread = self.unread.partition(end)
        return found

    def some(self) -> bytes:
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionError("the caller is gone")
        return data
