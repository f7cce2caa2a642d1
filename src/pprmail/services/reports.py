"""Reports: where an issue stands, what became of it, and whether its equation balances."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pprmail.model.approval import Approval
from pprmail.model.audience import FOLLOWS_ALL
from pprmail.model.delivery import Equation
from pprmail.model.edition import Edition
from pprmail.model.issue import Issue, IssueState
from pprmail.model.request import Request, RequestState
from pprmail.model.tally import Tally, together
from pprmail.services.keeping import Counted
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import changed_since_approval, refresh_editions
from pprmail.storage.audience import head_counts
from pprmail.storage.deliveries import count_requests, equation_of, requests_of, uneven_requests
from pprmail.storage.figures import FACTS, count_by_edition, count_by_issue, tallies_of
from pprmail.storage.issues import all_issues, issue_named, latest_approval, present_editions

Tallies = dict[tuple[int, int], Tally]


@dataclass(frozen=True)
class EditionStatus:
    """An edition and its readers: today's before the freeze, those promised after it."""

    edition: Edition
    summaries: list[str]
    subscribers: int


@dataclass(frozen=True)
class IssueStatus:
    """Where an issue stands, counted from rows."""

    issue: Issue
    subject: str | None
    approval: Approval | None
    changed: list[str]
    editions: list[EditionStatus]
    equation: Equation
    requests: dict[str, int]
    doubts: list[Request]
    uneven: list[int]

    @property
    def balanced(self) -> bool:
        """Tell whether every promise is accounted for, in the issue and in each request."""
        return self.equation.balances and not self.uneven

    @property
    def is_approved(self) -> bool:
        """Tell whether the approval holds."""
        return self.approval is not None and not self.changed

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `--json` prints."""
        approval = self.approval
        return {
            "month": self.issue.name,
            "state": self.issue.state,
            "subject": self.subject,
            "summaries": [summary.slug for summary in self.issue.summaries],
            "fingerprint": approval.fingerprint if approval else None,
            "approved_by": approval.approved_by if approval else None,
            "approved_at": _moment(approval.approved_at if approval else None),
            "changed_since_approval": self.changed,
            "send_at": _moment(self.issue.send_at),
            "paused_at": _moment(self.issue.paused_at),
            "pause_reason": self.issue.pause_reason,
            "sent_at": _moment(self.issue.sent_at),
            "editions": [_edition_json(edition) for edition in self.editions],
            "deliveries": self.equation.as_json(),
            "requests": self.requests,
            "balanced": self.balanced,
        }


@dataclass(frozen=True)
class EditionReport:
    """What became of the letters of one edition."""

    edition: Edition
    summaries: list[str]
    titles: list[str]
    tally: Tally

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `--json` prints."""
        named = {"edition": self.edition.selection, "summaries": self.summaries}
        return named | self.tally.as_json()


@dataclass(frozen=True)
class IssueReport:
    """What became of an issue, as far as the provider told; `topics` are tallies by their names."""

    status: IssueStatus
    by_edition: list[EditionReport]
    topics: dict[str, Tally]

    @property
    def whole(self) -> Tally:
        """What became of all its letters."""
        return together(edition.tally for edition in self.by_edition)

    @property
    def facts(self) -> dict[str, int]:
        """What the provider reported, by name."""
        told = self.whole.as_json()
        return {fact: told[fact] for fact in FACTS}

    @property
    def by_topic(self) -> list[dict[str, Any]]:
        """What led to how many letters, and how many of these arrived."""
        return [
            {"topic": name, "subscribers": tally.readers, "delivered": tally.delivered}
            for name, tally in self.topics.items()
        ]

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `--json` prints."""
        later = {
            "ended": self.whole.left,
            "no_word": self.whole.no_word,
            "by_topic": self.by_topic,
            "by_edition": [edition.as_json() for edition in self.by_edition],
        }
        return self.status.as_json() | self.facts | later


@dataclass(frozen=True)
class LetterSent:
    """One line in the list of letters."""

    issue: Issue
    tally: Tally


def status(newsroom: Newsroom, name: str, *, now: datetime) -> IssueStatus:
    """Say where an issue stands; a draft's editions are those it would have today."""
    with newsroom.database.read() as session:
        is_draft = issue_named(session, name).state is IssueState.DRAFT
    if is_draft:
        refresh_editions(newsroom, name, now=now)
    with newsroom.database.read() as session:
        return _status(newsroom, session, issue_named(session, name), now=now)


def statuses(newsroom: Newsroom, *, now: datetime) -> list[IssueStatus]:
    """Say where every issue stands, the newest first."""
    with newsroom.database.read() as session:
        return [_status(newsroom, session, issue, now=now) for issue in all_issues(session)]


def report(newsroom: Newsroom, name: str, *, now: datetime) -> IssueReport:
    """Say what became of an issue."""
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
        tallies = tallies_of(session, issue) if issue.frozen_at else {}
        found = _status(newsroom, session, issue, now=now)
        return IssueReport(found, _by_edition(found, tallies), _by_topic(issue, tallies))


def report_shown(
    newsroom: Newsroom, name: str, *, now: datetime
) -> tuple[Issue, Counted[IssueReport] | None]:
    """Say what became of an issue, as of a while ago where counting takes long; None until then."""
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
    kept, count = newsroom.kept, lambda: report(newsroom, name, now=now)
    return issue, kept.look(("report", name), count, now=now)


def letters_sent(newsroom: Newsroom, *, now: datetime) -> list[LetterSent]:
    """List every issue whose sending was begun, the newest first."""
    counted = newsroom.counted("letters", count_by_issue, now=now)
    with newsroom.database.read() as session:
        sent = [issue for issue in all_issues(session) if issue.frozen_at]
        return [LetterSent(issue, counted.get(issue.id, Tally())) for issue in sent]


def _status(newsroom: Newsroom, session: Session, issue: Issue, *, now: datetime) -> IssueStatus:
    editions = _editions(newsroom, session, issue, now=now)
    is_approved = issue.state not in {IssueState.DRAFT, IssueState.SKIPPED}
    changed = changed_since_approval(newsroom, session, issue) if issue.may_change else None
    return IssueStatus(
        issue=issue,
        subject=editions[0].edition.subject if editions else issue.subject,
        approval=latest_approval(session, issue) if is_approved else None,
        changed=(changed or []) if is_approved else [],
        editions=editions,
        equation=equation_of(session, issue),
        requests=count_requests(session, issue),
        doubts=[r for r in requests_of(session, issue) if r.state is RequestState.UNKNOWN],
        uneven=list(uneven_requests(session, issue)),
    )


def _editions(
    newsroom: Newsroom, session: Session, issue: Issue, *, now: datetime
) -> list[EditionStatus]:
    if issue.frozen_at:
        promised = count_by_edition(session, issue)
    else:
        counts = head_counts(session, newsroom.matching(issue), now=now)
        promised = {e.id: counts.get(e.selection, 0) for e in present_editions(session, issue)}
    return [
        EditionStatus(edition, _slugs(issue, edition), promised.get(edition.id, 0))
        for edition in present_editions(session, issue)
    ]


def _slugs(issue: Issue, edition: Edition) -> list[str]:
    return [s.slug for place, s in enumerate(issue.summaries) if edition.selection >> place & 1]


def _by_edition(found: IssueStatus, tallies: Tallies) -> list[EditionReport]:
    titles = {summary.slug: summary.title for summary in found.issue.summaries}
    return [
        EditionReport(
            edition=each.edition,
            summaries=each.summaries,
            titles=[titles[slug] for slug in each.summaries],
            tally=together([t for (e, _), t in tallies.items() if e == each.edition.id]),
        )
        for each in found.editions
    ]


def _by_topic(issue: Issue, tallies: Tallies) -> dict[str, Tally]:
    return {
        topic: together([tally for (_, bits), tally in tallies.items() if _led(bits, place)])
        for place, topic in enumerate(issue.topics or [])
    }


def _led(bits: int, place: int) -> bool:
    return bits != FOLLOWS_ALL and bool(bits >> place & 1)


def _edition_json(status: EditionStatus) -> dict[str, Any]:
    return {
        "summaries": status.summaries,
        "subscribers": status.subscribers,
        "fingerprint": status.edition.fingerprint,
        "html_bytes": status.edition.html_bytes,
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
