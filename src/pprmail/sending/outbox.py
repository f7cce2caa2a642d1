"""The outbox: letters as files, for a rehearsal that lets nothing leave this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from pprmail.files import write_whole
from pprmail.sending.envelope import Answer, Envelope, Receipt, Recipient
from pprmail.sending.message import message_for


@dataclass(frozen=True)
class Outbox:
    """A folder with one .eml file for each letter, named after its address."""

    folder: Path
    clock: Callable[[], datetime]

    def send(self, envelope: Envelope) -> Receipt:
        """Write every letter of an envelope."""
        for recipient in envelope.recipients:
            self.write(envelope, recipient)
        return Receipt(Answer.ACCEPTED, detail=f"written to {self.folder}")

    def write(self, envelope: Envelope, recipient: Recipient) -> Path:
        """Write one letter, whole or not at all."""
        message = message_for(envelope, recipient, now=self.clock())
        path = self.folder / f"{quote(recipient.email.lower(), safe='@+')}.eml"
        return write_whole(path, message.as_bytes())


def emptied(folder: Path) -> Path:
    """Take the letters of the last rehearsal away, and nothing else."""
    for letter in folder.glob("*.eml"):
        letter.unlink()
    return folder
