"""A mailed link: that a stranger's form made us write to an address, so that it stays within bounds."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.record import Record


class MailedLink(Record):
    """One mail that a form asked for; `address` and `client` are digests that only we can make."""

    __tablename__ = "mailed_links"
    __table_args__ = (
        Index("ix_mailed_links_address_at", "address", "at"),
        Index("ix_mailed_links_client_at", "client", "at"),
        Index("ix_mailed_links_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    address: Mapped[str]
    client: Mapped[str]
    at: Mapped[datetime]
