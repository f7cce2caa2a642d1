"""The conversation with a mail server, step by step, so that it is certain where it broke off."""

import re
import smtplib
import ssl
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from pprmail.errors import ConfigError
from pprmail.model.masthead import LOOPBACK
from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.lines import reason
from pprmail.sending.smtp_line import LINE_FAILURES, ServerLine
from pprmail.sending.smtp_receipts import RefusedError, Step, receipt_for_reply
from pprmail.sending.transport import cause

WAYS_TO_LOG_IN: Final = ("PLAIN", "LOGIN", "CRAM-MD5")


@dataclass(frozen=True)
class Server:
    """Where the mail server is, and how to get in; without a user name, nobody logs in.

    Where it speaks `tls_at_once` (RFC 8314), nothing is in the open that STARTTLS would encrypt.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = True
    tls_at_once: bool = False
    timeout: float = 30.0
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def __post_init__(self) -> None:
        """Refuse what can't be told to a server, before anything is promised to anyone."""
        if not re.fullmatch(r"[ -~]*", self.username + self.password):
            raise ConfigError(
                "a user name or password with characters outside ASCII can't be told to a server",
                where="[smtp] password",
                remedy="choose another one at your provider",
            )

    @property
    def deadline(self) -> float:
        """Seconds after which a letter is given up, however slowly bytes still trickle in."""
        return self.timeout * 2

    @property
    def is_on_loopback(self) -> bool:
        """Tell whether nothing that is said leaves this machine."""
        return self.host.lower() in LOOPBACK


@dataclass(frozen=True)
class Parcel:
    """One letter as it goes over the line: addresses, and bytes that end with the lone dot."""

    sender: str
    recipient: str
    content: bytes
    message_id: str

    @property
    def needs_utf8(self) -> bool:
        """Tell whether the address is one that only a newer server understands."""
        return not self.recipient.isascii()


class CalledOffError(smtplib.SMTPException):
    """Whoever waited has given the letter up; nothing of it may leave any more."""


@dataclass
class Handover:
    """The moment from which on a letter may have been taken: it comes once, or is called off."""

    has_begun: bool = False
    is_called_off: bool = False
    receipt: Receipt | None = None
    line: ServerLine | None = None
    _turn: Lock = field(default_factory=Lock)

    def begin(self) -> None:
        """Begin, unless it was called off: then it is certain that nothing was sent."""
        with self._turn:
            if self.is_called_off:
                raise CalledOffError("the time was over before the letter was handed over")
            self.has_begun = True

    def call_off(self, parcel: Parcel, *, deadline: float) -> Receipt:
        """Wait no longer, and say what is certain; the letter can't begin to leave after this."""
        with self._turn:
            self.is_called_off = True
            receipt = self.receipt or self.without_reply(parcel, f"no reply within {deadline:g} s")
        if self.line is not None:
            self.line.cut()
        return receipt

    def without_reply(self, parcel: Parcel, why: str) -> Receipt:
        """Say what is certain when no reply came."""
        if not self.has_begun:
            return Receipt(Answer.UNREACHABLE, why)
        name = parcel.message_id.partition("@")[0]
        detail = f"{why}, though the letter was handed over; the server's log has it as {name}"
        return Receipt(Answer.UNKNOWN, detail, message_id=parcel.message_id)


def deliver(server: Server, parcel: Parcel, handover: Handover) -> Receipt:
    """Take one letter to the server, over a connection of its own, and try once."""
    at_once = server.tls if server.tls_at_once else None
    with closing(ServerLine(server.host, timeout=server.timeout, tls_at_once=at_once)) as line:
        handover.line = line
        handover.receipt = _receipt(line, server, parcel, handover=handover)
        line.leave()
    return handover.receipt


def _receipt(line: ServerLine, server: Server, parcel: Parcel, *, handover: Handover) -> Receipt:
    try:
        _enter(line, server)
        _announce(line, parcel)
        # The reply to the last dot decides everything, and has all the time that is left.
        line.allow(server.deadline)
        line.refuse_to_be_talked_over()
        handover.begin()
        return _hand_over(line, parcel)
    except RefusedError as refusal:
        return refusal.receipt
    except LINE_FAILURES as error:
        line.close()
        return handover.without_reply(parcel, cause(error))


def _enter(line: ServerLine, server: Server) -> None:
    _expect(Step.GREETING, line.connect(server.host, server.port), 220)
    _expect(Step.EHLO, line.ehlo(), 250)
    if server.starttls and not server.tls_at_once:
        _encrypt(line, server)
    if server.username:
        _log_in(line, server)


def _encrypt(line: ServerLine, server: Server) -> None:
    if not line.has_extn("starttls"):
        raise _forbidden(
            "the mail server offers no STARTTLS, and nothing is sent in the open unless [smtp] "
            "starttls is switched off"
        )
    try:
        line.starttls(context=server.tls)
    except smtplib.SMTPResponseException as error:
        raise RefusedError(
            receipt_for_reply(Step.STARTTLS, error.smtp_code, _bytes(error.smtp_error))
        ) from None
    _expect(Step.EHLO, line.ehlo(), 250)


def _log_in(line: ServerLine, server: Server) -> None:
    if not (server.starttls or server.tls_at_once or server.is_on_loopback):
        raise _forbidden("the password would travel in the open: switch [smtp] starttls on")
    offered = line.esmtp_features.get("auth", "").upper().split()
    way = next((way for way in WAYS_TO_LOG_IN if way in offered), None)
    if way is None:
        raise _forbidden("the mail server offers no way to log in that is known here")
    line.user, line.password = server.username, server.password
    ways: dict[str, Any] = {"PLAIN": line.auth_plain, "LOGIN": line.auth_login}
    try:
        line.auth(way, ways.get(way, line.auth_cram_md5))
    except smtplib.SMTPAuthenticationError as error:
        raise RefusedError(
            receipt_for_reply(Step.AUTH, error.smtp_code, _bytes(error.smtp_error))
        ) from None


def _announce(line: ServerLine, parcel: Parcel) -> None:
    options = ""
    if parcel.needs_utf8:
        if not line.has_extn("smtputf8"):
            words = "the mail server takes no address with characters outside ASCII"
            raise RefusedError(Receipt(Answer.REFUSED, words, refused_recipients=(0,)))
        options, line.command_encoding = " BODY=8BITMIME SMTPUTF8", "utf-8"
    # Not smtplib's own commands, which look for another address inside of an odd one.
    _expect(Step.MAIL, line.docmd("MAIL", f"FROM:<{parcel.sender}>{options}"), 250)
    _expect(Step.RCPT, line.docmd("RCPT", f"TO:<{parcel.recipient}>"), 250, 251)
    _expect(Step.DATA, line.docmd("DATA"), 354)


def _hand_over(line: ServerLine, parcel: Parcel) -> Receipt:
    line.send(parcel.content)
    code, text = line.getreply()
    _expect(Step.LETTER, (code, text), 250)
    said = reason(text.decode("utf-8", "replace"))
    return Receipt(Answer.ACCEPTED, said, message_id=parcel.message_id)


def _expect(step: Step, reply: tuple[int, bytes], *hoped_for: int) -> None:
    if reply[0] not in hoped_for:
        raise RefusedError(receipt_for_reply(step, *reply))


def _forbidden(words: str) -> RefusedError:
    return RefusedError(Receipt(Answer.FORBIDDEN, words))


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
