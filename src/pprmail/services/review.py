"""Review: every edition is rendered once, looked at, and approved by its fingerprint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.errors import ApprovalError, StateError, StorageError
from pprmail.model.approval import (
    Approval,
    Manifest,
    changed_fields,
    content_manifest,
    digest_of,
    fingerprint_of_manifest,
    full_manifest,
)
from pprmail.model.edition import Edition
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import parse_month
from pprmail.model.preflight import Preflight
from pprmail.model.summary import Summary
from pprmail.services.newsroom import Newsroom
from pprmail.services.preflight import Subjects, look
from pprmail.storage.audience import head_counts
from pprmail.storage.audit import note
from pprmail.storage.issues import (
    drop_unapproved_editions,
    edition_from,
    is_unmended,
    issue_named,
    latest_approval,
    present_editions,
    replace_editions,
    sent_before,
)
from pprmail.storage.summaries import summaries_of


@dataclass(frozen=True)
class Seen:
    """An issue with its editions and how many readers each has today, keyed by selection."""

    issue: Issue
    editions: Sequence[Edition]
    head_counts: dict[int, int]

    def readers_of(self, edition: Edition) -> int:
        """Give the number of readers that an edition has today."""
        return self.head_counts.get(edition.selection, 0)


@dataclass(frozen=True)
class Shown:
    """What a person saw and ticked: the fingerprint, and the warnings by name."""

    fingerprint: str
    ticked: frozenset[str]


def see(newsroom: Newsroom, name: str, *, now: datetime) -> Seen:
    """Give every edition of an issue as it would go out today."""
    refresh_editions(newsroom, name, now=now)
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
        editions = fresh_editions(newsroom, session, issue)
        return Seen(issue, editions, head_counts(session, newsroom.matching(issue), now=now))


def check(newsroom: Newsroom, name: str, *, now: datetime) -> Preflight:
    """Look at everything that must be right before an approval."""
    refresh_editions(newsroom, name, now=now)
    with newsroom.database.read() as session:
        return _checked(newsroom, session, issue_named(session, name))


def approve(
    newsroom: Newsroom, name: str, *, by: str, now: datetime, to: Shown | None = None
) -> Approval:
    """Say yes to exactly what is there now; errors block, warnings are accepted by name.

    `to` is what was shown on a page; without it, whoever asks has seen what is there. A yes that
    was said to exactly this already stands, and the schedule with it.
    """
    refresh_editions(newsroom, name, now=now)
    with newsroom.database.write() as session:
        issue = issue_named(session, name)
        if not issue.may_change:
            raise StateError(f"the issue of {name} is {issue.state}; there is nothing to approve")
        preflight = _checked(newsroom, session, issue)
        if not preflight.ok:
            listed = "\n".join(f"  {f.where}: {f.message}" for f in preflight.errors)
            raise ApprovalError(
                f"the issue of {name} can't be approved:\n{listed}",
                remedy=f"mend this, then look again: pprmail issue check {name}",
            )
        if to is not None:
            _refuse_other(to, present_manifest(newsroom, session, issue), preflight)
        standing = _standing_approval(newsroom, session, issue)
        return standing or _approve(newsroom, session, issue, preflight, by=by, now=now)


def _refuse_other(to: Shown, present: Manifest, preflight: Preflight) -> None:
    """Let nothing be approved that was not shown, nor a warning that was not ticked."""
    if to.fingerprint != fingerprint_of_manifest(present):
        raise ApprovalError(
            "something changed while you were looking, so that nothing was approved",
            remedy="look at what is different, and approve again",
        )
    open_ones = [w.message for w in preflight.warnings if w.name not in to.ticked]
    if open_ones:
        raise ApprovalError(
            "tick every warning that you accept; nothing was approved", where="; ".join(open_ones)
        )


def _standing_approval(newsroom: Newsroom, session: Session, issue: Issue) -> Approval | None:
    """Give the approval of an issue that is approved exactly as it is now."""
    if issue.state is not IssueState.APPROVED or changed_since_approval(newsroom, session, issue):
        return None
    return latest_approval(session, issue)


def changed_since_approval(newsroom: Newsroom, session: Session, issue: Issue) -> list[str] | None:
    """Name what differs from what was approved; None if nothing was."""
    approval = latest_approval(session, issue)
    if approval is None:
        return None
    return changed_fields(approval.manifest, present_manifest(newsroom, session, issue))


def present_manifest(newsroom: Newsroom, session: Session, issue: Issue) -> Manifest:
    """Sign what is there now: content, surroundings and the stored bytes of every edition."""
    return full_manifest(content_of(newsroom, issue), present_editions(session, issue))


def refresh_editions(newsroom: Newsroom, name: str, *, now: datetime) -> None:
    """Render an issue's editions anew, if what they are made of has changed since."""
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
        made_of = _made_of(newsroom, issue)
        selections = newsroom.matching(issue).selections()
    if not issue.may_change or issue.rendered_from == made_of:
        return
    # Rendering takes seconds where there are many editions; nobody waits for a lock meanwhile.
    rendered = {selection: newsroom.press.edition(issue, selection) for selection in selections}
    with newsroom.database.write() as session:
        present = issue_named(session, name)
        if present.may_change and _made_of(newsroom, present) == made_of:
            replace_editions(session, present, rendered, now=now)
            drop_unapproved_editions(session, present)
            present.rendered_from = made_of


def issue_shown(newsroom: Newsroom, name: str, *, now: datetime) -> tuple[Issue, Sequence[Edition]]:
    """Give an issue with its editions as they would be now; looking stores nothing."""
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
        present = present_editions(session, issue)
    made_of = _made_of(newsroom, issue)
    if not issue.may_change or issue.rendered_from == made_of:
        return issue, present
    selections = newsroom.matching(issue).selections()

    def rendered() -> list[Edition]:
        made = {selection: newsroom.press.edition(issue, selection) for selection in selections}
        return [edition_from(issue, selection, each, now=now) for selection, each in made.items()]

    return issue, newsroom.kept.of(("rendered", made_of), rendered, now=now)


def fresh_editions(newsroom: Newsroom, session: Session, issue: Issue) -> Sequence[Edition]:
    """Give the editions, if they are made of what the issue is now."""
    if issue.may_change and issue.rendered_from != _made_of(newsroom, issue):
        raise StorageError(
            f"somebody changed the issue of {issue.name} at this very moment",
            remedy="look at it again and repeat the step",
        )
    return present_editions(session, issue)


def _made_of(newsroom: Newsroom, issue: Issue) -> str:
    return digest_of(content_of(newsroom, issue))


def content_of(newsroom: Newsroom, issue: Issue) -> Manifest:
    """Sign all that the editions are made of, field by field."""
    templates = newsroom.press.template_digests(issue.kind)
    content = content_manifest(issue, newsroom.masthead, templates=templates)
    # Which topics are merged decides who gets what, as much as the rule itself does.
    matches = newsroom.matching(issue)
    names = newsroom.topics.names(slug for s in issue.summaries for slug in s.topics)
    return content | {
        "audience.matching": digest_of([matches.slugs, str(matches.matches)]),
        # They are printed above each summary, and where a reader is told why.
        "topics.names": digest_of(names),
    }


def preflight_of(
    newsroom: Newsroom, session: Session, issue: Issue, editions: Sequence[Edition]
) -> Preflight:
    """Look at an issue and these editions of it."""
    subjects = Subjects(
        issue=issue,
        editions=editions,
        masthead=newsroom.masthead,
        topics=newsroom.topics,
        sent_before=sent_before(session, issue),
        outside=[s.slug for s in _of_its_month(session, issue) if s not in issue.summaries],
        sender=newsroom.sender,
        hears_back=newsroom.hears_back,
        is_unmended=is_unmended(session, issue),
    )
    return look(subjects)


def _checked(newsroom: Newsroom, session: Session, issue: Issue) -> Preflight:
    return preflight_of(newsroom, session, issue, fresh_editions(newsroom, session, issue))


def _of_its_month(session: Session, issue: Issue) -> Sequence[Summary]:
    return summaries_of(session, parse_month(issue.month))


def _approve(
    newsroom: Newsroom,
    session: Session,
    issue: Issue,
    preflight: Preflight,
    *,
    by: str,
    now: datetime,
) -> Approval:
    manifest = present_manifest(newsroom, session, issue)
    approval = Approval(
        issue_id=issue.id,
        fingerprint=fingerprint_of_manifest(manifest),
        manifest=manifest,
        approved_by=by,
        approved_at=now,
        warnings_accepted=[warning.name for warning in preflight.warnings],
    )
    session.add(approval)
    issue.approve()
    note(
        session,
        "issue approved",
        issue.name,
        who=by,
        now=now,
        fingerprint=approval.fingerprint,
        warnings=approval.warnings_accepted,
    )
    return approval
