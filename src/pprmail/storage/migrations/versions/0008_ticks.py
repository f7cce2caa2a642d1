"""Warnings accepted by name, and tests of letters."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)


def upgrade() -> None:
    op.create_table(
        "accepted_warnings",
        _needed("id", sa.Integer()),
        _needed("issue_id", sa.Integer()),
        _needed("name", sa.String()),
        _needed("digest", sa.String()),
        _needed("who", sa.String()),
        _needed("at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_accepted_warnings"),
        sa.UniqueConstraint("issue_id", "digest", name="uq_accepted_warnings_issue_id_digest"),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name="fk_accepted_warnings_issue_id_issues"
        ),
    )
    op.create_table(
        "letter_tests",
        _needed("id", sa.Integer()),
        _needed("issue_id", sa.Integer()),
        _needed("edition", sa.String()),
        _needed("fingerprint", sa.String()),
        _needed("recipient", sa.String()),
        _needed("who", sa.String()),
        _needed("state", WORD),
        sa.Column("detail", sa.Text()),
        _needed("at", INSTANT),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_letter_tests"),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name="fk_letter_tests_issue_id_issues"
        ),
    )
    for column in ("issue_id", "at"):
        op.create_index(f"ix_letter_tests_{column}", "letter_tests", [column])


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
