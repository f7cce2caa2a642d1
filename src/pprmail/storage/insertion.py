"""Insertion that may be repeated: a row that is there already stays as it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from pprmail.model.record import Record


def insert_if_new(
    session: Session,
    table: type[Record],
    rows: Sequence[dict[str, Any]],
    *,
    returning: InstrumentedAttribute[int],
) -> list[int]:
    """Insert the rows that break no unique key; give what was asked of those that went in."""
    if not rows:
        return []
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    statement = insert.on_conflict_do_nothing().returning(returning)
    return list(session.scalars(statement, rows))
