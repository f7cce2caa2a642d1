"""Sign-ups to confirm, pauses, what is known of a consent, links within bounds, and erasure."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)


def upgrade() -> None:
    _add("subscribers", sa.Column("ended_before", WORD), sa.Column("paused_until", sa.String()))
    _add("subscribers", sa.Column("lapses_at", INSTANT), sa.Column("erased_at", INSTANT))
    _add("subscribers", sa.Column("token_epoch", sa.Integer(), nullable=False, server_default="0"))
    _add("consents", sa.Column("page", sa.String()), sa.Column("wording_version", sa.String()))
    _add("consents", sa.Column("confirmed_at", INSTANT), sa.Column("ends_at", INSTANT))
    # What somebody chose before is only found by this one: the others know what is chosen now.
    op.create_index("ix_preferences_subscriber_id", "preferences", ["subscriber_id"])
    _confirmations()
    _mailed_links()
    op.create_table(
        "suppressions",
        _needed("id", sa.Integer()),
        _needed("digest", sa.String()),
        _needed("at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint("digest", name="uq_suppressions_digest"),
    )


def _confirmations() -> None:
    op.create_table(
        "confirmations",
        _needed("id", sa.Integer()),
        _needed("public_id", sa.String()),
        _needed("subscriber_id", sa.Integer()),
        _needed("kind", WORD),
        sa.Column("name", sa.Text()),
        sa.Column("email", sa.String()),
        _needed("topics", sa.JSON()),
        sa.Column("no_match", WORD),
        _needed("how", sa.Text()),
        sa.Column("page", sa.String()),
        _needed("wording", sa.Text()),
        sa.Column("wording_version", sa.String()),
        _needed("asked_at", INSTANT),
        _needed("good_until", INSTANT),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_confirmations"),
        sa.UniqueConstraint("public_id", name="uq_confirmations_public_id"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_confirmations_subscriber_id_subscribers"
        ),
    )
    for column in ("subscriber_id", "good_until"):
        op.create_index(f"ix_confirmations_{column}", "confirmations", [column])


def _mailed_links() -> None:
    op.create_table(
        "mailed_links",
        _needed("id", sa.Integer()),
        _needed("kind", sa.String()),
        _needed("address", sa.String()),
        _needed("client", sa.String()),
        _needed("at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_mailed_links"),
    )
    for columns in (["address", "at"], ["client", "at"], ["at"]):
        op.create_index(f"ix_mailed_links_{'_'.join(columns)}", "mailed_links", columns)


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
