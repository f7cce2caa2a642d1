"""Dated notes on summaries that were sent, and an index for those who watch a sending."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("noted_by", sa.String(), nullable=False),
        sa.Column("taken_down_at", INSTANT),
        sa.Column("letter_id", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        sa.UniqueConstraint("letter_id", name="uq_corrections_letter_id"),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["summaries.id"], name="fk_corrections_summary_id_summaries"
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["issues.id"], name="fk_corrections_letter_id_issues"
        ),
    )
    op.create_index("ix_corrections_summary_id", "corrections", ["summary_id"])
    own = sa.text("outcome IS NOT NULL")
    op.create_index(
        "ix_deliveries_own_outcome",
        "deliveries",
        ["issue_id", "outcome"],
        sqlite_where=own,
        postgresql_where=own,
    )
