"""Ticking off: warnings are accepted one by one and by name, until what they speak of changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.errors import StateError
from pprmail.model.accepted_warning import AcceptedWarning, digest_of_finding
from pprmail.model.edition import Edition, name_of
from pprmail.model.issue import Issue
from pprmail.model.preflight import Finding
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import (
    content_of,
    fresh_editions,
    issue_shown,
    preflight_of,
    refresh_editions,
)
from pprmail.storage.accepted_warnings import take_back, warnings_accepted
from pprmail.storage.audit import note
from pprmail.storage.issues import issue_for_change


@dataclass(frozen=True)
class Warned:
    """A warning, the name of what it speaks of as it is now, and who accepted it."""

    finding: Finding
    digest: str
    accepted: AcceptedWarning | None

    @property
    def name(self) -> str:
        """How an approval and the log name it."""
        return f"{self.finding.code}: {self.finding.where}"


@dataclass(frozen=True)
class Checked:
    """What a look at an issue found, with what was accepted of it."""

    issue: Issue
    errors: Sequence[Finding]
    warnings: Sequence[Warned]

    @property
    def waiting(self) -> list[Warned]:
        """The warnings that nobody has accepted yet."""
        return [warned for warned in self.warnings if warned.accepted is None]

    @property
    def ok(self) -> bool:
        """Tell whether nothing stands in the way of an approval."""
        return not self.errors and not self.waiting


@dataclass(frozen=True)
class Ticks:
    """The digests that are ticked on a page, and those that were when it was shown."""

    now: Collection[str]
    before: Collection[str] = ()


def checked(newsroom: Newsroom, name: str, *, now: datetime) -> Checked:
    """Look at everything that must be right, and at what was accepted."""
    issue, editions = issue_shown(newsroom, name, now=now)
    with newsroom.database.read() as session:
        return _checked(newsroom, session, issue, editions)


def tick_off(newsroom: Newsroom, name: str, ticks: Ticks, *, who: str, now: datetime) -> Checked:
    """Accept what was ticked on a page, and take back what was unticked there.

    What nobody touched there stays as it is: somebody else may have decided about it meanwhile.
    """
    refresh_editions(newsroom, name, now=now)
    with newsroom.database.write() as session:
        issue = issue_for_change(session, name)
        if not issue.may_change:
            raise StateError(f"the issue of {name} is {issue.state}; there is nothing to tick off")
        editions = fresh_editions(newsroom, session, issue)
        found = _checked(newsroom, session, issue, editions)
        ticked = set(ticks.now).difference(ticks.before)
        unticked = set(ticks.before).difference(ticks.now)
        fresh = [warned for warned in found.waiting if warned.digest in ticked]
        gone = [w for w in found.warnings if w.accepted and w.digest in unticked]
        session.add_all(_accepted(issue, warned, who, now) for warned in fresh)
        take_back(session, issue, [warned.digest for warned in gone])
        if fresh or gone:
            _note(session, found, [*fresh, *gone], who=who, now=now)
        session.flush()
        return _checked(newsroom, session, issue, editions)


def _checked(
    newsroom: Newsroom, session: Session, issue: Issue, editions: Sequence[Edition]
) -> Checked:
    preflight = preflight_of(newsroom, session, issue, editions)
    content = content_of(newsroom, issue)
    prints = {name_of(e, issue): e.fingerprint for e in editions}
    known = {accepted.digest: accepted for accepted in warnings_accepted(session, issue)}
    named = [(w, digest_of_finding(w, content, prints)) for w in preflight.warnings]
    warnings = [Warned(finding, digest, known.get(digest)) for finding, digest in named]
    return Checked(issue, preflight.errors, warnings)


def _accepted(issue: Issue, warned: Warned, who: str, now: datetime) -> AcceptedWarning:
    return AcceptedWarning(
        issue_id=issue.id, name=warned.name, digest=warned.digest, who=who, at=now
    )


def _note(
    session: Session, found: Checked, changed: Sequence[Warned], *, who: str, now: datetime
) -> None:
    before = {warned.name: warned.accepted is not None for warned in changed}
    after = {name: not was for name, was in before.items()}
    what = "warnings ticked off"
    note(session, what, found.issue.name, who=who, now=now, before=before, after=after)
