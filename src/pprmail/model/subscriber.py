"""A subscriber: an address, what was agreed to, and what its reader wants to read."""

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

import idna
from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pprmail.model.audience import NoMatch
from pprmail.model.record import Record


class SubscriberStatus(StrEnum):
    """Whether letters go to an address."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why an address gets no more letters."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    EDITOR = "editor"
    IMPORTED = "import"


class ConsentKind(StrEnum):
    """Express consent lasts until it is withdrawn; implied consent ends after two years."""

    EXPRESS = "express"
    IMPLIED = "implied"


IMPLIED_YEARS: Final = 2

GRAVITY: Final[dict[EndReason, int]] = {
    EndReason.IMPORTED: 0,
    EndReason.EDITOR: 1,
    EndReason.UNSUBSCRIBED: 2,
    EndReason.BOUNCED: 3,
    EndReason.COMPLAINED: 4,
}
"""A graver reason takes the place of a lighter one, so that the order of events never matters."""


CLOSING: Final = frozenset({EndReason.BOUNCED, EndReason.COMPLAINED})
"""After these, a provider most likely keeps mails from an address by itself."""


def outweighs(reason: EndReason, present: EndReason | None) -> bool:
    """Tell whether a reason to end takes the place of the one that is there, if one is."""
    return present is None or GRAVITY[reason] > GRAVITY[present]


_GROWTH: Final = ("created_at", "status", "follows_all")


def _where_given(*columns: str) -> Index:
    """Make an index of the few rows that have something in its first column."""
    given = text(f"{columns[0]} IS NOT NULL")
    name = f"ix_subscribers_{'_'.join(columns)}"
    return Index(name, *columns, sqlite_where=given, postgresql_where=given)


class Subscriber(Record):
    """One row per address for ever; it ends, with a reason, and is not deleted.

    `ended_before` is why it had ended before its reader came back. `paused_until` is the month
    from which on letters come again. `lapses_at` says when consent ends that was only implied.
    Links for choosing are void unless made for the present `token_epoch`.
    """

    __tablename__ = "subscribers"
    __table_args__ = (
        # A look for a part of an address or a name reads this and nothing else.
        Index("ix_subscribers_address_key_name_status", "address_key", "name", "status"),
        Index("ix_subscribers_created_at_status_follows_all", *_GROWTH),
        _where_given("ended_at", "end_reason", "created_at"),
        _where_given("end_reason"),
        _where_given("paused_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]
    address_key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None] = mapped_column(Text)
    status: Mapped[SubscriberStatus] = mapped_column(index=True)
    end_reason: Mapped[EndReason | None]
    follows_all: Mapped[bool]
    no_match: Mapped[NoMatch]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_before: Mapped[EndReason | None]
    paused_until: Mapped[str | None]
    lapses_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    token_epoch: Mapped[int] = mapped_column(default=0)
    preferences: Mapped[list["Preference"]] = relationship(order_by="Preference.id")
    consents: Mapped[list["Consent"]] = relationship(order_by="Consent.id")

    @property
    def chosen_topics(self) -> list[str]:
        """The slugs of the topics chosen today, as they were stored."""
        return [chosen.topic for chosen in self.preferences if chosen.ended_at is None]

    @property
    def is_locked(self) -> bool:
        """Tell whether only a person may open this address again: its reader complained."""
        return self.end_reason is EndReason.COMPLAINED

    @property
    def is_closed(self) -> bool:
        """Tell whether to write to this address again is a release: it bounced, or complained."""
        return self.end_reason in CLOSING

    def is_suppressed_outside(self, arrivals: Iterable[datetime | None]) -> bool:
        """Tell whether a provider most likely keeps mails from this address by itself.

        `arrivals` are when letters were reported as delivered. One that arrived since this reader came
        back shows that nothing is kept any more.
        """
        if self.ended_before not in CLOSING or self.status is not SubscriberStatus.ACTIVE:
            return self.is_closed or self.ended_before in CLOSING
        confirmed = [c.confirmed_at for c in self.consents if c.confirmed_at]
        return not confirmed or not any(at and at > max(confirmed) for at in arrivals)

    def end(self, reason: EndReason, *, now: datetime) -> bool:
        """Stop all letters; repeated, it changes nothing unless the new reason is graver."""
        if not outweighs(reason, self.end_reason):
            return False
        self.status, self.end_reason = SubscriberStatus.ENDED, reason
        self.ended_at = self.ended_at or now
        return True

    def come_back(self) -> bool:
        """Wait for a confirmation again, after an end; true if anything changed.

        Only the reader asks for it; after a complaint, a person must have released the address.
        """
        if self.status is not SubscriberStatus.ENDED or self.erased_at is not None:
            return False
        self.status = SubscriberStatus.PENDING
        self.ended_before, self.end_reason, self.ended_at = self.end_reason, None, None
        return True

    def confirm(self, consent: "Consent") -> bool:
        """Be active by a consent that its reader confirmed; true if letters did not come before."""
        self.consents.append(consent)
        return self.be_active_by(consent)

    def be_active_by(self, consent: "Consent") -> bool:
        """Be active for as long as a consent lasts; true if letters did not come before."""
        self.lapses_at = None if consent.kind is ConsentKind.EXPRESS else consent.ends_at
        was_active, self.status = self.status is SubscriberStatus.ACTIVE, SubscriberStatus.ACTIVE
        self.end_reason = self.ended_at = None
        return not was_active

    def lapse(self, *, now: datetime) -> bool:
        """Wait for a confirmation where a consent that was only implied is over; true if so."""
        is_over = self.lapses_at is not None and self.lapses_at <= now
        if not is_over or self.status is not SubscriberStatus.ACTIVE:
            return False
        self.status = SubscriberStatus.PENDING
        return True

    def move_to(self, address: str) -> None:
        """Get letters at another address, whose owner has confirmed it.

        Who lost a mailbox may have lost it to somebody: the links in it open nothing any more.
        """
        self.email, self.address_key = address, address_key(address)
        self.void_links()

    def forget(self, *, now: datetime) -> None:
        """Empty what is personal; the row stays, so that old links and the counts stay true."""
        self.end(EndReason.UNSUBSCRIBED, now=now)
        self.email = self.address_key = self.name = self.paused_until = self.lapses_at = None
        self.follows_all, self.no_match = False, NoMatch.SKIP
        self.erased_at = self.updated_at = now
        self.void_links()

    def void_links(self) -> None:
        """Make every link for choosing void that was made until now."""
        self.token_epoch += 1

    def follow(self, slugs: list[str], *, now: datetime) -> None:
        """Follow these topics and no others; none means everything."""
        wanted = list(dict.fromkeys(slugs))
        for chosen in self.preferences:
            if chosen.ended_at is None and chosen.topic not in wanted:
                chosen.ended_at = now
        begun = set(self.chosen_topics)
        self.preferences += [Preference(topic=s, begun_at=now) for s in wanted if s not in begun]
        self.follows_all = not wanted


class Preference(Record):
    """A subscriber's choice of a topic, begun and perhaps ended."""

    __tablename__ = "preferences"
    __table_args__ = (
        Index(
            "uq_preferences_present",
            "subscriber_id",
            "topic",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_preferences_topic_present",
            "topic",
            "subscriber_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), index=True)
    topic: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Consent(Record):
    """One line of the append-only ledger: who, when, how, under which wording.

    `page` is the address of the page on which it was given, without anything personal in it;
    `confirmed_at` is when the owner of the address confirmed it; `ends_at` when it ends by itself.
    """

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), index=True)
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(Text)
    kind: Mapped[ConsentKind]
    wording: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    page: Mapped[str | None]
    wording_version: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]


def implied_until(at: datetime) -> datetime:
    """Say when a consent ends that is only implied: two years after it began."""
    # However a moment is written, as by a list that comes back, its two years end at one time.
    at = at.astimezone(UTC)
    try:
        return at.replace(year=at.year + IMPLIED_YEARS)
    except ValueError:
        # Of a 29 February the last day that the second year has.
        return at.replace(year=at.year + IMPLIED_YEARS, day=28)


def new_public_id() -> str:
    """Make the random 128-bit name under which a row is known outside."""
    return secrets.token_urlsafe(16)


def address_key(address: str) -> str:
    """Fold an address so that one mailbox has one row: NFC, trimmed, lower case, IDNA domain.

    Raises ValueError if the domain can't be one.
    """
    # A small letter may have a composed form where its capital has none: compose after folding.
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", address).lower())
    local, _, domain = folded.strip().rpartition("@")
    try:
        return f"{local}@{_ascii_domain(domain)}"
    except idna.IDNAError as error:
        raise ValueError(f"“{domain}” is no domain of an address") from error


@lru_cache(maxsize=10_000)
def _ascii_domain(domain: str) -> str:
    # Readers share their domains, and folding one takes longer than anything else of an address.
    return idna.encode(domain, uts46=True).decode()
