"""Letters: stored bytes and a reader's own parts, put into an envelope. Nothing is rendered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from pprmail.model.edition import Edition, Rendered
from pprmail.model.issue import Issue
from pprmail.model.link import Signer
from pprmail.model.masthead import Masthead
from pprmail.model.personal import Personal
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

    @property
    def token_epoch(self) -> int:
        """The epoch that links for choosing are good in."""
        ...


@dataclass(frozen=True)
class LetterWriter:
    """Fills envelopes with one edition, for any number of readers."""

    masthead: Masthead
    signer: Signer
    edition: Rendered
    personal: Personal
    issue: str

    @classmethod
    def of(
        cls,
        edition: Edition,
        issue: Issue,
        *,
        masthead: Masthead,
        signer: Signer,
        topics: Sequence[str],
    ) -> "LetterWriter":
        """Make the writer of an edition's letters; `topics` are the names behind topic bits."""
        personal = Personal(edition.words, edition.mark, topics, edition.selection)
        return cls(masthead, signer, edition.rendered, personal, issue.name)

    def envelope(self, recipients: Iterable[Recipient]) -> Envelope:
        """Put the edition and its recipients into an envelope."""
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

    def recipient(
        self, reader: Addressee, *, now: datetime, arguments: dict[str, str]
    ) -> Recipient:
        """Address one reader: the values of the keys, and the headers for leaving in one click."""
        public_id = reader.public_id
        leave = self.signer.leave_token(public_id)
        choose = self.signer.preferences_token(public_id, now=now, epoch=reader.token_epoch)
        links = (leave, choose)
        address = self.masthead.url(f"unsubscribe/{leave}")
        return Recipient(
            email=reader.email or "",
            name=reader.name,
            values=self.personal.values(reader.name, reader.topic_bits, links=links),
            headers={"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": ONE_CLICK},
            arguments=arguments,
        )
