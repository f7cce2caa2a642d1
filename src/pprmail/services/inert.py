"""Inert letters: an edition filled in as it would go out, with personal links that open nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pprmail.model.audience import FOLLOWS_ALL
from pprmail.model.edition import Edition
from pprmail.model.issue import Issue
from pprmail.model.personal import filled_in
from pprmail.sending.envelope import Envelope, Recipient
from pprmail.services.dispatch.letters import LetterWriter
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.newsroom import Newsroom
from pprmail.storage.audience import Reader

NOBODY: Final = "preview"
"""A public id that no reader has: the personal links of an inert letter are signed for nobody."""

SOMEBODY: Final = "reader@example.org"


@dataclass(frozen=True)
class InertLetter:
    """One reader's letter, or one for nobody in particular, that can be looked at and tested."""

    envelope: Envelope
    recipient: Recipient

    @property
    def html(self) -> str:
        """The letter as a mail program shows it."""
        return filled_in(self.envelope.html, self.recipient.values)

    @property
    def text(self) -> str:
        """The letter as plain text."""
        return filled_in(self.envelope.text, self.recipient.values)

    @property
    def greeting(self) -> str:
        """How it greets."""
        return self._part("greeting_text")

    @property
    def why(self) -> str:
        """What it says of why it comes."""
        return self._part("why_text")

    def _part(self, part: str) -> str:
        found = (v for k, v in self.recipient.values.items() if k.endswith(f".{part}-"))
        return next(found, "")


def inert_letter(
    postroom: Postroom, issue: Issue, edition: Edition, reader: Reader | None, *, now: datetime
) -> InertLetter:
    """Fill an edition in for a reader, or for somebody whom all its topics lead to it.

    Name and reasons are that reader's; neither the address nor any link of his is.
    """
    newsroom = postroom.newsroom
    writer = LetterWriter.of(
        edition,
        issue,
        masthead=newsroom.masthead,
        signer=postroom.signer,
        topics=[newsroom.topics.name(slug) for slug in newsroom.matching(issue).slugs],
    )
    anybody = reader or _somebody(newsroom, issue, edition)
    nobody = replace(anybody, subscriber_id=0, public_id=NOBODY, email=SOMEBODY, token_epoch=0)
    recipient = writer.recipient(nobody, now=now, arguments={})
    return InertLetter(writer.envelope([recipient]), recipient)


def topics_leading_to(newsroom: Newsroom, issue: Issue, edition: Edition) -> list[str]:
    """Name the topics that lead to an edition and to nothing beyond it."""
    leading = newsroom.matching(issue).topics_leading_to(edition.selection)
    return [newsroom.topics.name(slug) for slug in leading]


def _somebody(newsroom: Newsroom, issue: Issue, edition: Edition) -> Reader:
    matching = newsroom.matching(issue)
    leading = matching.topics_leading_to(edition.selection)
    bits = sum(1 << matching.slugs.index(slug) for slug in leading)
    follows_all = edition.selection == matching.everything
    return Reader(
        subscriber_id=0,
        public_id=NOBODY,
        email=SOMEBODY,
        name=None,
        selection=edition.selection,
        topic_bits=FOLLOWS_ALL if follows_all else bits,
    )
