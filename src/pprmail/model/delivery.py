"""A delivery: the promise of one issue to one subscriber, and what became of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record


class DeliveryOutcome(StrEnum):
    """An outcome of a delivery's own; without one, it shares its request's."""

    REJECTED = "rejected"
    SUPPRESSED_LATE = "suppressed_late"
    CANCELLED = "cancelled"


WAITING: Final = text("request_id IS NULL AND outcome IS NULL")


OWN: Final = text("outcome IS NOT NULL")


class Delivery(Record):
    """One row per issue and subscriber, planned at the freeze.

    `topic_bits` are the reader's topics that led to this edition: bits over the issue's topics.
    The instants are facts that the provider reported later, in whatever order.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("issue_id", "subscriber_id"),
        Index(
            "ix_deliveries_waiting",
            "issue_id",
            "edition_id",
            "id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_deliveries_subscriber_id", "subscriber_id"),
        # Few letters have one, and whoever watches a sending counts them every few seconds.
        Index(
            "ix_deliveries_own_outcome",
            "issue_id",
            "outcome",
            sqlite_where=OWN,
            postgresql_where=OWN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"))
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    topic_bits: Mapped[int] = mapped_column(BigInteger)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    outcome: Mapped[DeliveryOutcome | None]
    outcome_reason: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    deferred_at: Mapped[datetime | None]
    complained_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Equation:
    """frozen = pending + in_flight + accepted + rejected + suppressed_late + cancelled + held.

    The left side is the number that the freeze wrote down, the right side is counted from rows.
    """

    frozen: int
    pending: int = 0
    in_flight: int = 0
    accepted: int = 0
    rejected: int = 0
    suppressed_late: int = 0
    cancelled: int = 0
    held: int = 0

    @property
    def balances(self) -> bool:
        """Tell whether every promise is accounted for."""
        settled = self.accepted + self.rejected + self.suppressed_late + self.cancelled + self.held
        return self.frozen == self.pending + self.in_flight + settled

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to do or to learn, so that the issue may be sent."""
        return self.balances and self.pending == 0 and self.in_flight == 0

    def as_json(self) -> dict[str, int]:
        """Give the shape that `--json` prints."""
        return asdict(self)
