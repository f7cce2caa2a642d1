"""The postroom: what the services that send work with, plugged together once at the start."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pprmail.model.link import Signer
from pprmail.sending.envelope import Recaller, Sender
from pprmail.sending.journal import Journal
from pprmail.sending.outbox import Outbox
from pprmail.services.newsroom import Newsroom
from pprmail.storage.database import Database


@dataclass(frozen=True)
class Rules:
    """How letters may go out."""

    allowed_recipients: tuple[str, ...]
    batch_size: int
    concurrency: int
    lease: timedelta
    recall_window: timedelta = timedelta(0)
    recalls_doubts: bool = True

    def allows(self, address: str) -> bool:
        """Tell whether real mail may go to an address."""
        return "*" in self.allowed_recipients or self.names(address)

    def names(self, address: str) -> bool:
        """Tell whether an address is named, itself or by its domain; that all are allowed names none."""
        domain = "*" + address[address.rfind("@") :].lower()
        return not {domain, address.lower()}.isdisjoint(self.allowed_recipients)


@dataclass(frozen=True)
class Postroom:
    """Rows, a sender and a journal. Where the outbox is the sender, all is a rehearsal.

    With a recaller, every request is kept by the provider for the recall window, and may be
    discarded until ten minutes before its end.
    """

    newsroom: Newsroom
    sender: Sender
    outbox: Outbox
    journal: Journal
    signer: Signer
    rules: Rules
    clock: Callable[[], datetime]
    sleep: Callable[[float], object]
    recaller: Recaller | None = None

    @property
    def is_rehearsal(self) -> bool:
        """Tell whether nothing leaves this machine."""
        return self.sender is self.outbox

    @property
    def database(self) -> Database:
        """The rows."""
        return self.newsroom.database
