"""Chores that are done once in a while, and whose service mails are whose."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("service_mails", sa.Column("reader", sa.String(), nullable=True))
    op.add_column("service_mails", sa.Column("not_before", INSTANT, nullable=True))
    op.create_table(
        "chores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chores"),
        sa.UniqueConstraint("name", name="uq_chores_name"),
    )
