"""Looking for readers: an editor's list, a page at a time, with every address masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pprmail.errors import NotFoundError
from pprmail.model.masking import masked
from pprmail.model.month import month_at
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus
from pprmail.services.newsroom import Newsroom
from pprmail.storage.reader_search import Wanted, find_readers

SHORTEST: Final = 3
"""Characters of a part that is looked for; fewer are in nearly every address."""


class Standing(StrEnum):
    """Where a reader stands, as a list can be narrowed to."""

    ACTIVE = "active"
    RESTING = "resting"
    PENDING = "pending"
    ENDED = "ended"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    EDITOR = "editor"
    IMPORTED = "import"


@dataclass(frozen=True)
class Look:
    """What an editor looks for; an empty field asks for nothing. `topic` is a slug."""

    part: str = ""
    standing: Standing | None = None
    topic: str = ""
    after: str = ""


@dataclass(frozen=True)
class Row:
    """One reader in a list; without topics and not following all, nothing on the list is followed."""

    public_id: str
    address: str
    name: str
    status: SubscriberStatus
    end_reason: EndReason | None
    rests_until: str
    topics: list[str]
    follows_all: bool


@dataclass(frozen=True)
class Rows:
    """A page of a list, and after whom it goes on; `is_cut` where the look ended before it was full."""

    readers: Sequence[Row]
    go_on_after: str
    is_cut: bool


def look_for(newsroom: Newsroom, look: Look, *, now: datetime) -> Rows:
    """Give a page of the readers that are looked for."""
    month = month_at(now, newsroom.masthead.zone)
    with newsroom.database.read() as session:
        found = find_readers(session, _wanted(newsroom, look, month), after=look.after or None)
        rows = [_row(newsroom, reader, month) for reader in found.readers]
    return Rows(rows, found.go_on_after or "", found.is_cut)


def _wanted(newsroom: Newsroom, look: Look, month: str) -> Wanted:
    topic = newsroom.topics.find(look.topic) if look.topic else None
    if look.topic and topic is None:
        raise NotFoundError(f"there is no topic “{look.topic}”")
    status, reason = _stands(look.standing)
    return Wanted(
        part=" ".join(look.part.split()),
        status=status,
        end_reason=reason,
        rests_after=month if look.standing is Standing.RESTING else None,
        topics=tuple(newsroom.topics.spelled_as(topic.slug)) if topic else (),
    )


def _stands(standing: Standing | None) -> tuple[SubscriberStatus | None, EndReason | None]:
    if standing is None:
        return None, None
    if standing is Standing.RESTING:
        return SubscriberStatus.ACTIVE, None
    if standing in {Standing.ACTIVE, Standing.PENDING, Standing.ENDED}:
        return SubscriberStatus(standing.value), None
    return SubscriberStatus.ENDED, EndReason(standing.value)


def _row(newsroom: Newsroom, reader: Subscriber, month: str) -> Row:
    rests = reader.paused_until or ""
    return Row(
        public_id=reader.public_id,
        address=masked(reader.email) if reader.email else "",
        name=reader.name or "",
        status=reader.status,
        end_reason=reader.end_reason,
        rests_until=rests if rests > month else "",
        topics=newsroom.topics.names(reader.chosen_topics),
        follows_all=reader.follows_all,
    )
