"""What finds one reader among a million and counts them all, and lists that were uploaded."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "subscribers": (
        ["address_key", "name", "status"],
        ["created_at", "status", "follows_all"],
    ),
    "service_mails": (["reader"], ["recipient"]),
    "audit_entries": (["subject"],),
}
OF_WHAT_IS_GIVEN = (["ended_at", "end_reason", "created_at"], ["end_reason"], ["paused_until"])


def upgrade() -> None:
    for table, indexes in INDEXES.items():
        for columns in indexes:
            op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    for columns in OF_WHAT_IS_GIVEN:
        given = sa.text(f"{columns[0]} IS NOT NULL")
        op.create_index(
            f"ix_subscribers_{'_'.join(columns)}",
            "subscribers",
            columns,
            sqlite_where=given,
            postgresql_where=given,
        )
    _uploads()


def _uploads() -> None:
    op.create_table(
        "uploads",
        _needed("id", sa.Integer()),
        _needed("owner", sa.String()),
        _needed("name", sa.Text()),
        _needed("content", sa.LargeBinary()),
        _needed("mapping", sa.JSON()),
        _needed("consent", sa.Text()),
        _needed("good_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("owner", name="uq_uploads_owner"),
    )
    op.create_index("ix_uploads_good_until", "uploads", ["good_until"])


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
