"""Requests that can be recalled."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Columns that may be empty are added in place by both databases, without copying the table.
    op.add_column("requests", sa.Column("batch_id", sa.String(), nullable=True))
    op.add_column("requests", sa.Column("release_at", INSTANT, nullable=True))
    op.add_column("requests", sa.Column("batch_freed_at", INSTANT, nullable=True))
