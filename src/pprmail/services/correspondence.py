"""Correspondence: what a reader is written about his own subscription, with links that are his."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pprmail.model.audience import NoMatch
from pprmail.model.calendar import in_words
from pprmail.model.confirmation import GOOD_FOR, Confirmation
from pprmail.model.link import Signer
from pprmail.model.masking import masked
from pprmail.model.month import Month, month_at, month_in_words, parse_month
from pprmail.model.occasion import (
    AddressChanged,
    AddressToConfirm,
    AlreadySubscribed,
    FreshLink,
    PreferencesChanged,
)
from pprmail.model.occasion import Confirmation as ConfirmationAsked
from pprmail.model.subscriber import Subscriber
from pprmail.model.topic import Topics
from pprmail.rendering.service_mail import ServiceMails, WrittenMail


class Chosen(Protocol):
    """What a reader chose, as far as a mail tells of it."""

    @property
    def topics(self) -> Sequence[str]:
        """The slugs; none for everything."""
        ...

    @property
    def no_match(self) -> NoMatch:
        """What a month without a match brings."""
        ...

    @property
    def paused_until(self) -> str | None:
        """The month from which on letters come again, if they pause."""
        ...


@dataclass(frozen=True)
class Correspondence:
    """The words, and what makes a reader's links. It writes; whoever has the transaction queues."""

    mails: ServiceMails
    signer: Signer
    topics: Topics

    def month_at(self, now: datetime) -> Month:
        """Name the month that it is where the letter is made."""
        return month_at(now, self.mails.masthead.zone)

    def preferences_changed(
        self, reader: Subscriber, chosen: Chosen, *, has_new_name: bool, now: datetime
    ) -> WrittenMail:
        """Write to a reader what was chosen for him."""
        pause = chosen.paused_until
        occasion = PreferencesChanged(
            topics=tuple(self.topics.names(chosen.topics)),
            no_match=chosen.no_match,
            paused_until=month_in_words(parse_month(pause)) if pause else "",
            has_new_name=has_new_name,
            **self.own_links(reader, now=now),
        )
        return self.mails.write(occasion)

    def confirmation(self, asked: Confirmation, *, invited_by: str = "") -> WrittenMail:
        """Write to the owner of an address what was asked for, and where to say yes."""
        occasion = ConfirmationAsked(
            confirm_url=self._url(f"confirm/{self.signer.confirm_token(asked.public_id)}"),
            good_until=in_words(asked.good_until, self.mails.masthead.zone),
            topics=tuple(self.topics.names(asked.topics)),
            invited_by=invited_by,
        )
        return self.mails.write(occasion)

    def already_subscribed(self, reader: Subscriber, *, now: datetime) -> WrittenMail:
        """Write to a reader that somebody asked for what comes already."""
        return self.mails.write(AlreadySubscribed(**self.own_links(reader, now=now)))

    def fresh_link(
        self, reader: Subscriber, *, opens_choices: bool, asks_to_void: bool, now: datetime
    ) -> WrittenMail:
        """Write a reader the links that were asked for."""
        owner = self.signer.owner_token(reader.public_id, now=now, epoch=reader.token_epoch)
        occasion = FreshLink(
            preferences_url=self._preferences(reader, now=now) if opens_choices else "",
            owner_url=self._url(f"preferences/{owner}"),
            asks_to_void=asks_to_void,
        )
        return self.mails.write(occasion)

    def address_to_confirm(self, public_id: str, *, now: datetime) -> WrittenMail:
        """Write to a new address what its owner is to confirm; `public_id` is the confirmation's."""
        url = self._url(f"confirm-address/{self.signer.confirm_token(public_id)}")
        end = in_words(now + GOOD_FOR, self.mails.masthead.zone)
        return self.mails.write(AddressToConfirm(url, end))

    def address_changed(self, new_address: str) -> WrittenMail:
        """Write to an old address where letters go now, without naming it in full."""
        return self.mails.write(AddressChanged(masked(new_address)))

    def own_links(self, reader: Subscriber, *, now: datetime) -> dict[str, str]:
        """Give a reader's links for choosing and for leaving, by the names that templates have."""
        leave = self.signer.leave_token(reader.public_id)
        return {
            "preferences_url": self._preferences(reader, now=now),
            "leave_url": self._url(f"unsubscribe/{leave}"),
        }

    def _preferences(self, reader: Subscriber, *, now: datetime) -> str:
        epoch = reader.token_epoch
        token = self.signer.preferences_token(reader.public_id, now=now, epoch=epoch)
        return self._url(f"preferences/{token}")

    def _url(self, path: str) -> str:
        return self.mails.masthead.url(path)
