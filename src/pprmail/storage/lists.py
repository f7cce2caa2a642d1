"""Long lists, in SQL: readers are seen and added by the thousand, past the nouns."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.storage.tables import Preference, Subscriber

_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None), datetime})
_KNOWN = select(
    Subscriber.id,
    Subscriber.address_key,
    Subscriber.name,
    Subscriber.status,
    Subscriber.end_reason,
    Subscriber.ended_before,
    Subscriber.no_match,
    Subscriber.lapses_at,
)


class KnownReader(NamedTuple):
    """A reader as a list may find one; it can't be changed."""

    name: str | None
    status: SubscriberStatus
    end_reason: EndReason | None
    ended_before: EndReason | None
    no_match: NoMatch
    lapses_at: datetime | None
    chosen_topics: list[str]


def known_readers(session: Session, keys: Sequence[str]) -> dict[str, KnownReader]:
    """See who is known among some address keys, by the key; nobody is locked."""
    rows = session.execute(_KNOWN.where(Subscriber.address_key.in_(keys))).all()
    topics: dict[int, list[str]] = {row.id: [] for row in rows}
    chosen = select(Preference.subscriber_id, Preference.topic).where(
        Preference.subscriber_id.in_(topics), Preference.ended_at.is_(None)
    )
    for number, topic in session.execute(chosen.order_by(Preference.id)):
        topics[number].append(topic)
    return {
        key: KnownReader(name, status, why, before, no_match, lapses_at, topics[number])
        for number, key, name, status, why, before, no_match, lapses_at in rows
        if key is not None
    }


def fill(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Add very many rows that have the same columns, as quickly as the database takes them."""
    if not rows:
        return
    columns, connection = list(rows[0]), session.connection()
    named = f"{table.name} ({', '.join(columns)})"
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        cells = [tuple(_for_sqlite(row[name]) for name in columns) for row in rows]
        # Names of tables and columns are ours alone.
        connection.exec_driver_sql(f"INSERT INTO {named} VALUES ({places})", cells)  # noqa: S608
        return
    wire: Any = connection.connection.driver_connection
    with wire.cursor() as cursor, cursor.copy(f"COPY {named} FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_plain(row[name]) for name in columns])


def _for_sqlite(value: Any) -> Any:
    return _as_text(value) if type(value) is datetime else _plain(value)


@lru_cache(maxsize=1_000)
def _as_text(moment: datetime) -> str:
    # As the nouns keep their instants in SQLite.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _plain(value: Any) -> Any:
    # Most are as they are, and to ask what they might be takes longer than all the rest.
    return value if type(value) in _AS_THEY_ARE or not isinstance(value, Enum) else value.value


def places_of(session: Session, public_ids: Iterable[str]) -> dict[str, int]:
    """Give the numbers of some readers by their public ids."""
    named = select(Subscriber.public_id, Subscriber.id)
    rows = session.execute(named.where(Subscriber.public_id.in_(list(public_ids))))
    return {name: number for name, number in rows}  # noqa: C416
