"""Looking: every edition of an issue with its readers, and what one given reader gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.approval import Approval
from pprmail.model.edition import Edition, name_of
from pprmail.model.field_words import in_words
from pprmail.model.issue import Issue
from pprmail.rendering.inspection import preheader_in
from pprmail.services.inert import topics_leading_to
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import changed_since_approval, issue_shown
from pprmail.storage.audience import head_counts
from pprmail.storage.figures import count_by_edition
from pprmail.storage.issues import edition_of, latest_approval

LIMIT_KB = 102
"""Where Gmail cuts a letter off, thousand bytes of HTML."""


@dataclass(frozen=True)
class EditionSeen:
    """An edition as an editor sees it; its readers are today's, or those it was promised to."""

    edition: Edition
    name: str
    titles: Sequence[str]
    topics: Sequence[str]
    is_full: bool
    readers: int

    @property
    def label(self) -> str:
        """What a page calls it: by the places of its summaries, as they stand in the issue."""
        if not self.titles:
            return "The short list"
        holds_all = self.is_full and len(self.titles) > 1
        return f"{self.name.capitalize()} (everything)" if holds_all else self.name.capitalize()

    @property
    def preheader(self) -> str:
        """What an inbox shows beside the subject."""
        return preheader_in(self.edition.html)

    @property
    def kilobytes(self) -> int:
        """How large its HTML is, rounded up."""
        return -(-self.edition.html_bytes // 1000)


@dataclass(frozen=True)
class IssueSeen:
    """An issue with every edition, and what an approval of it is worth."""

    issue: Issue
    editions: Sequence[EditionSeen]
    approval: Approval | None
    changed: Sequence[str]

    @property
    def readers(self) -> int:
        """How many readers get a letter."""
        return sum(seen.readers for seen in self.editions)

    @property
    def widest(self) -> int:
        """How many readers the edition with the most of them has."""
        return max((seen.readers for seen in self.editions), default=0)

    def edition(self, selection: int) -> EditionSeen:
        """Give the edition of a selection."""
        for seen in self.editions:
            if seen.edition.selection == selection:
                return seen
        raise NotFoundError(f"the issue of {self.issue.name} has no such edition")


def look_at(newsroom: Newsroom, name: str, *, now: datetime) -> IssueSeen:
    """Give every edition of an issue: as it would be today, or as it was promised."""
    issue, editions = issue_shown(newsroom, name, now=now)
    readers = _readers(newsroom, issue, editions, now=now)
    with newsroom.database.read() as session:
        changed = changed_since_approval(newsroom, session, issue) if issue.may_change else None
        return IssueSeen(
            issue=issue,
            editions=[_seen(newsroom, issue, e, readers.get(e.selection, 0)) for e in editions],
            approval=latest_approval(session, issue),
            changed=in_words(changed or []),
        )


def readers_today(newsroom: Newsroom, issue: Issue, *, now: datetime) -> int:
    """Count who would get a letter if it went out now, as of a little while ago at most."""
    return sum(_head_counts(newsroom, issue, now=now).values())


def approved_edition(session: Session, issue: Issue, selection: int) -> Edition | None:
    """Give the edition of a selection that was approved last, if one was."""
    approval = latest_approval(session, issue)
    print_ = approval.manifest.get(f"edition {selection}") if approval else None
    return edition_of(session, issue, selection, fingerprint=print_) if print_ else None


def _readers(
    newsroom: Newsroom, issue: Issue, editions: Sequence[Edition], *, now: datetime
) -> dict[int, int]:
    if issue.frozen_at is None:
        return _head_counts(newsroom, issue, now=now)
    name = ("by edition", issue.id)
    promised = newsroom.counted(name, lambda session: count_by_edition(session, issue), now=now)
    return {edition.selection: promised.get(edition.id, 0) for edition in editions}


def _head_counts(newsroom: Newsroom, issue: Issue, *, now: datetime) -> dict[int, int]:
    matching = newsroom.matching(issue)
    return newsroom.counted(
        matching, lambda session: head_counts(session, matching, now=now), now=now
    )


def _seen(newsroom: Newsroom, issue: Issue, edition: Edition, readers: int) -> EditionSeen:
    chosen = [s for place, s in enumerate(issue.summaries) if edition.selection >> place & 1]
    return EditionSeen(
        edition=edition,
        name=name_of(edition, issue),
        titles=[summary.title for summary in chosen],
        topics=topics_leading_to(newsroom, issue, edition),
        is_full=len(chosen) == len(issue.summaries),
        readers=readers,
    )
