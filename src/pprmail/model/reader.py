"""A reader as a page shows one: what is chosen now, and nothing that was before."""

from dataclasses import dataclass
from typing import Protocol

from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import SubscriberStatus


class Chooser(Protocol):
    """Whoever has chosen something: a row that is about to change, or a look at it."""

    @property
    def name(self) -> str | None:
        """As the row has it."""
        ...

    @property
    def no_match(self) -> NoMatch:
        """As the row has it."""
        ...

    @property
    def paused_until(self) -> str | None:
        """As the row has it."""
        ...

    @property
    def follows_all(self) -> bool:
        """As the row has it."""
        ...

    @property
    def chosen_topics(self) -> list[str]:
        """As the row has it."""
        ...


@dataclass(frozen=True)
class Reader:
    """One look at a subscriber; it can't be changed."""

    public_id: str
    email: str | None
    name: str | None
    status: SubscriberStatus
    follows_all: bool
    no_match: NoMatch
    paused_until: str | None
    is_erased: bool
    token_epoch: int
    chosen_topics: list[str]


def pause_after(reader: Chooser, month: str) -> str:
    """Name the month from which on letters come again, if one after this month is left out."""
    until = reader.paused_until or ""
    return until if until > month else ""
