"""A letter as one mail message, in the form that every mail program reads."""

from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, make_msgid
from typing import Any, Final

from pprmail.model.personal import filled_in
from pprmail.sending.envelope import Envelope, Recipient
from pprmail.sending.lines import ascii_address, one_line


class MailPolicy(EmailPolicy):
    """The standard policy, but list headers stay on one line and subjects fold at 75 columns.

    Python's own encodes a List-Unsubscribe of more than 78 columns, and mail programs then ignore
    it; and it folds some long subjects so that they no longer decode (python/cpython#85725).
    """

    def fold(self, name: str, value: Any) -> str:
        """Write a header."""
        return self._own(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write a header as bytes."""
        own = self._own(name, value)
        return own.encode("ascii") if own else super().fold_binary(name, value)

    def _own(self, name: str, value: Any) -> str | None:
        text = str(value)
        if name.lower().startswith("list-") and text.isascii():
            return f"{name}: {text}{self.linesep}"
        if name.lower() == "subject" and not text.isascii():
            words = Header(text, "utf-8", maxlinelen=75, header_name=name)
            return f"{name}: {words.encode(linesep=self.linesep)}{self.linesep}"
        return None


MAIL: Final = MailPolicy(linesep="\r\n")


def message_for(envelope: Envelope, recipient: Recipient, *, now: datetime) -> EmailMessage:
    """Make one reader's message; its bytes are what `as_bytes()` gives."""
    message = EmailMessage(policy=MAIL)
    message["From"] = _person(envelope.from_email, envelope.from_name)
    message["To"] = _person(recipient.email, recipient.name)
    if envelope.reply_to:
        message["Reply-To"] = _person(envelope.reply_to, None)
    message["Subject"] = one_line(envelope.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=envelope.from_email.rpartition("@")[2] or "localhost")
    for name, value in {**envelope.headers, **recipient.headers}.items():
        message[name] = value
    text, html = (filled_in(part, recipient.values) for part in (envelope.text, envelope.html))
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def _person(email: str, name: str | None) -> Address:
    # Given in parts, an address can't hold a second one, whatever its parts are.
    local, _, domain = ascii_address(one_line(email)).rpartition("@")
    return Address(one_line(name or ""), local, domain)
