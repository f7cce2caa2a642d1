"""An approval: an editor's yes to exactly one fingerprint."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ForeignKey, inspect
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.edition import Edition
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.record import Record

Manifest = dict[str, str]

NOT_SIGNED: Final[dict[str, frozenset[str]]] = {
    "issues": frozenset(
        {
            "id",
            "state",
            "rendered_from",
            "announced_at",
            "send_at",
            "paused_at",
            "pause_reason",
            "frozen_at",
            "frozen_readers",
            "topics",
            "sent_at",
            "version",
            "created_at",
            "updated_at",
        }
    ),
    "summaries": frozenset({"id", "source_name", "version", "created_at", "updated_at"}),
}
"""Columns that say where a row stands, not what a letter says. Any other column is signed."""


class Approval(Record):
    """Who said yes, when, and to what: a manifest {field: sha256} and its fingerprint."""

    __tablename__ = "approvals"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    fingerprint: Mapped[str]
    manifest: Mapped[dict[str, str]]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]
    warnings_accepted: Mapped[list[str]]


def content_manifest(issue: Issue, masthead: Masthead, *, templates: Mapping[str, str]) -> Manifest:
    """Sign all that an issue's editions are made of, field by field."""
    manifest = _signed_columns(issue, prefix="issue")
    manifest["issue.order"] = digest_of([summary.slug for summary in issue.summaries])
    for summary in issue.summaries:
        manifest |= _signed_columns(summary, prefix=f"summary {summary.slug}")
        manifest[f"summary {summary.slug}.topics"] = digest_of(summary.topics)
    for field, value in _masthead_fields(masthead).items():
        manifest[f"masthead.{field}"] = digest_of(value)
    return manifest | {f"template {name}": digest for name, digest in templates.items()}


def full_manifest(content: Manifest, editions: Iterable[Edition]) -> Manifest:
    """Sign the content and the bytes that were made of it."""
    return content | {f"edition {e.selection}": e.rendered.fingerprint for e in editions}


def fingerprint_of_manifest(manifest: Manifest) -> str:
    """Take one fingerprint of everything that is signed."""
    return digest_of(manifest)


def changed_fields(signed: Manifest, present: Manifest) -> list[str]:
    """Name what differs between what was signed and what is there now."""
    fields = signed.keys() | present.keys()
    return sorted(field for field in fields if signed.get(field) != present.get(field))


def digest_of(value: Any) -> str:
    """Take the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def _signed_columns(row: Record, *, prefix: str) -> Manifest:
    skipped = NOT_SIGNED[row.__tablename__]
    names = [column.key for column in inspect(type(row)).column_attrs]
    return {f"{prefix}.{n}": digest_of(getattr(row, n)) for n in names if n not in skipped}


def _masthead_fields(masthead: Masthead) -> dict[str, Any]:
    fields = asdict(masthead)
    brand = fields.pop("brand")
    return fields | {f"brand.{name}": value for name, value in brand.items()}
