"""Correspondence: what a reader is written about his own subscription, with links that are his."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pprmail.model.audience import NoMatch
from pprmail.model.link import Signer
from pprmail.model.occasion import PreferencesChanged
from pprmail.model.subscriber import Subscriber
from pprmail.model.topic import Topics
from pprmail.rendering.service_mail import ServiceMails, WrittenMail


@dataclass(frozen=True)
class Correspondence:
    """The words, and what makes a reader's links. It writes; whoever has the transaction queues."""

    mails: ServiceMails
    signer: Signer
    topics: Topics

    def preferences_changed(
        self, reader: Subscriber, topics: Sequence[str], no_match: NoMatch, *, now: datetime
    ) -> WrittenMail:
        """Write to a reader what was chosen for him."""
        masthead, public_id = self.mails.masthead, reader.public_id
        preferences = self.signer.preferences_token(public_id, now=now, epoch=reader.token_epoch)
        occasion = PreferencesChanged(
            topics=tuple(self.topics.names(topics)),
            no_match=no_match,
            preferences_url=masthead.url(f"preferences/{preferences}"),
            leave_url=masthead.url(f"unsubscribe/{self.signer.leave_token(public_id)}"),
        )
        return self.mails.write(occasion)
