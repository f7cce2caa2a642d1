"""The freeze: an approved issue becomes one promise for each of its readers."""

from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.errors import ApprovalError, GuardError, StateError
from pprmail.model.issue import Issue, IssueState
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import changed_since_approval
from pprmail.storage.audience import count_outside, plan_deliveries
from pprmail.storage.audit import note
from pprmail.storage.issues import issue_for_change


def freeze(postroom: Postroom, name: str, *, who: str, now: datetime) -> Issue:
    """Plan an approved issue's deliveries, once; one that is frozen already is left as it is."""
    newsroom = postroom.newsroom
    with postroom.database.write() as session:
        issue = issue_for_change(session, name)
        if issue.state in {IssueState.SENDING, IssueState.SENT}:
            return issue
        refuse_without_approval(newsroom, session, issue)
        matching = newsroom.matching(issue)
        readers = plan_deliveries(session, issue, matching, now=now)
        _refuse_nobody(readers)
        _refuse_outsiders(session, issue, readers, allowed=postroom.rules.allowed_recipients)
        topics = [newsroom.topics.name(slug) for slug in matching.slugs]
        issue.begin_sending(readers=readers, topics=topics, now=now)
        note(session, "sending begun", name, who=who, now=now, readers=readers)
    return issue


def refuse_without_approval(newsroom: Newsroom, session: Session, issue: Issue) -> None:
    """Let nothing pass but what was approved, as it was approved."""
    remedy = f"look at it and approve it: pprmail issue approve {issue.name} --by ADDRESS"
    if issue.state not in {IssueState.APPROVED, IssueState.DRAFT}:
        raise StateError(f"the issue of {issue.name} is {issue.state}; there is nothing to send")
    if issue.state is IssueState.DRAFT:
        raise ApprovalError(f"the issue of {issue.name} is not approved", remedy=remedy)
    changed = changed_since_approval(newsroom, session, issue)
    if changed is None or changed:
        listed = ", ".join(changed or ["everything"])
        raise ApprovalError(
            f"the approval of {issue.name} holds no longer; changed since: {listed}", remedy=remedy
        )


def _refuse_nobody(readers: int) -> None:
    if not readers:
        raise GuardError("nobody would get this issue; nothing was planned")


def _refuse_outsiders(
    session: Session, issue: Issue, readers: int, *, allowed: tuple[str, ...]
) -> None:
    # Counted among the promises themselves, which the error takes back with it.
    outside = 0 if "*" in allowed else count_outside(session, issue, allowed=allowed)
    if outside:
        raise GuardError(
            f"{outside} of {readers} readers are not among those that letters may go to; "
            "nothing was planned",
            where="[delivery] allowed_recipients",
            remedy='for everybody, write ["*"]',
        )
