"""The outbox: letters as files, for a rehearsal that lets nothing leave this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pprmail.errors import OutputError
from pprmail.files import write_whole
from pprmail.sending.envelope import Answer, Envelope, Receipt, Recipient
from pprmail.sending.message import message_for

LONGEST_NAME: Final = 200
"""Most file systems take 255 bytes; what is longer is cut and told apart by its digest."""


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
        # It holds an address and the key to a reader's preferences: for its owner's eyes alone.
        path = self.folder / f"{_file_name(recipient.email)}.eml"
        return write_whole(path, message.as_bytes(), mode=0o600)


def emptied(folder: Path) -> Path:
    """Take the letters of the last rehearsal away, and nothing else."""
    try:
        for letter in folder.glob("*.eml"):
            if letter.is_file():
                letter.unlink()
    except OSError as error:
        raise OutputError(
            f"can't be taken away: {error.strerror}",
            where=str(error.filename or folder),
            remedy="check this user's rights, then run the command again",
        ) from error
    return folder


def _file_name(address: str) -> str:
    name = quote(address.lower(), safe="@+")
    digest = sha256(address.lower().encode()).hexdigest()[:16]
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}-{digest}"
