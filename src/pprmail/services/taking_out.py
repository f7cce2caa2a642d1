"""Taking out: an editor downloads the list of readers, or the ledger of consents; it is noted who."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from pprmail.services.listing import (
    CONSENT_COLUMNS,
    MARK,
    READER_COLUMNS,
    Table,
    consent_cells,
    reader_cells,
)
from pprmail.services.newsroom import Newsroom
from pprmail.storage.audit import note
from pprmail.storage.subscribers import KEYS_AT_ONCE, consents_in_pages, readers_for_export


class Kind(StrEnum):
    """What can be taken out."""

    READERS = "readers"
    CONSENTS = "consents"


def take_out(newsroom: Newsroom, kind: Kind, *, who: str, now: datetime) -> Iterator[str]:
    """Give a list as text, a part at a time; that it was asked for is noted before the first part.

    Each part is read on its own, so that a long list keeps nobody from writing meanwhile.
    """
    with newsroom.database.write() as session:
        note(session, "list taken out", kind, who=who, now=now)
    return _readers(newsroom) if kind is Kind.READERS else _consents(newsroom)


def _readers(newsroom: Newsroom) -> Iterator[str]:
    table, last = Table(READER_COLUMNS), 0
    yield MARK
    while True:
        with newsroom.database.read() as session:
            page = readers_for_export(session, after=last, size=KEYS_AT_ONCE)
            table.add(reader_cells(reader, newsroom.topics) for reader in page)
        yield table.take()
        if not page:
            return
        last = page[-1].id


def _consents(newsroom: Newsroom) -> Iterator[str]:
    table, last = Table(CONSENT_COLUMNS), 0
    yield MARK
    while True:
        with newsroom.database.read() as session:
            page = consents_in_pages(session, after=last, size=KEYS_AT_ONCE)
            table.add(consent_cells(email, consent) for email, consent in page)
        yield table.take()
        if not page:
            return
        last = page[-1][1].id
