"""Contents: every summary by month, with where it stands and what is to be mended in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month, parse_month
from pprmail.model.summary import Summary
from pprmail.services.newsroom import Newsroom
from pprmail.services.second_look import hints_in
from pprmail.services.writing import letters_with, summary_here
from pprmail.storage.issues import all_issues, find_issue
from pprmail.storage.summaries import all_summaries


@dataclass(frozen=True)
class Listed:
    """A summary in the list; hints and gaps are told as long as something can be done about them."""

    summary: Summary
    went_out: bool
    is_in_letter: bool
    gaps: list[str] = field(default_factory=list)
    hints: int = 0


@dataclass(frozen=True)
class MonthListed:
    """A month of the list, and its letter if that was begun."""

    month: Month
    issue: Issue | None
    summaries: list[Listed]

    @property
    def state(self) -> IssueState | None:
        """Where the month's letter stands."""
        return self.issue.state if self.issue else None


def months_listed(newsroom: Newsroom, *, first_month: str) -> Sequence[MonthListed]:
    """Give every month that has summaries, the newest first."""
    with newsroom.database.read() as session:
        issues = {issue.month: issue for issue in all_issues(session) if issue.name == issue.month}
        found = groupby(all_summaries(session), key=lambda summary: summary.month)
        return [
            MonthListed(
                parse_month(month),
                issues.get(month),
                [_listed(s, issues.get(month), first_month=first_month) for s in summaries],
            )
            for month, summaries in found
        ]


def _listed(summary: Summary, issue: Issue | None, *, first_month: str) -> Listed:
    is_in_letter = issue is not None and summary in issue.summaries
    went_out = is_in_letter and issue is not None and issue.frozen_at is not None
    if went_out or (issue is None and summary.month < first_month):
        return Listed(summary, went_out, is_in_letter)
    return Listed(summary, went_out, is_in_letter, gaps_of(summary), len(hints_in(summary)))


def gaps_of(summary: Summary) -> list[str]:
    """Name what a summary should have and lacks."""
    missing = {
        "no text": not summary.body.strip(),
        "no Practice Implications": not summary.implications.strip(),
        "no topic": not summary.topics,
        "no citation": not summary.citation,
    }
    return [gap for gap, is_missing in missing.items() if is_missing]


@dataclass(frozen=True)
class Standing:
    """Where one summary stands: its month's letter, and the letters in which it went out."""

    summary: Summary
    issue: Issue | None
    sent_in: Sequence[Issue]

    @property
    def may_be_taken_in(self) -> bool:
        """Tell whether the month's letter could hold it and does not."""
        return (
            self.issue is not None
            and self.issue.may_change
            and self.summary not in self.issue.summaries
        )


def standing(newsroom: Newsroom, slug: str) -> Standing:
    """Say where a summary stands."""
    with newsroom.database.read() as session:
        summary = summary_here(session, slug)
        issue = find_issue(session, summary.month)
        return Standing(summary, issue, letters_with(session, summary))
