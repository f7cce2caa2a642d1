"""A suppression: an address that was erased, known by a digest alone, so that no list revives it."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record


class Suppression(Record):
    """The digest of an erased address."""

    __tablename__ = "suppressions"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
