"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORD = sa.String(32)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _archive()
    _issues()
    _readers()
    _dispatch()
    _records()


def _archive() -> None:
    _table(
        "summaries",
        _needed("month", sa.String()),
        _needed("slug", sa.String()),
        _needed("title", sa.Text()),
        _given("citation", sa.Text()),
        _given("doi", sa.Text()),
        _given("type_of_research", sa.String()),
        _given("in_brief", sa.Text()),
        _given("author", sa.String()),
        _needed("body", sa.Text()),
        _needed("implications", sa.Text()),
        _needed("text_format", WORD),
        _given("source_name", sa.String()),
        _needed("version", sa.Integer()),
        _needed("created_at", INSTANT),
        _needed("updated_at", INSTANT),
        _unique("summaries", "slug"),
    )
    _index("summaries", "month")
    _table(
        "summary_topics",
        _link("summary_topics", "summary_id", "summaries"),
        _needed("topic", sa.String()),
        _needed("position", sa.Integer()),
        _unique("summary_topics", "summary_id", "topic"),
    )


def _issues() -> None:
    _table(
        "issues",
        _needed("name", sa.String()),
        _needed("kind", WORD),
        _needed("month", sa.String()),
        _needed("state", WORD),
        _given("subject", sa.Text()),
        _given("preheader", sa.Text()),
        _needed("introduction", sa.Text()),
        _needed("notices", sa.Text()),
        _needed("audience", sa.JSON()),
        _given("rendered_from", sa.String()),
        _given("announced_at", INSTANT),
        _given("send_at", INSTANT),
        _given("paused_at", INSTANT),
        _given("pause_reason", sa.Text()),
        _given("frozen_at", INSTANT),
        _given("frozen_readers", sa.Integer()),
        _given("topics", sa.JSON()),
        _given("sent_at", INSTANT),
        _needed("version", sa.Integer()),
        _needed("created_at", INSTANT),
        _needed("updated_at", INSTANT),
        _unique("issues", "name"),
    )
    monthly = sa.text("kind = 'monthly'")
    _partial("uq_issues_month_monthly", "issues", ["month"], where=monthly, unique=True)
    _table(
        "issue_texts",
        _needed("month", sa.String()),
        _given("subject", sa.Text()),
        _given("preheader", sa.Text()),
        _needed("order", sa.JSON()),
        _needed("introduction", sa.Text()),
        _needed("notices", sa.Text()),
        _needed("updated_at", INSTANT),
        _unique("issue_texts", "month"),
    )
    _table(
        "issue_summaries",
        _link("issue_summaries", "issue_id", "issues"),
        _link("issue_summaries", "summary_id", "summaries"),
        _needed("position", sa.Integer()),
        _unique("issue_summaries", "issue_id", "summary_id"),
    )
    _index("issue_summaries", "summary_id")
    _table(
        "editions",
        _link("editions", "issue_id", "issues"),
        _needed("selection", sa.Integer()),
        _needed("subject", sa.Text()),
        _needed("html", sa.Text()),
        _needed("text", sa.Text()),
        _needed("mark", sa.String()),
        _needed("words", sa.JSON()),
        _needed("fingerprint", sa.String()),
        _needed("created_at", INSTANT),
        _given("superseded_at", INSTANT),
        _unique("editions", "issue_id", "selection", "fingerprint"),
    )
    present = sa.text("superseded_at IS NULL")
    _partial(
        "uq_editions_present", "editions", ["issue_id", "selection"], where=present, unique=True
    )
    _table(
        "approvals",
        _link("approvals", "issue_id", "issues"),
        _needed("fingerprint", sa.String()),
        _needed("manifest", sa.JSON()),
        _needed("approved_by", sa.String()),
        _needed("approved_at", INSTANT),
        _needed("warnings_accepted", sa.JSON()),
    )
    _index("approvals", "issue_id")


def _readers() -> None:
    _table(
        "subscribers",
        _needed("public_id", sa.String()),
        _given("email", sa.String()),
        _given("address_key", sa.String()),
        _given("name", sa.Text()),
        _needed("status", WORD),
        _given("end_reason", WORD),
        _needed("follows_all", sa.Boolean()),
        _needed("no_match", WORD),
        _needed("created_at", INSTANT),
        _needed("updated_at", INSTANT),
        _given("ended_at", INSTANT),
        _unique("subscribers", "address_key"),
        _unique("subscribers", "public_id"),
    )
    _index("subscribers", "status")
    _table(
        "preferences",
        _link("preferences", "subscriber_id", "subscribers"),
        _needed("topic", sa.String()),
        _needed("begun_at", INSTANT),
        _given("ended_at", INSTANT),
    )
    present = sa.text("ended_at IS NULL")
    by_reader, by_topic = ["subscriber_id", "topic"], ["topic", "subscriber_id"]
    _partial("uq_preferences_present", "preferences", by_reader, where=present, unique=True)
    _partial("ix_preferences_topic_present", "preferences", by_topic, where=present)
    _table(
        "consents",
        _link("consents", "subscriber_id", "subscribers"),
        _needed("at", INSTANT),
        _needed("how", sa.Text()),
        _needed("kind", WORD),
        _needed("wording", sa.Text()),
        _needed("recorded_at", INSTANT),
    )
    _index("consents", "subscriber_id")


def _dispatch() -> None:
    _table(
        "requests",
        _needed("public_id", sa.String()),
        _link("requests", "issue_id", "issues"),
        _link("requests", "edition_id", "editions"),
        _needed("size", sa.Integer()),
        _needed("state", WORD),
        _needed("worker", sa.String()),
        _needed("lease_until", INSTANT),
        _needed("created_at", INSTANT),
        _given("finished_at", INSTANT),
        _given("http_status", sa.Integer()),
        _given("message_id", sa.String()),
        _given("detail", sa.Text()),
        _given("settled_by", sa.String()),
        _unique("requests", "public_id"),
    )
    _index("requests", "issue_id", "state")
    _table(
        "deliveries",
        _link("deliveries", "issue_id", "issues"),
        _link("deliveries", "subscriber_id", "subscribers"),
        _link("deliveries", "edition_id", "editions"),
        _needed("topic_bits", sa.BigInteger()),
        _link("deliveries", "request_id", "requests", nullable=True),
        _given("outcome", WORD),
        _given("outcome_reason", sa.Text()),
        _given("delivered_at", INSTANT),
        _given("bounced_at", INSTANT),
        _given("dropped_at", INSTANT),
        _given("deferred_at", INSTANT),
        _given("complained_at", INSTANT),
        _unique("deliveries", "issue_id", "subscriber_id"),
    )
    waiting = sa.text("request_id IS NULL AND outcome IS NULL")
    _partial("ix_deliveries_waiting", "deliveries", ["issue_id", "edition_id", "id"], where=waiting)
    _index("deliveries", "subscriber_id")
    _table(
        "events",
        _given("provider_key", sa.String()),
        _needed("fact_key", sa.String()),
        _needed("kind", WORD),
        _needed("at", INSTANT),
        _given("request_public_id", sa.String()),
        _given("delivery_id", sa.Integer()),
        _given("ends", WORD),
        _needed("payload", sa.JSON()),
        _needed("received_at", INSTANT),
        _given("applied_at", INSTANT),
        _given("problem", sa.String()),
        _unique("events", "provider_key"),
        _unique("events", "fact_key"),
    )
    _partial("ix_events_to_apply", "events", ["id"], where=sa.text("applied_at IS NULL"))
    _table(
        "service_mails",
        _needed("kind", sa.String()),
        _needed("recipient", sa.String()),
        _needed("subject", sa.Text()),
        _needed("html", sa.Text()),
        _needed("text", sa.Text()),
        _needed("state", WORD),
        _needed("queued_at", INSTANT),
        _given("finished_at", INSTANT),
        _given("detail", sa.Text()),
    )
    _partial("ix_service_mails_queued", "service_mails", ["id"], where=sa.text("state = 'queued'"))


def _records() -> None:
    _table(
        "audit_entries",
        _needed("at", INSTANT),
        _needed("who", sa.String()),
        _needed("what", sa.String()),
        _needed("subject", sa.Text()),
        _needed("detail", sa.JSON()),
    )
    _table("installations", _needed("public_id", sa.String()), _needed("created_at", INSTANT))


def _table(name: str, *parts: Any) -> None:
    key = sa.PrimaryKeyConstraint("id", name=f"pk_{name}")
    op.create_table(name, sa.Column("id", sa.Integer(), nullable=False), *parts, key)


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _given(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _link(table: str, name: str, to: str, *, nullable: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{name}_{to}")
    return sa.Column(name, sa.Integer(), key, nullable=nullable)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _partial(
    name: str, table: str, columns: list[str], *, where: Any, unique: bool = False
) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
