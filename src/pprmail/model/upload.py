"""An upload: a list of readers as an editor's browser sent it, until it comes in or an hour is over."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record

KEPT_FOR: Final = timedelta(hours=1)


class Upload(Record):
    """One file, for the one sign-in that sent it: `owner` is a digest of that.

    `mapping` says what columns of other names hold, and `consent` where those agreed of whom the list
    says nothing, both as the editor wrote it.
    """

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    mapping: Mapped[dict[str, str]]
    consent: Mapped[str] = mapped_column(Text)
    good_until: Mapped[datetime] = mapped_column(index=True)
