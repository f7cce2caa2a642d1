"""A draft: what somebody has typed of a summary and not saved yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record


class Draft(Record):
    """The fields of one open form, kept as one types; each form that is opened has its own `key`.

    `owner` is the public id of an editor, `about` the slug of a summary, empty for a new one, and
    `based_on` the version of it that the form was filled with.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        Index("ix_drafts_owner_about", "owner", "about"),
        Index("ix_drafts_about_saved_at", "about", "saved_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    owner: Mapped[str]
    about: Mapped[str]
    based_on: Mapped[int | None]
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
