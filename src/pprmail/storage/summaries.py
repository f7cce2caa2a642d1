"""Summaries and the texts of issues, in SQL."""

from collections.abc import Collection, Sequence
from itertools import chain, count

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, load_only

from pprmail.model.issue import IssueKind, IssueState
from pprmail.model.month import Month
from pprmail.model.summary import slugs_for
from pprmail.storage.tables import Issue, IssueSummary, IssueText, Summary, SummaryTopic


def all_summaries(session: Session) -> Sequence[Summary]:
    """Give every summary, the newest month first, in the order they came."""
    return session.scalars(select(Summary).order_by(Summary.month.desc(), Summary.id)).all()


def summaries_of(session: Session, month: Month) -> Sequence[Summary]:
    """Give a month's summaries in the order they came."""
    return session.scalars(select(Summary).where(Summary.month == month).order_by(Summary.id)).all()


def published_since(
    session: Session, since: Month, *, first_month: str, states: Collection[IssueState]
) -> Sequence[Summary]:
    """Give the summaries of letters in these states, and of months before the first letter.

    They come without their texts, the newest month first.
    """
    issued = select(IssueSummary.summary_id).join(Issue).where(Issue.kind == IssueKind.MONTHLY)
    is_out = or_(
        Summary.id.in_(issued.where(Issue.state.in_(states))),
        and_(Summary.month < first_month, Summary.id.not_in(issued)),
    )
    told = (
        select(Summary)
        .where(Summary.month >= since, is_out)
        .options(load_only(Summary.month, Summary.slug, Summary.title))
        .order_by(Summary.month.desc(), Summary.id)
    )
    return session.scalars(told).all()


def summary_with(session: Session, slug: str) -> Summary | None:
    """Find a summary by its slug."""
    return session.scalars(select(Summary).where(Summary.slug == slug)).one_or_none()


def summaries_named(session: Session, month: Month, title: str) -> Sequence[Summary]:
    """Find the summaries of a month that have the slug of a title, whatever they are titled now."""
    named = select(Summary).where(Summary.month == month, Summary.slug.in_(slugs_for(month, title)))
    return session.scalars(named.order_by(Summary.id)).all()


def summary_from(session: Session, month: Month, source_name: str) -> Summary | None:
    """Find the summary that a file of this name gave to a month."""
    named = select(Summary).where(Summary.month == month, Summary.source_name == source_name)
    return session.scalars(named.order_by(Summary.id)).first()


def free_slug(session: Session, month: Month, title: str) -> str:
    """Give a new summary the slug its title asks for, or with its month if another has that.

    A summary that was moved keeps its slug, and with it the name of another month; then a number
    follows.
    """
    wanted, with_month = slugs_for(month, title)
    numbered = (f"{with_month}-{number}" for number in count(2))
    possible = chain((wanted, with_month), numbered)
    return next(slug for slug in possible if summary_with(session, slug) is None)


def text_of(session: Session, month: Month) -> IssueText | None:
    """Find what `issue.md` said for a month."""
    return session.scalars(select(IssueText).where(IssueText.month == month)).one_or_none()


def topics_in_use(session: Session) -> set[str]:
    """Name every slug that a summary carries."""
    return set(session.scalars(select(SummaryTopic.topic).distinct()))


def issues_holding(session: Session, summary: Summary) -> Sequence[Issue]:
    """Give the issues that a summary is part of."""
    held = select(Issue).join(IssueSummary).where(IssueSummary.summary_id == summary.id)
    return session.scalars(held.order_by(Issue.month)).all()


def delete_summary(session: Session, summary: Summary) -> None:
    """Delete a summary that no issue holds."""
    session.delete(summary)
