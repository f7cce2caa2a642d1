"""Correspondence: what a reader is written about his own subscription, with links that are his."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pprmail.model.audience import NoMatch
from pprmail.model.calendar import in_words
from pprmail.model.confirmation import Confirmation
from pprmail.model.link import Signer
from pprmail.model.occasion import AlreadySubscribed, PreferencesChanged
from pprmail.model.occasion import Confirmation as ConfirmationAsked
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
        occasion = PreferencesChanged(
            topics=tuple(self.topics.names(topics)),
            no_match=no_match,
            **self.own_links(reader, now=now),
        )
        return self.mails.write(occasion)

    def confirmation(self, asked: Confirmation, *, invited_by: str = "") -> WrittenMail:
        """Write to the owner of an address what was asked for, and where to say yes."""
        masthead = self.mails.masthead
        occasion = ConfirmationAsked(
            confirm_url=masthead.url(f"confirm/{self.signer.confirm_token(asked.public_id)}"),
            good_until=in_words(asked.good_until, masthead.zone),
            topics=tuple(self.topics.names(asked.topics)),
            invited_by=invited_by,
        )
        return self.mails.write(occasion)

    def already_subscribed(self, reader: Subscriber, *, now: datetime) -> WrittenMail:
        """Write to a reader that somebody asked for what comes already."""
        return self.mails.write(AlreadySubscribed(**self.own_links(reader, now=now)))

    def own_links(self, reader: Subscriber, *, now: datetime) -> dict[str, str]:
        """Give a reader's links for choosing and for leaving, by the names that templates have."""
        masthead, public_id = self.mails.masthead, reader.public_id
        preferences = self.signer.preferences_token(public_id, now=now, epoch=reader.token_epoch)
        return {
            "preferences_url": masthead.url(f"preferences/{preferences}"),
            "leave_url": masthead.url(f"unsubscribe/{self.signer.leave_token(public_id)}"),
        }
