"""Issues, their editions and their approvals, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.audience import MONTHLY
from pprmail.model.edition import Rendered
from pprmail.model.issue import ENDED, IssueKind, IssueState
from pprmail.model.month import Month
from pprmail.storage.insertion import insert_if_new
from pprmail.storage.tables import Approval, Edition, Issue, IssueSummary, Summary


def open_issue(session: Session, month: Month, *, now: datetime) -> tuple[Issue, bool]:
    """Give the month's one issue, and whether this call made it."""
    row = {
        "name": month,
        "kind": IssueKind.MONTHLY,
        "month": month,
        "state": IssueState.DRAFT,
        "introduction": "",
        "notices": "",
        "audience": MONTHLY,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    made = insert_if_new(session, Issue, [row], returning=Issue.id)
    return issue_named(session, month), bool(made)


def find_issue(session: Session, name: str) -> Issue | None:
    """Find an issue by its name, or give None."""
    return session.scalars(select(Issue).where(Issue.name == name)).one_or_none()


def issue_named(session: Session, name: str) -> Issue:
    """Give an issue by its name."""
    issue = find_issue(session, name)
    if issue is None:
        raise NotFoundError(
            f"there is no issue of {name}", remedy=f"make it: pprmail issue assemble {name}"
        )
    return issue


def issue_for_change(session: Session, name: str) -> Issue:
    """Give an issue by its name, locked, so that two who begin the same step take turns."""
    issue_named(session, name)
    locked = select(Issue).where(Issue.name == name).with_for_update(of=Issue)
    return session.scalars(locked, execution_options={"populate_existing": True}).one()


def issue_by_id(session: Session, issue_id: int) -> Issue:
    """Give an issue by its number, locked and as it is now."""
    return session.get_one(Issue, issue_id, with_for_update=True, populate_existing=True)


def all_issues(session: Session) -> Sequence[Issue]:
    """Give every issue, the newest first."""
    return session.scalars(select(Issue).order_by(Issue.month.desc(), Issue.id.desc())).all()


def oldest_open_issue(session: Session) -> Issue | None:
    """Give the oldest month's issue that was begun and has not ended."""
    still_open = select(Issue).where(Issue.kind == IssueKind.MONTHLY, Issue.state.not_in(ENDED))
    return session.scalars(still_open.order_by(Issue.month)).first()


def issues_due(session: Session, *, now: datetime) -> Sequence[Issue]:
    """Give the approved issues whose time to go out has come."""
    due = select(Issue).where(Issue.state == IssueState.APPROVED, Issue.send_at <= now)
    return session.scalars(due.order_by(Issue.send_at)).all()


def issues_under_way(session: Session) -> Sequence[Issue]:
    """Give the issues that are being sent and do not rest."""
    sending = select(Issue).where(Issue.state == IssueState.SENDING, Issue.paused_at.is_(None))
    return session.scalars(sending.order_by(Issue.frozen_at)).all()


def issues_resting(session: Session) -> Sequence[Issue]:
    """Give the issues that are being sent and are paused."""
    resting = select(Issue).where(Issue.state == IssueState.SENDING, Issue.paused_at.is_not(None))
    return session.scalars(resting.order_by(Issue.paused_at)).all()


def issues_sent_since(session: Session, moment: datetime) -> Sequence[Issue]:
    """Give the issues that were sent to the end after a moment."""
    sent = select(Issue).where(Issue.state == IssueState.SENT, Issue.sent_at > moment)
    return session.scalars(sent.order_by(Issue.sent_at)).all()


def sent_before(session: Session, issue: Issue) -> Sequence[tuple[str, str]]:
    """Name the summaries of an issue that another issue has sent: (slug, that issue's name)."""
    mine = [entry.summary_id for entry in issue.entries]
    sent = (
        select(Summary.slug, Issue.name)
        .join_from(IssueSummary, Issue)
        .join(Summary)
        .where(
            IssueSummary.summary_id.in_(mine),
            Issue.id != issue.id,
            Issue.state.in_([IssueState.SENDING, IssueState.SENT, IssueState.CANCELLED]),
            Issue.frozen_at.is_not(None),
        )
    )
    return [(slug, name) for slug, name in session.execute(sent)]


def is_unmended(session: Session, issue: Issue) -> bool:
    """Tell whether a correction's summary reads as it did when it was sent."""
    mine = [entry.summary_id for entry in issue.entries]
    unchanged = (
        select(Issue.id)
        .join(IssueSummary, IssueSummary.issue_id == Issue.id)
        .join(Summary, Summary.id == IssueSummary.summary_id)
        .where(
            Summary.id.in_(mine),
            Issue.kind == IssueKind.MONTHLY,
            Summary.updated_at <= Issue.frozen_at,
        )
    )
    is_correction = issue.kind is IssueKind.CORRECTION
    return is_correction and session.scalars(unchanged).first() is not None


def present_editions(session: Session, issue: Issue) -> Sequence[Edition]:
    """Give an issue's editions, the fullest first and the note last."""
    present = select(Edition).where(Edition.issue_id == issue.id, Edition.superseded_at.is_(None))
    editions = session.scalars(present).all()
    return sorted(editions, key=lambda e: (-e.selection.bit_count(), e.selection))


def edition_with(session: Session, edition_id: int) -> Edition:
    """Give an edition by its number, superseded or not."""
    return session.get_one(Edition, edition_id)


def edition_of(
    session: Session, issue: Issue, selection: int, *, fingerprint: str = ""
) -> Edition | None:
    """Find the present edition of a selection, or an older one by its fingerprint."""
    mine = select(Edition).where(Edition.issue_id == issue.id, Edition.selection == selection)
    which = Edition.fingerprint == fingerprint if fingerprint else Edition.superseded_at.is_(None)
    return session.scalars(mine.where(which)).one_or_none()


def replace_editions(
    session: Session, issue: Issue, rendered: dict[int, Rendered], *, now: datetime
) -> Sequence[Edition]:
    """Let these be the issue's editions; bytes that were there before keep their row."""
    kept = {
        (edition.selection, edition.fingerprint): edition
        for edition in session.scalars(select(Edition).where(Edition.issue_id == issue.id))
    }
    for edition in kept.values():
        edition.superseded_at = edition.superseded_at or now
    session.flush()
    for selection, made in rendered.items():
        known = kept.get((selection, made.fingerprint))
        if known is not None:
            known.superseded_at = None
        else:
            session.add(edition_from(issue, selection, made, now=now))
    session.flush()
    return present_editions(session, issue)


def drop_unapproved_editions(session: Session, issue: Issue) -> None:
    """Forget replaced editions that nobody approved."""
    if not session.scalar(select(exists().where(Approval.issue_id == issue.id))):
        replaced = delete(Edition).where(
            Edition.issue_id == issue.id, Edition.superseded_at.is_not(None)
        )
        session.execute(replaced)


def latest_approval(session: Session, issue: Issue) -> Approval | None:
    """Give the approval that was given last, valid or not."""
    given = select(Approval).where(Approval.issue_id == issue.id).order_by(Approval.id.desc())
    return session.scalars(given).first()


def edition_from(issue: Issue, selection: int, made: Rendered, *, now: datetime) -> Edition:
    """Make an edition of what was rendered; it is not stored."""
    return Edition(
        issue_id=issue.id,
        selection=selection,
        subject=made.subject,
        html=made.html,
        text=made.text,
        mark=made.mark,
        words=made.words,
        fingerprint=made.fingerprint,
        created_at=now,
    )
