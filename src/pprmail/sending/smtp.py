"""SMTP out: an envelope becomes one conversation with a mail server, and its end a receipt."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from typing import Final

from pprmail.sending.envelope import Answer, Envelope, Receipt, Recipient
from pprmail.sending.lines import ascii_address, reason
from pprmail.sending.message import MAIL, message_for
from pprmail.sending.smtp_talk import Handover, Parcel, Server, deliver
from pprmail.sending.transport import within
from pprmail.sending.webhook import DELIVERY_ARGUMENT, REQUEST_ARGUMENT

_SPECIAL: Final = r'\s\x00-\x1f\x7f-\x9f"(),:;<>@\[\\\]\ud800-\udfff'
_SENDABLE: Final = re.compile(rf"[^{_SPECIAL}]+@[^{_SPECIAL}]+")
"""What stands between the angle brackets of a command as it is: nothing in it ends them."""

_OPAQUE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class SmtpSender:
    """Sends through a mail server: one letter a request, a fresh connection for it, one try."""

    server: Server
    clock: Callable[[], datetime]

    def send(self, envelope: Envelope) -> Receipt:
        """Hand one letter over and say what is certain after it."""
        parcel = self._parcel(envelope)
        if isinstance(parcel, Receipt):
            return parcel
        handover, deadline = Handover(), self.server.deadline
        receipt = within(deadline, lambda: deliver(self.server, parcel, handover))
        return receipt or handover.call_off(parcel, deadline=deadline)

    def _parcel(self, envelope: Envelope) -> Parcel | Receipt:
        if len(envelope.recipients) != 1:
            return Receipt(Answer.REFUSED, "by SMTP, a request is for one recipient")
        if not _SENDABLE.fullmatch(envelope.from_email):
            return Receipt(Answer.FORBIDDEN, "[newsletter] from_email is no address of a sender")
        recipient = envelope.recipients[0]
        address = ascii_address(recipient.email)
        if not _SENDABLE.fullmatch(address):
            words = "this is no address that a mail server takes"
            return Receipt(Answer.REFUSED, words, refused_recipients=(0,))
        try:
            message = self._message(envelope, recipient)
            content = on_the_wire(message, utf8=not address.isascii())
        except (ValueError, MessageError) as error:
            return Receipt(Answer.REFUSED, reason(f"the letter can't be written down: {error}"))
        return Parcel(envelope.from_email, address, content, message["Message-ID"].strip("<>"))

    def _message(self, envelope: Envelope, recipient: Recipient) -> EmailMessage:
        message = message_for(envelope, recipient, now=self.clock())
        name = _name_of(recipient.arguments)
        if name:
            domain = envelope.from_email.rpartition("@")[2]
            message.replace_header("Message-ID", f"<{name}@{domain}>")
        return message


def on_the_wire(message: EmailMessage, *, utf8: bool = False) -> bytes:
    """Give a message's bytes as they go over the line, up to the lone dot that ends them.

    Every line ends with CR and LF, and one that begins with a dot has a second one: so nothing in
    a letter can be taken for its end, by any server.
    """
    data = message.as_bytes(policy=MAIL.clone(utf8=utf8))
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data).removesuffix(b"\r\n")
    return re.sub(rb"(?m)^\.", b"..", lines) + b"\r\n.\r\n"


def _name_of(arguments: Mapping[str, str]) -> str | None:
    """Name a letter after its delivery and request, so that it is found in the server's log.

    A delivery's number alone would do, were there not a second installation at the same domain:
    mailboxes drop what comes under a name that they know.
    """
    names = [arguments.get(each, "") for each in (DELIVERY_ARGUMENT, REQUEST_ARGUMENT)]
    return ".".join(names) if all(_OPAQUE.fullmatch(name) for name in names) else None
