"""Editors, the browsers they are signed in with, one-use links, and tries to sign in."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)


def upgrade() -> None:
    _editors()
    _desk_sessions()
    _editor_links()
    _sign_in_attempts()


def _editors() -> None:
    op.create_table(
        "editors",
        _needed("id", sa.Integer()),
        _needed("public_id", sa.String()),
        _needed("email", sa.String()),
        _needed("email_key", sa.String()),
        _needed("name", sa.Text()),
        _needed("role", WORD),
        _needed("invited_at", INSTANT),
        sa.Column("joined_at", INSTANT),
        sa.Column("password_hash", sa.Text()),
        _needed("has_short_password", sa.Boolean()),
        sa.Column("totp_secret", sa.String()),
        _needed("totp_step", sa.Integer()),
        _needed("recovery_codes", sa.JSON()),
        _needed("version", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_editors"),
        sa.UniqueConstraint("public_id", name="uq_editors_public_id"),
        sa.UniqueConstraint("email_key", name="uq_editors_email_key"),
    )


def _desk_sessions() -> None:
    op.create_table(
        "desk_sessions",
        _needed("id", sa.Integer()),
        _needed("digest", sa.String()),
        _needed("editor_id", sa.Integer()),
        _needed("begun_at", INSTANT),
        _needed("seen_at", INSTANT),
        _needed("proved_at", INSTANT),
        _needed("awaits_code", sa.Boolean()),
        _needed("browser", sa.String()),
        sa.Column("said", sa.Text()),
        sa.Column("said_key", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_desk_sessions"),
        sa.UniqueConstraint("digest", name="uq_desk_sessions_digest"),
        _of_an_editor("desk_sessions"),
    )
    for column in ("editor_id", "begun_at"):
        op.create_index(f"ix_desk_sessions_{column}", "desk_sessions", [column])


def _editor_links() -> None:
    op.create_table(
        "editor_links",
        _needed("id", sa.Integer()),
        _needed("digest", sa.String()),
        _needed("kind", WORD),
        _needed("editor_id", sa.Integer()),
        sa.Column("nonce", sa.String()),
        _needed("leads_to", sa.String()),
        _needed("made_at", INSTANT),
        _needed("good_until", INSTANT),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_editor_links"),
        sa.UniqueConstraint("digest", name="uq_editor_links_digest"),
        _of_an_editor("editor_links"),
    )
    for column in ("editor_id", "good_until"):
        op.create_index(f"ix_editor_links_{column}", "editor_links", [column])


def _sign_in_attempts() -> None:
    op.create_table(
        "sign_in_attempts",
        _needed("id", sa.Integer()),
        _needed("kind", sa.String()),
        _needed("account", sa.String()),
        _needed("client", sa.String()),
        _needed("at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_attempts"),
    )
    for columns in (["account", "at"], ["client", "at"], ["at"]):
        name = f"ix_sign_in_attempts_{'_'.join(columns)}"
        op.create_index(name, "sign_in_attempts", columns)


def _of_an_editor(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_editor_id_editors"
    return sa.ForeignKeyConstraint(["editor_id"], ["editors.id"], name=name)


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
