"""A letter as one mail message, in the form that every mail program reads."""

from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, make_msgid
from typing import Any

from pprmail.model.personal import filled_in
from pprmail.sending.envelope import Envelope, Recipient


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
        if name.lower().startswith("list-"):
            return f"{name}: {text}{self.linesep}"
        if name.lower() == "subject" and not text.isascii():
            words = Header(text, "utf-8", maxlinelen=75, header_name=name)
            return f"{name}: {words.encode(linesep=self.linesep)}{self.linesep}"
        return None


MAIL = MailPolicy(linesep="\r\n")


def message_for(envelope: Envelope, recipient: Recipient, *, now: datetime) -> EmailMessage:
    """Make one reader's message; its bytes are what `as_bytes()` gives."""
    message = EmailMessage(policy=MAIL)
    message["From"] = formataddr((envelope.from_name, envelope.from_email))
    message["To"] = formataddr((recipient.name or "", recipient.email))
    if envelope.reply_to:
        message["Reply-To"] = envelope.reply_to
    message["Subject"] = envelope.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=envelope.from_email.rpartition("@")[2] or "localhost")
    for name, value in {**envelope.headers, **recipient.headers}.items():
        message[name] = value
    message.set_content(filled_in(envelope.text, recipient.values), cte="quoted-printable")
    html = filled_in(envelope.html, recipient.values)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message
