"""What editors have typed of a summary and not saved yet."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        _needed("id", sa.Integer()),
        _needed("key", sa.String()),
        _needed("owner", sa.String()),
        _needed("about", sa.String()),
        sa.Column("based_on", sa.Integer()),
        _needed("fields", sa.JSON()),
        _needed("saved_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.UniqueConstraint("key", name="uq_drafts_key"),
    )
    op.create_index("ix_drafts_owner_about", "drafts", ["owner", "about"])
    op.create_index("ix_drafts_about_saved_at", "drafts", ["about", "saved_at"])


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
