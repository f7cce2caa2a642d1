"""Who gets what, in SQL: one statement for the head-counts, and the same for the freeze."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    values,
)
from sqlalchemy.orm import Session

from pprmail.model.audience import FOLLOWS_ALL, Holders, Matching, NoMatch
from pprmail.model.issue import IssueKind
from pprmail.model.request import RequestState
from pprmail.model.subscriber import SubscriberStatus
from pprmail.storage.tables import (
    Delivery,
    Edition,
    Issue,
    IssueSummary,
    Preference,
    Request,
    Subscriber,
    Summary,
)


@dataclass(frozen=True)
class Reader:
    """One reader of an issue: what stands on the envelope, and why the letter comes."""

    subscriber_id: int
    public_id: str
    email: str
    name: str | None
    selection: int
    topic_bits: int
    token_epoch: int = 0


def head_counts(session: Session, matching: Matching, *, now: datetime) -> dict[int, int]:
    """Count today's readers of every selection; readers who get nothing are left out."""
    readers = _readers(matching, now=now).subquery()
    counted = select(readers.c.selection, func.count()).group_by(readers.c.selection)
    return dict(session.execute(counted).all())


def count_readers(session: Session, matching: Matching, *, now: datetime) -> int:
    """Count today's readers, whichever edition they get."""
    readers = _readers(matching, now=now).subquery()
    return session.scalar(select(func.count()).select_from(readers)) or 0


def plan_deliveries(session: Session, issue: Issue, matching: Matching, *, now: datetime) -> int:
    """Promise the issue to each of its readers, in one statement; give the number of promises.

    A reader whose selection has no edition would be left out without a word, so that it is joined
    from outside, and the column that then stays empty refuses the whole plan.
    """
    readers = _readers(matching, now=now).subquery()
    present = and_(
        Edition.selection == readers.c.selection,
        Edition.issue_id == issue.id,
        Edition.superseded_at.is_(None),
    )
    promised = (
        select(literal(issue.id), readers.c.id, Edition.id, readers.c.topic_bits)
        .join_from(readers, Edition, present, isouter=True)
        .order_by(Edition.selection.desc(), readers.c.id)
    )
    columns = ["issue_id", "subscriber_id", "edition_id", "topic_bits"]
    session.execute(insert(Delivery).from_select(columns, promised))
    return session.scalar(select(func.count()).where(Delivery.issue_id == issue.id)) or 0


def count_outside(session: Session, issue: Issue, *, allowed: Sequence[str]) -> int:
    """Count the promises of an issue whose address is not among those that may be written to."""
    outside = (
        select(func.count())
        .select_from(Delivery)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.issue_id == issue.id, not_(_is_allowed(allowed)))
    )
    return session.scalar(outside) or 0


def readers_in_pages(
    session: Session, matching: Matching, *, after: int, size: int, now: datetime
) -> Sequence[Reader]:
    """Give the next readers by subscriber id, for a rehearsal that promises nothing."""
    readers = _readers(matching, now=now).where(Subscriber.id > after)
    page = readers.order_by(Subscriber.id).limit(size).subquery()
    rows = session.execute(
        select(
            Subscriber.id,
            Subscriber.public_id,
            Subscriber.email,
            Subscriber.name,
            page.c.selection,
            page.c.topic_bits,
            Subscriber.token_epoch,
        )
        .join_from(page, Subscriber, Subscriber.id == page.c.id)
        .order_by(Subscriber.id)
    )
    return [Reader(*row) for row in rows]


def selected_for(
    session: Session, matching: Matching, subscriber_id: int, *, now: datetime
) -> tuple[int, int] | None:
    """Give the selection and the topic bits of one of today's readers; None if it is none."""
    mine = _readers(matching, now=now).where(Subscriber.id == subscriber_id)
    row = session.execute(mine).one_or_none()
    return (row.selection, row.topic_bits) if row else None


def _readers(matching: Matching, *, now: datetime) -> Select[int, int, int]:
    """Choose the readers of a letter by its rule; head-counts and the freeze have no other."""
    if isinstance(matching, Holders):
        return _holders(matching, now=now)
    return _followers(matching, now=now)


def _holders(rule: Holders, *, now: datetime) -> Select[int, int, int]:
    # An edition holds the summary whose place in the issue is a bit of its selection. A reader
    # who has moved is the same one, and is written to at the new address.
    holds = Edition.selection.bitwise_rshift(IssueSummary.position).bitwise_and(1) == 1
    got_it = (
        select(Delivery.subscriber_id)
        .join(Request, Request.id == Delivery.request_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .join(Issue, Issue.id == Delivery.issue_id)
        .join(IssueSummary, IssueSummary.issue_id == Issue.id)
        .join(Summary, Summary.id == IssueSummary.summary_id)
        .where(
            Summary.slug == rule.summary,
            Issue.kind == IssueKind.MONTHLY,
            Request.state == RequestState.ACCEPTED,
            Delivery.outcome.is_(None),
            holds,
        )
    )
    return select(
        Subscriber.id.label("id"),
        literal(rule.everything).label("selection"),
        cast(literal(FOLLOWS_ALL), BigInteger).label("topic_bits"),
    ).where(*_may_be_written_to(now), Subscriber.id.in_(got_it))


def _followers(matching: Matching, *, now: datetime) -> Select[int, int, int]:
    matched = _matched(matching)
    without_match = case(
        (Subscriber.no_match == NoMatch.ALL, matching.everything),
        (Subscriber.no_match == NoMatch.NOTE, 0),
        else_=None,
    )
    selection = case(
        (Subscriber.follows_all, matching.everything),
        else_=func.coalesce(matched.c.summaries, without_match),
    )
    topic_bits = case(
        (Subscriber.follows_all, FOLLOWS_ALL), else_=func.coalesce(matched.c.topics, 0)
    )
    return (
        select(
            Subscriber.id.label("id"),
            cast(selection, Integer).label("selection"),
            cast(topic_bits, BigInteger).label("topic_bits"),
        )
        .outerjoin_from(Subscriber, matched, matched.c.subscriber_id == Subscriber.id)
        .where(*_reads(matching, now=now), selection.is_not(None))
    )


def _reads(matching: Matching, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        *_may_be_written_to(now),
        or_(Subscriber.paused_until.is_(None), Subscriber.paused_until <= matching.month),
    )


def _may_be_written_to(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # Whose consent is over gets nothing, seen to have lapsed or not.
    return (
        Subscriber.status == SubscriberStatus.ACTIVE,
        or_(Subscriber.lapses_at.is_(None), Subscriber.lapses_at > now),
    )


def _matched(matching: Matching) -> Subquery:
    # Every row of the join holds one summary's bit and one topic's bit, so that the sum of the
    # distinct ones is their union; both engines have SUM(DISTINCT), only one has a bit-wise OR.
    matches = _matches(matching)
    bits = [
        func.sum(matches.c[name].distinct()).label(label)
        for name, label in (("summary_bit", "summaries"), ("topic_bit", "topics"))
    ]
    return (
        select(Preference.subscriber_id, *bits)
        .join_from(Preference, matches, matches.c.topic == Preference.topic)
        .where(Preference.ended_at.is_(None))
        .group_by(Preference.subscriber_id)
        .subquery()
    )


def _matches(matching: Matching) -> FromClause:
    columns = (
        column("topic", String),
        column("summary_bit", Integer),
        column("topic_bit", BigInteger),
    )
    rows = [(m.topic, m.summary_bit, m.topic_bit) for m in matching.matches]
    # A row that no choice can match keeps the statement whole when no summary has a topic.
    return values(*columns, name="matches").data(rows or [("", 0, 0)]).cte("matches")


def _is_allowed(allowed: Sequence[str]) -> ColumnElement[bool]:
    domains = [entry.removeprefix("*") for entry in allowed if entry.startswith("*@")]
    matches = [Subscriber.address_key.endswith(domain, autoescape=True) for domain in domains]
    return or_(Subscriber.address_key.in_(allowed), *matches)
