"""A chore: what is done once in a while, whoever does it, and when it was done last."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record


class Chore(Record):
    """One kind of work, by its name, and the last time that somebody took it on or did it."""

    __tablename__ = "chores"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    done_at: Mapped[datetime]
