"""Placing: a summary comes into its month's letter, or leaves it, and approvals of it end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.errors import StateError
from pprmail.model.issue import Issue, IssueState
from pprmail.model.summary import Summary
from pprmail.storage.audit import note
from pprmail.storage.issues import find_issue
from pprmail.storage.summaries import issues_holding

BY_FILE: Final = "import its file with --update"
BY_HAND: Final = "use the button on the page of this summary"


@dataclass(frozen=True)
class Placing:
    """Places summaries in a transaction that is under way; `notes` tell what came of it.

    `way` says how a summary comes into an approved letter.
    """

    session: Session
    notes: list[str]
    way: str
    who: str
    now: datetime

    def offer(self, summary: Summary) -> None:
        """Take a summary into its month's letter if that is a draft."""
        issue = find_issue(self.session, summary.month)
        if issue is None:
            return
        if issue.state is IssueState.DRAFT:
            self.take_in(issue, summary)
            return
        how = f"; to take it in, which ends the approval, {self.way}" if issue.may_change else ""
        self.notes.append(
            f"the issue of {issue.name} is {issue.state} and was not changed by “{summary.title}”{how}"
        )

    def put_in(self, summary: Summary) -> None:
        """Take a summary into its month's letter, and end an approval of that."""
        issue = find_issue(self.session, summary.month)
        if issue is None or not issue.may_change or summary in issue.summaries:
            return
        if self.take_in(issue, summary):
            self.reopen(issue)

    def take_in(self, issue: Issue, summary: Summary) -> bool:
        """Take a summary into a letter, if there is room."""
        try:
            issue.take_in(summary)
        except StateError as refusal:
            self.notes.append(str(refusal))
            return False
        issue.updated_at = self.now
        self.notes.append(f"{summary.slug} was taken into the issue of {issue.name}")
        self._note("summaries taken in", issue.name, slugs=[summary.slug])
        return True

    def leave(self, summary: Summary) -> None:
        """Take a summary out of the letters that may still change."""
        for issue in issues_holding(self.session, summary):
            issue.let_go(summary)
            issue.updated_at = self.now
            self._note("summary taken out", issue.name, slugs=[summary.slug])
            self.reopen(issue)

    def reopen(self, issue: Issue) -> None:
        """End an approval, because what it holds has changed."""
        if issue.reopen():
            self.notes.append(
                f"the approval of {issue.name} has ended, because its content changed; "
                "approve it again"
            )
            self._note("approval ended", issue.name)

    def _note(self, what: str, name: str, **detail: object) -> None:
        note(self.session, what, name, who=self.who, now=self.now, **detail)
