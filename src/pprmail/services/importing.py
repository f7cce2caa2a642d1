"""Importing: new summaries come into the archive and into drafts; nothing is lost by it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.model.issue import Issue, IssueState
from pprmail.model.issue_text import TEXT_FIELDS
from pprmail.model.month import parse_month
from pprmail.model.summary import CONTENT
from pprmail.services.comparing import Change, Comparison, compare_in
from pprmail.services.newsroom import Newsroom
from pprmail.services.placing import BY_FILE, Placing
from pprmail.sources.entry import Entry, Sources, TextEntry
from pprmail.storage.audit import last_noted, note
from pprmail.storage.issues import find_issue
from pprmail.storage.summaries import free_slug, issues_holding
from pprmail.storage.tables import IssueText, Summary


@dataclass(frozen=True)
class Imported:
    """What an import did, and what it left alone with the reason."""

    comparison: Comparison
    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Import:
    """One import under way."""

    session: Session
    result: Imported
    who: str
    now: datetime

    @property
    def placing(self) -> Placing:
        """Places summaries in the letters of their months."""
        return Placing(self.session, self.result.notes, BY_FILE, self.who, self.now)


def bring_in(
    newsroom: Newsroom,
    sources: Sources,
    *,
    who: str,
    now: datetime,
    replacing: Collection[str] = (),
) -> Imported:
    """Add what is new; what is there already keeps its words, and approvals their hold.

    Summaries whose differences a person has looked at may be `replacing` what is there by name;
    what has gone out in a letter stays even then.
    """
    with newsroom.database.write() as session:
        work = _Import(session, Imported(compare_in(session, sources)), who, now)
        for summary in _add_new(work):
            work.placing.offer(summary)
        for text in _add_new_texts(work):
            _fill_draft(work, text)
        for change in work.result.comparison.changed:
            if change.name in replacing and not _went_out(work, change):
                _replace(work, change)
            else:
                _add_to_or_keep(work, change)
    return work.result


def bring_in_and_replace(
    newsroom: Newsroom, sources: Sources, *, who: str, now: datetime
) -> Imported:
    """Add what is new and replace what reads otherwise; an approval of it ends."""
    with newsroom.database.write() as session:
        work = _Import(session, Imported(compare_in(session, sources)), who, now)
        comparison = work.result.comparison
        added = _add_new(work)
        for text in _add_new_texts(work):
            _put_into_issue(work, text)
        for change in comparison.changed:
            _replace(work, change)
        changed = [change.row for change in comparison.changed if isinstance(change.row, Summary)]
        for summary in (*added, *changed, *comparison.unchanged):
            work.placing.put_in(summary)
    return work.result


def _add_new(work: _Import) -> list[Summary]:
    return [_add(work, entry) for entry in work.result.comparison.new]


def _add(work: _Import, entry: Entry) -> Summary:
    summary = Summary(
        month=entry.month,
        slug=free_slug(work.session, entry.month, entry.title),
        source_name=entry.source_name,
        created_at=work.now,
        updated_at=work.now,
        **{name: getattr(entry, name) for name in CONTENT},
    )
    work.session.add(summary)
    work.session.flush()
    note(work.session, "summary imported", summary.slug, who=work.who, now=work.now)
    work.result.added.append(summary.slug)
    return summary


def _add_new_texts(work: _Import) -> list[IssueText]:
    return [_add_text(work, text) for text in work.result.comparison.new_texts]


def _add_text(work: _Import, text: TextEntry) -> IssueText:
    row = IssueText(
        month=text.month,
        updated_at=work.now,
        **{name: getattr(text, name) for name in TEXT_FIELDS},
    )
    work.session.add(row)
    work.session.flush()
    work.result.added.append(f"issue.md of {text.month}")
    return row


def _fill_draft(work: _Import, text: IssueText) -> None:
    issue = find_issue(work.session, text.month)
    if issue is None:
        return
    if issue.state is IssueState.DRAFT:
        text.fill(issue)
    else:
        work.result.notes.append(f"the issue of {issue.name} is {issue.state} and was not changed")


def _put_into_issue(work: _Import, text: IssueText) -> None:
    issue = find_issue(work.session, text.month)
    if issue is not None and issue.may_change:
        text.replace(issue)
        work.placing.reopen(issue)


def _add_to_or_keep(work: _Import, change: Change) -> None:
    held = _issues_of(work, change)
    # What an editor took away by hand is not added again.
    by_hand = last_noted(work.session, "summary changed", change.name)
    if change.only_adds and not by_hand and all(issue.state is IssueState.DRAFT for issue in held):
        _write(work, change)
    else:
        work.result.kept.append(change)


def _replace(work: _Import, change: Change) -> None:
    _write(work, change)
    if isinstance(change.row, IssueText):
        _put_into_issue(work, change.row)
    for issue in _issues_of(work, change):
        if issue.state in {IssueState.SENDING, IssueState.SENT}:
            work.result.notes.append(
                f"{change.name} went out in the issue of {issue.name}: the letter stays as it was, "
                "the archive shows the new text"
            )
        work.placing.reopen(issue)


def _write(work: _Import, change: Change) -> None:
    for difference in change.differences:
        setattr(change.row, difference.field, difference.after)
    change.row.updated_at = work.now
    fields = [difference.field for difference in change.differences]
    note(work.session, "text replaced", change.name, who=work.who, now=work.now, fields=fields)
    work.result.replaced.append(change.name)


def _went_out(work: _Import, change: Change) -> bool:
    return any(issue.frozen_at is not None for issue in _issues_of(work, change))


def _issues_of(work: _Import, change: Change) -> Sequence[Issue]:
    if isinstance(change.row, Summary):
        return issues_holding(work.session, change.row)
    issue = find_issue(work.session, parse_month(change.row.month))
    return [issue] if issue else []
