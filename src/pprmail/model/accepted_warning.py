"""A warning that an editor has looked at and accepted by name, until what it speaks of changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.approval import Manifest, digest_of
from pprmail.model.preflight import Finding
from pprmail.model.record import Record

SPEAKS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "unusual_number": ("issue.order",),
    "fixed_subject": ("issue.subject", "issue.order"),
    "preheader_length": ("issue.preheader",),
    "preheader_repeats": ("issue.preheader", "issue.subject"),
}
"""What a warning of a whole issue speaks of; any other speaks of all that the issue says."""


class AcceptedWarning(Record):
    """Who accepted which warning, when; `digest` is of the content that it speaks of."""

    __tablename__ = "accepted_warnings"
    __table_args__ = (UniqueConstraint("issue_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    name: Mapped[str]
    digest: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime]


def digest_of_finding(finding: Finding, manifest: Manifest, editions: Mapping[str, str]) -> str:
    """Take one digest of a finding and of the content that it speaks of.

    `editions` holds the fingerprint of every edition by its name.
    """
    content = {f: d for f, d in manifest.items() if _speaks_of(finding, f)}
    return digest_of([finding.as_json(), content, editions.get(finding.where, "")])


def _speaks_of(finding: Finding, field: str) -> bool:
    kind, _, name = finding.where.partition(" ")
    if kind == "summary":
        return field.startswith(f"summary {name}.")
    if kind == "issue":
        return field in SPEAKS_OF.get(finding.code, ()) or (
            finding.code not in SPEAKS_OF and field.startswith("issue.")
        )
    return kind.startswith("[") and field == f"masthead.{name}"
