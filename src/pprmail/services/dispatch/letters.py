"""Letters: stored bytes and a reader's own parts, put into an envelope. Nothing is rendered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from pprmail.model.edition import Rendered
from pprmail.model.link import Signer
from pprmail.model.masthead import Masthead
from pprmail.model.personal import Personal, key
from pprmail.sending.envelope import Envelope, Recipient

ONE_CLICK: Final = "List-Unsubscribe=One-Click"


class Addressee(Protocol):
    """What of a reader stands on the envelope and in the letter."""

    @property
    def public_id(self) -> str:
        """The name that links carry."""
        ...

    @property
    def email(self) -> str | None:
        """The address."""
        ...

    @property
    def name(self) -> str | None:
        """The name to greet."""
        ...

    @property
    def topic_bits(self) -> int:
        """The topics that led here."""
        ...


@dataclass(frozen=True)
class LetterWriter:
    """Fills envelopes with one edition."""

    masthead: Masthead
    signer: Signer
    edition: Rendered
    selection: int
    topics: Sequence[str]
    issue: str

    def envelope(self, recipients: Iterable[Recipient]) -> Envelope:
        """Put one edition and its recipients into an envelope."""
        return Envelope(
            from_name=self.masthead.from_name,
            from_email=self.masthead.from_email,
            reply_to=self.masthead.reply_to,
            subject=self.edition.subject,
            html=self.edition.html,
            text=self.edition.text,
            recipients=tuple(recipients),
            headers={"List-Id": f"<{self.masthead.list_id}>"},
            categories=("letter", f"letter-{self.issue}"),
        )

    def personal(self) -> Personal:
        """Give what fills in the parts of this edition's readers."""
        return Personal(self.edition.words, self.edition.mark, self.topics, self.selection)

    def recipient(
        self, reader: Addressee, personal: Personal, *, now: datetime, arguments: dict[str, str]
    ) -> Recipient:
        """Address one reader: the values of the keys, and the headers for leaving in one click."""
        values = personal.links(self.signer, public_id=reader.public_id, now=now)
        leave = self.masthead.url(f"unsubscribe/{values[key(self.edition.mark, 'leave')]}")
        return Recipient(
            email=reader.email or "",
            name=reader.name,
            values=values | personal.sentences(reader.name, reader.topic_bits),
            headers={"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": ONE_CLICK},
            arguments=arguments,
        )
