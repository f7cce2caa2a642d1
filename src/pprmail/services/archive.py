"""The archive: what has been published, and every summary as programs read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month, parse_month
from pprmail.model.reference import Reference
from pprmail.model.slug import slug_of
from pprmail.model.summary import Summary
from pprmail.model.topic import Topics
from pprmail.services.newsroom import Newsroom
from pprmail.sources.citation import parse_citation
from pprmail.sources.entry import Entry
from pprmail.storage.issues import all_issues, find_issue
from pprmail.storage.summaries import (
    all_summaries,
    issues_holding,
    published_since,
    summaries_of,
    summary_with,
)

PUBLIC_STATES = frozenset({IssueState.SENDING, IssueState.SENT})


@dataclass(frozen=True)
class Cited:
    """A published summary, and the study that it cites; the reference holds the study's DOI."""

    summary: Summary
    reference: Reference


@dataclass(frozen=True)
class Archive:
    """What readers of the pages may see: months before the first letter, and letters sent."""

    newsroom: Newsroom
    first_month: str

    def months(self) -> list[Month]:
        """Name the published months, the newest first."""
        with self.newsroom.database.read() as session:
            letters = [issue for issue in all_issues(session) if issue.is_monthly]
            issued = [i.month for i in letters if i.state in PUBLIC_STATES]
            older = [s.month for s in all_summaries(session) if s.month < self.first_month]
        return [parse_month(month) for month in sorted({*issued, *older}, reverse=True)]

    def since(self, month: Month) -> Sequence[Summary]:
        """Give the published summaries from a month on, without their texts, the newest first."""
        with self.newsroom.database.read() as session:
            return published_since(
                session, month, first_month=self.first_month, states=PUBLIC_STATES
            )

    def month(self, month: Month) -> tuple[Issue | None, Sequence[Summary]]:
        """Give a published month: its letter, if there was one, and its summaries."""
        with self.newsroom.database.read() as session:
            issue = find_issue(session, month)
            if issue is not None and issue.state in PUBLIC_STATES:
                return issue, issue.summaries
            summaries = summaries_of(session, month)
        if month < self.first_month and summaries:
            return None, summaries
        raise NotFoundError(f"nothing has been published in {month}")

    def summary(self, slug: str) -> Summary:
        """Give a published summary."""
        with self.newsroom.database.read() as session:
            summary = summary_with(session, slug)
            if summary is not None and self._is_public(session, summary):
                return summary
        raise NotFoundError(f"no summary “{slug}” has been published")

    def cited(self, slug: str) -> Cited:
        """Give a published summary with its study; its own DOI goes before the citation's."""
        summary = self.summary(slug)
        if not (summary.citation or summary.doi):
            raise NotFoundError(f"the summary “{slug}” cites no study")
        reference = parse_citation(summary.citation or "")
        return Cited(summary, replace(reference, doi=summary.doi or reference.doi))

    def _is_public(self, session: Session, summary: Summary) -> bool:
        issues = [i for i in issues_holding(session, summary) if i.is_monthly]
        is_older = not issues and summary.month < self.first_month
        return is_older or any(issue.state in PUBLIC_STATES for issue in issues)


def listed(newsroom: Newsroom) -> Sequence[Summary]:
    """Give every summary, published or not, the newest month first."""
    with newsroom.database.read() as session:
        return all_summaries(session)


def shown(newsroom: Newsroom, slug: str) -> Summary:
    """Give one summary, published or not."""
    with newsroom.database.read() as session:
        summary = summary_with(session, slug)
    if summary is None:
        raise NotFoundError(f"there is no summary “{slug}”", remedy="see: pprmail summaries list")
    return summary


def summary_json(summary: Summary | Entry, topics: Topics) -> dict[str, Any]:
    """Give the shape that `--json` prints, of a summary or of one that would be imported."""
    reference = parse_citation(summary.citation) if summary.citation else None
    slug = summary.slug if isinstance(summary, Summary) else slug_of(summary.title)
    return {
        "slug": slug,
        "month": summary.month,
        "title": summary.title,
        "citation": summary.citation,
        "doi": summary.doi,
        "type_of_research": summary.type_of_research,
        "topics": topics.names(summary.topics),
        "body": summary.body,
        "implications": summary.implications,
        "warnings": _warnings(summary),
        "reference": reference.as_json() if reference else None,
    }


def _warnings(summary: Summary | Entry) -> list[str]:
    missing = {
        "no citation": not summary.citation,
        "no topic: only readers of everything would get it": not summary.topics,
        "no text": not summary.body,
        "no Practice Implications": not summary.implications,
    }
    return [warning for warning, is_missing in missing.items() if is_missing]
