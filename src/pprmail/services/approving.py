"""Before a yes: all that an editor looks at, at one moment, and what the yes would be said to."""

from dataclasses import dataclass
from datetime import datetime

from pprmail.model.approval import (
    Approval,
    Manifest,
    changed_fields,
    fingerprint_of_manifest,
    full_manifest,
)
from pprmail.model.field_words import in_words
from pprmail.model.issue import IssueState
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import Seen, content_of, issue_shown
from pprmail.services.ticking import Checked, checked
from pprmail.storage.audience import head_counts
from pprmail.storage.issues import latest_approval


@dataclass(frozen=True)
class Before:
    """What is to be approved, what was found in it and ticked off, and what was approved last."""

    seen: Seen
    checked: Checked
    manifest: Manifest
    last: Approval | None

    @property
    def fingerprint(self) -> str:
        """What the yes would be said to."""
        return fingerprint_of_manifest(self.manifest)

    @property
    def is_approved(self) -> bool:
        """Tell whether exactly this is approved already."""
        is_approved = self.seen.issue.state is IssueState.APPROVED
        return is_approved and self.last is not None and self.last.fingerprint == self.fingerprint

    @property
    def readers(self) -> int:
        """How many readers there are today."""
        return sum(self.seen.head_counts.values())

    @property
    def since_last(self) -> list[str]:
        """Name what differs from what was approved last, if that holds no longer."""
        if self.last is None or self.is_approved:
            return []
        return self.differences(self.last.manifest, self.manifest)

    def differences(self, before: Manifest, after: Manifest) -> list[str]:
        """Name in words what differs between two manifests."""
        titles = {summary.slug: summary.title for summary in self.seen.issue.summaries}
        changed = changed_fields(before, after)
        return in_words(changed, titles) or (["how the letter reads"] if changed else [])


def before_approval(newsroom: Newsroom, name: str, *, now: datetime) -> Before:
    """Look at everything; nothing is stored."""
    issue, editions = issue_shown(newsroom, name, now=now)
    matching = newsroom.matching(issue)
    with newsroom.database.read() as session:
        counts = newsroom.kept.of(
            matching, lambda: head_counts(session, matching, now=now), now=now
        )
        last = latest_approval(session, issue)
    return Before(
        seen=Seen(issue, editions, counts),
        checked=checked(newsroom, name, now=now),
        manifest=full_manifest(content_of(newsroom, issue), editions),
        last=last,
    )
