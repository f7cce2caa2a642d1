"""Listing: readers, and what they agreed to, are written into files that other programs can open."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Final

from pprmail.errors import OutputError
from pprmail.files import write_whole
from pprmail.model.cells import guarded
from pprmail.model.subscriber import Consent, Subscriber
from pprmail.model.topic import Topics
from pprmail.services.newsroom import Newsroom
from pprmail.storage.subscribers import (
    KEYS_AT_ONCE,
    consents_in_pages,
    count_consents,
    count_readers,
    readers_for_export,
)

READER_COLUMNS: Final = (
    *("email", "name", "topics", "no_match", "status"),
    *("consent_source", "consent_at", "consent_kind"),
)
CONSENT_COLUMNS: Final = (
    *("email", "at", "how", "kind", "page", "wording", "wording_version"),
    *("confirmed_at", "recorded_at", "ends_at"),
)
MARK: Final = "\ufeff"
"""Without it, Excel takes the file for its own old encoding, and mangles every accent."""

Watch = Callable[[int, int], None]


def export_readers(newsroom: Newsroom, path: Path, *, watch: Watch) -> int:
    """Write the list of all readers but those who were erased; give their number.

    What an import has read comes out the same; where it would be taken for a formula, guarded.
    """
    _refuse_present(path)
    table, last, done = Table(READER_COLUMNS), 0, 0
    with newsroom.database.read() as session:
        total = count_readers(session)
        while page := readers_for_export(session, after=last, size=KEYS_AT_ONCE):
            table.add(reader_cells(s, newsroom.topics) for s in page)
            last, done = page[-1].id, done + len(page)
            session.expunge_all()
            watch(done, total)
    table.write(path)
    return done


def export_consents(newsroom: Newsroom, path: Path, *, watch: Watch) -> int:
    """Write the ledger of consents, all but those of readers who were erased; give their number."""
    _refuse_present(path)
    table, last, done = Table(CONSENT_COLUMNS), 0, 0
    with newsroom.database.read() as session:
        total = count_consents(session)
        while page := consents_in_pages(session, after=last, size=KEYS_AT_ONCE):
            table.add(consent_cells(email, consent) for email, consent in page)
            last, done = page[-1][1].id, done + len(page)
            session.expunge_all()
            watch(done, total)
    table.write(path)
    return done


class Table:
    """Lines as RFC 4180 has them, with every cell that could be a formula guarded."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._text = StringIO()
        self._rows = csv.writer(self._text, lineterminator="\r\n")
        self._rows.writerow(columns)

    def add(self, lines: Iterable[Sequence[str]]) -> None:
        """Add some lines."""
        self._rows.writerows([guarded(cell) for cell in line] for line in lines)

    def take(self) -> str:
        """Give what was added since this was asked for last."""
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return text

    def write(self, path: Path) -> None:
        """Write the whole file, for nobody else to read."""
        write_whole(path, MARK + self._text.getvalue(), mode=0o600)


def _refuse_present(path: Path) -> None:
    if path.exists():
        raise OutputError(
            "this file is there already, and was left as it is",
            where=str(path),
            remedy="choose another name, or move that file away first",
        )


def reader_cells(reader: Subscriber, topics: Topics) -> Sequence[str]:
    """Give a reader's line."""
    consent = reader.consents[-1] if reader.consents else None
    return (
        reader.email or "",
        reader.name or "",
        ";".join(dict.fromkeys(_spelled(topics, slug) for slug in reader.chosen_topics)),
        reader.no_match,
        reader.status,
        *((consent.how, _moment(consent.at), consent.kind) if consent else ("", "", "")),
    )


def consent_cells(email: str, consent: Consent) -> Sequence[str]:
    """Give the line of a consent."""
    return (
        email,
        _moment(consent.at),
        consent.how,
        consent.kind,
        consent.page or "",
        consent.wording,
        consent.wording_version or "",
        _moment(consent.confirmed_at),
        _moment(consent.recorded_at),
        _moment(consent.ends_at),
    )


def _spelled(topics: Topics, slug: str) -> str:
    name = topics.name(slug)
    return slug if ";" in name else name


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
