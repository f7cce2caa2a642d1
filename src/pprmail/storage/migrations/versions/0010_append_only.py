"""The ledger of consents and the log can only be added to, also by hand; erasure alone empties lines.

A table that a later migration has to build anew on SQLite loses its triggers there: make them again.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEPT = {
    "consents": (
        *("id", "subscriber_id", "at", "kind", "wording", "recorded_at"),
        *("wording_version", "confirmed_at", "ends_at"),
    ),
    "audit_entries": ("id", "at", "who", "what", "subject"),
}
"""What stays as it was written. The other columns may be emptied, and nothing else."""

EMPTIED = {
    "consents": {"how": "= 'erased'", "page": "IS NULL"},
    "audit_entries": {"detail": "= '{}'"},
}
"""What erasing a reader makes of a line. Retention touches none: who ever agreed is not deleted."""

SAYS = {
    "consents": "the ledger of consents is only added to; erasing a reader empties its lines",
    "audit_entries": "the log is only added to; erasing a reader empties the details of its lines",
}


def upgrade() -> None:
    make = _on_sqlite if op.get_bind().dialect.name == "sqlite" else _on_postgresql
    make()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in KEPT:
        for name in _names(table)[: 2 if is_sqlite else 3]:
            op.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        op.execute("DROP FUNCTION refuse_change()")


def _on_sqlite() -> None:
    for table, says in SAYS.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        changed, deleted, _ = _names(table)
        other = _is_other(table, same="IS")
        op.execute(f"CREATE TRIGGER {changed} BEFORE UPDATE ON {table} WHEN {other} {refuse}")
        op.execute(f"CREATE TRIGGER {deleted} BEFORE DELETE ON {table} {refuse}")


def _on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    for table, says in SAYS.items():
        refuse = f"EXECUTE FUNCTION refuse_change('{says}')"
        changed, deleted, emptied = _names(table)
        row, other = "FOR EACH ROW", _is_other(table, same="IS NOT DISTINCT FROM")
        op.execute(
            f"CREATE TRIGGER {changed} BEFORE UPDATE ON {table} {row} WHEN ({other}) {refuse}"
        )
        op.execute(f"CREATE TRIGGER {deleted} BEFORE DELETE ON {table} {row} {refuse}")
        op.execute(f"CREATE TRIGGER {emptied} BEFORE TRUNCATE ON {table} {refuse}")


def _names(table: str) -> tuple[str, str, str]:
    return f"tr_{table}_changed", f"tr_{table}_deleted", f"tr_{table}_truncated"


def _is_other(table: str, *, same: str) -> str:
    kept = [f"NEW.{column} {same} OLD.{column}" for column in KEPT[table]]
    emptied = [_may_become(name, is_empty, same) for name, is_empty in EMPTIED[table].items()]
    return f"NOT ({' AND '.join([*kept, *emptied])})"


def _may_become(column: str, is_empty: str, same: str) -> str:
    # As text, since PostgreSQL can't compare JSON.
    before, after = (f"CAST({row}.{column} AS TEXT)" for row in ("OLD", "NEW"))
    return f"({after} {same} {before} OR {after} {is_empty})"
