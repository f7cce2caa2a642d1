from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from making import (
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.model.event import EventKind
from pprmail.model.request import Request, RequestState
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus, new_public_id
from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.webhook import DELIVERY_ARGUMENT, REQUEST_ARGUMENT, event_of
from pprmail.services.dispatch.claim import claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import record
from pprmail.services.dispatch.run import Run, send
from pprmail.services.dispatch.settle import finish_if_settled, resolve, settle_orphans
from pprmail.services.feedback import apply, keep
from pprmail.services.reports import status
from pprmail.storage.database import Database
from pprmail.storage.deliveries import move_request
from pprmail.storage.tables import AuditEntry, Delivery, Edition, Event

NAME = "2026-11"
LATER = NOW + timedelta(minutes=5)
WHEN = int(NOW.timestamp())
Told = dict[str, Any]


@pytest.fixture
def postroom(database: Database, tmp_path: Path) -> Postroom:
    return a_postroom(a_newsroom(database), tmp_path, PaperSender())


def test_every_kind_of_event_is_the_fact_that_it_reports(postroom: Postroom) -> None:
    facts = {
        "processed": None,
        "delivered": "delivered_at",
        "bounce": "bounced_at",
        "dropped": "dropped_at",
        "deferred": "deferred_at",
        "spamreport": "complained_at",
        "open": None,
    }
    letters = sent(postroom, len(facts))
    for letter, kind in zip(letters, facts, strict=True):
        tell(postroom, [letter | {"event": kind}])
    names = ("delivered_at", "bounced_at", "dropped_at", "deferred_at", "complained_at")
    for delivery, fact in zip(deliveries(postroom), facts.values(), strict=True):
        assert {n for n in names if getattr(delivery, n)} == ({fact} if fact else set())


ENDINGS: dict[str, tuple[Told, EndReason | None]] = {
    "a hard bounce": ({"event": "bounce", "type": "bounce"}, EndReason.BOUNCED),
    "a bounce that says no more": ({"event": "bounce"}, EndReason.BOUNCED),
    "a blocked letter": ({"event": "bounce", "type": "blocked"}, None),
    "a complaint": ({"event": "spamreport"}, EndReason.COMPLAINED),
    "the provider's own link": ({"event": "unsubscribe"}, EndReason.UNSUBSCRIBED),
    "a group of the provider's": ({"event": "group_unsubscribe"}, EndReason.UNSUBSCRIBED),
    "dropped, it bounced": (
        {"event": "dropped", "reason": "Bounced Address"},
        EndReason.BOUNCED,
    ),
    "dropped, it is none": ({"event": "dropped", "reason": "Invalid"}, EndReason.BOUNCED),
    "dropped, who complained": (
        {"event": "dropped", "reason": "Spam Reporting Address"},
        EndReason.COMPLAINED,
    ),
    "dropped, who left": (
        {"event": "dropped", "reason": "Unsubscribed Address"},
        EndReason.UNSUBSCRIBED,
    ),
    "dropped for its words": ({"event": "dropped", "reason": "Spam Content"}, None),
    "dropped for our purse": (
        {"event": "dropped", "reason": "Recipient List over Package Quota"},
        None,
    ),
    "deferred": ({"event": "deferred", "attempt": "3"}, None),
    "delivered": ({"event": "delivered"}, None),
    "opened": ({"event": "open"}, None),
    "subscribed again at the provider": ({"event": "group_resubscribe"}, None),
}


def test_only_what_says_something_of_the_reader_ends_the_reader(postroom: Postroom) -> None:
    letters = sent(postroom, len(ENDINGS))
    tell(postroom, [letters[n] | told for n, (told, _) in enumerate(ENDINGS.values())])
    found = dict(zip(ENDINGS, readers(postroom), strict=True))
    assert {why: reader.end_reason for why, reader in found.items()} == {
        why: reason for why, (_, reason) in ENDINGS.items()
    }
    for reader in found.values():
        is_ended = reader.end_reason is not None
        assert (reader.status is SubscriberStatus.ENDED) == is_ended
        assert reader.ended_at == (LATER if is_ended else None)
        assert reader.updated_at == (LATER if is_ended else NOW)


STORY: tuple[Told, ...] = (
    {"event": "processed", "timestamp": WHEN},
    {"event": "delivered", "timestamp": WHEN + 5},
    {"event": "delivered", "timestamp": WHEN + 3},
    {"event": "bounce", "type": "bounce", "timestamp": WHEN + 9},
    {"event": "spamreport", "timestamp": WHEN + 60},
)


def test_in_whatever_order_and_however_often_five_events_come_the_rows_are_the_same(
    postroom: Postroom,
) -> None:
    orders = list(permutations(STORY))
    letters = sent(postroom, len(orders))
    move_all(postroom, RequestState.UNKNOWN)
    for place in range(len(STORY)):
        for up_to in {0, place}:
            now = [letter | order[up_to] for letter, order in zip(letters, orders, strict=True)]
            tell(postroom, now * 2)
    assert len({outcome(*row) for row in rows(postroom)}) == 1
    assert events_per_letter(postroom) == {5}


def test_the_order_within_one_report_makes_no_difference_either(postroom: Postroom) -> None:
    orders = list(permutations(STORY))
    letters = sent(postroom, len(orders))
    move_all(postroom, RequestState.UNKNOWN)
    tell(postroom, [a | b for a, order in zip(letters, orders, strict=True) for b in order])
    ((delivered, bounced, complained, reason, state),) = {outcome(*r) for r in rows(postroom)}
    assert delivered == NOW + timedelta(seconds=3)
    assert bounced == NOW + timedelta(seconds=9)
    assert complained == NOW + timedelta(seconds=60)
    assert (reason, state) == (EndReason.COMPLAINED, RequestState.ACCEPTED)


def test_a_reader_who_left_and_then_complains_has_complained(postroom: Postroom) -> None:
    (letter,) = sent(postroom, 1)
    with postroom.database.write() as session:
        session.scalars(select(Subscriber)).one().end(EndReason.UNSUBSCRIBED, now=NOW)
    tell(postroom, [letter | {"event": "spamreport"}])
    assert readers(postroom)[0].end_reason is EndReason.COMPLAINED
    tell(postroom, [letter | {"event": "unsubscribe"}])
    assert readers(postroom)[0].end_reason is EndReason.COMPLAINED


def test_an_event_proves_that_a_doubtful_request_was_taken(postroom: Postroom) -> None:
    letter, _ = sent(postroom, 2)
    move_all(postroom, RequestState.UNKNOWN)
    tell(postroom, [letter | {"event": "processed"}])
    proved, doubtful = requests(postroom)
    assert (proved.state, proved.settled_by) == (RequestState.ACCEPTED, "evidence")
    assert doubtful.state is RequestState.UNKNOWN


def test_evidence_wins_over_a_person_who_gave_the_letter_up(postroom: Postroom) -> None:
    (letter,) = sent(postroom, 1)
    move_all(postroom, RequestState.UNKNOWN)
    reopen(postroom)
    resolve(postroom, NAME, requests(postroom)[0].id, order="skip", who="editor@example.org")
    tell(postroom, [letter | {"event": "delivered"}])
    assert requests(postroom)[0].state is RequestState.ACCEPTED
    assert status(postroom.newsroom, NAME, now=NOW).equation.accepted == 1


def test_evidence_that_comes_before_a_crash_is_noticed_is_not_lost(postroom: Postroom) -> None:
    a_reader(postroom.database, "ada@example.org")
    an_approved_issue(postroom.newsroom, a_summary())
    issue = freeze(postroom, NAME, who="test", now=NOW)
    claimed = claim(postroom, issue.id, now=NOW)
    assert claimed is not None
    tell(postroom, [told_of(claimed.deliveries[0].id, claimed.public_id) | {"event": "processed"}])
    settle_orphans(postroom, now=NOW + timedelta(hours=1))
    assert requests(postroom)[0].state is RequestState.ACCEPTED
    assert finish_if_settled(postroom, NAME)


def test_a_worker_whose_answer_comes_after_the_event_changes_nothing(postroom: Postroom) -> None:
    a_reader(postroom.database, "ada@example.org")
    an_approved_issue(postroom.newsroom, a_summary())
    issue = freeze(postroom, NAME, who="test", now=NOW)
    claimed = claim(postroom, issue.id, now=NOW)
    assert claimed is not None
    tell(postroom, [told_of(claimed.deliveries[0].id, claimed.public_id) | {"event": "processed"}])
    for answer in (Answer.ACCEPTED, Answer.UNKNOWN):
        record(postroom, claimed, Receipt(answer, "", None, None))
        assert requests(postroom)[0].state is RequestState.ACCEPTED


def test_what_does_not_belong_together_proves_nothing(postroom: Postroom) -> None:
    first, second = sent(postroom, 2)
    move_all(postroom, RequestState.UNKNOWN)
    crossed = first | {REQUEST_ARGUMENT: second[REQUEST_ARGUMENT]}
    half = {name: value for name, value in first.items() if name != REQUEST_ARGUMENT}
    other_half = {name: value for name, value in first.items() if name != DELIVERY_ARGUMENT}
    nobody = first | {DELIVERY_ARGUMENT: "999999"}
    for told in (crossed, half, other_half, nobody):
        tell(postroom, [told | {"event": kind} for kind in ("delivered", "spamreport", "bounce")])
    assert {request.state for request in requests(postroom)} == {RequestState.UNKNOWN}
    assert {reader.status for reader in readers(postroom)} == {SubscriberStatus.ACTIVE}
    assert not any(delivery.delivered_at for delivery in deliveries(postroom))
    with postroom.database.read() as session:
        problems = set(session.scalars(select(Event.problem)))
    assert problems == {"belongs to no delivery of ours"}


@pytest.mark.parametrize("given_up", [RequestState.REORDERED, RequestState.RECALLED])
def test_a_complaint_about_a_letter_that_was_given_up_still_ends_the_reader(
    postroom: Postroom, given_up: RequestState
) -> None:
    (letter,) = sent(postroom, 1)
    move_all(postroom, given_up)
    with postroom.database.write() as session:
        session.execute(update(Delivery).values(request_id=None))
    tell(postroom, [letter | {"event": "spamreport"}])
    assert readers(postroom)[0].end_reason is EndReason.COMPLAINED
    assert requests(postroom)[0].state is given_up
    with postroom.database.read() as session:
        problem = session.scalar(select(Event.problem))
    assert problem == f"its request was given up as {given_up}"


def test_a_complaint_that_comes_while_a_person_gives_its_request_up_is_not_lost(
    postroom: Postroom,
) -> None:
    (letter,) = sent(postroom, 1)
    move_all(postroom, RequestState.UNKNOWN)
    with ThreadPoolExecutor(1) as pool:
        with postroom.database.write() as session:
            move_request(session, requests(postroom)[0].id, RequestState.REORDERED)
            session.flush()
            telling = pool.submit(tell, postroom, [letter | {"event": "spamreport"}])
            wait_until_somebody_waits(postroom.database)
        telling.result()
    assert readers(postroom)[0].end_reason is EndReason.COMPLAINED
    assert requests(postroom)[0].state is RequestState.REORDERED


def test_what_is_told_of_a_request_that_was_given_up_must_fit_it_all_the_same(
    postroom: Postroom,
) -> None:
    (letter,) = sent(postroom, 1)
    with postroom.database.write() as session:
        (request,) = session.scalars(select(Request))
        request.state = RequestState.REORDERED
        other = part_of(session, request)
        other.edition_id = session.scalars(
            select(Edition.id).where(Edition.id != request.edition_id)
        ).one()
        crossed = letter | {REQUEST_ARGUMENT: other.public_id}
    tell(postroom, [crossed | {"event": "spamreport"}])
    assert readers(postroom)[0].status is SubscriberStatus.ACTIVE


def test_an_event_that_no_database_takes_whole_is_kept_without_its_wording(
    postroom: Postroom,
) -> None:
    letters = sent(postroom, 3)
    reported = [event_of(letter | {"event": "delivered"}) for letter in letters]
    reported[1] = replace(reported[1], payload={"spoilt": float("nan")})
    assert keep(postroom.database, reported, now=NOW) == 3
    assert keep(postroom.database, reported, now=NOW) == 0
    apply(postroom.database, now=NOW)
    assert all(delivery.delivered_at for delivery in deliveries(postroom))


def test_an_event_that_cannot_be_applied_is_marked_and_holds_up_no_other(
    postroom: Postroom,
) -> None:
    letters = sent(postroom, 3)
    with untouchable(postroom.database, "reader1@example.org"):
        told = [letter | {"event": kind} for kind in ("delivered", "bounce") for letter in letters]
        tell(postroom, told)
    ended = {r.email: r.status is SubscriberStatus.ENDED for r in readers(postroom)}
    assert ended == {
        "reader0@example.org": True,
        "reader1@example.org": False,
        "reader2@example.org": True,
    }
    with postroom.database.read() as session:
        marked = session.scalars(select(Event).where(Event.problem.is_not(None))).all()
        waiting = session.scalar(select(func.count()).where(Event.applied_at.is_(None)))
    assert [(event.kind, event.delivery_id) for event in marked] == [
        (EventKind.BOUNCED, int(letters[1][DELIVERY_ARGUMENT]))
    ]
    assert "could not be applied" in str(marked[0].problem)
    assert waiting == 0
    # What was spoilt is spoilt as a whole: the bounce has left no half of itself.
    assert [bool(d.bounced_at) for d in deliveries(postroom)] == [True, False, True]


def test_an_ending_is_logged_without_the_address(postroom: Postroom) -> None:
    (letter,) = sent(postroom, 1)
    tell(postroom, [letter | {"event": "bounce"}])
    with postroom.database.read() as session:
        (line,) = session.scalars(select(AuditEntry).where(AuditEntry.who == "provider"))
    assert (line.what, line.detail) == ("subscriber ended", {"why": "bounced"})
    assert line.subject == readers(postroom)[0].public_id


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    "event timestamp email sg_event_id sg_message_id pm_d pm_r type reason attempt url".split()
)
kinds = st.sampled_from("processed delivered bounce dropped deferred spamreport open".split())


@given(
    told=st.lists(
        st.dictionaries(names | st.text(), json_values, max_size=6)
        | st.fixed_dictionaries({"event": kinds, "timestamp": st.integers()}),
        max_size=4,
    )
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_is_reported_is_kept_and_done_with(database: Database, told: list[Told]) -> None:
    keep(database, [event_of(one) for one in told], now=NOW)
    apply(database, now=NOW)
    assert keep(database, [event_of(one) for one in told], now=NOW) == 0
    assert apply(database, now=NOW) == 0


def sent(postroom: Postroom, count: int) -> list[Told]:
    """Send an issue to new readers; give what every report of each letter holds."""
    for number in range(count):
        a_reader(postroom.database, f"reader{number}@example.org")
    an_approved_issue(postroom.newsroom, a_summary())
    send(postroom, NAME, who="test", run=Run())
    with postroom.database.write() as session:
        (whole,) = session.scalars(select(Request))
        for delivery in session.scalars(select(Delivery).order_by(Delivery.id)).all()[1:]:
            delivery.request_id = part_of(session, whole).id
    with postroom.database.read() as session:
        found = select(Delivery.id, Request.public_id).join(Request).order_by(Delivery.id)
        return [told_of(delivery, request) for delivery, request in session.execute(found)]


def part_of(session: Session, whole: Request) -> Request:
    """Make a request of its own for a single letter."""
    columns = {c.key: getattr(whole, c.key) for c in Request.__table__.columns if c.key != "id"}
    part = Request(**columns | {"public_id": new_public_id(), "size": 1})
    session.add(part)
    session.flush()
    return part


def told_of(delivery_id: int, request: str) -> Told:
    return {"timestamp": WHEN, DELIVERY_ARGUMENT: str(delivery_id), REQUEST_ARGUMENT: request}


def tell(postroom: Postroom, told: Sequence[Told]) -> None:
    keep(postroom.database, [event_of(one) for one in told], now=NOW)
    apply(postroom.database, now=LATER)


def move_all(postroom: Postroom, state: RequestState) -> None:
    with postroom.database.write() as session:
        session.execute(update(Request).values(state=state))


def reopen(postroom: Postroom) -> None:
    with postroom.database.write() as session:
        session.execute(text("UPDATE issues SET state = 'sending'"))


def wait_until_somebody_waits(database: Database) -> None:
    """Wait until another transaction waits for a lock; on SQLite nobody gets as far as that."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while not database.is_sqlite:
        with database.read() as session:
            if session.scalar(waiting):
                return


def deliveries(postroom: Postroom) -> Sequence[Delivery]:
    with postroom.database.read() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def requests(postroom: Postroom) -> Sequence[Request]:
    with postroom.database.read() as session:
        return session.scalars(select(Request).order_by(Request.id)).all()


def readers(postroom: Postroom) -> Sequence[Subscriber]:
    with postroom.database.read() as session:
        return session.scalars(select(Subscriber).order_by(Subscriber.id)).all()


def rows(postroom: Postroom) -> list[tuple[Delivery, Subscriber, Request]]:
    joined = select(Delivery, Subscriber, Request).join(Subscriber).join(Request)
    with postroom.database.read() as session:
        return [(d, s, r) for d, s, r in session.execute(joined)]


def outcome(delivery: Delivery, reader: Subscriber, request: Request) -> tuple[Any, ...]:
    """Give all that an event may change, and no name by which two letters differ."""
    assert (reader.status, reader.ended_at) == (SubscriberStatus.ENDED, LATER)
    assert (request.settled_by, request.finished_at) == ("evidence", LATER)
    assert request.detail == "proved by an event"
    assert (delivery.dropped_at, delivery.deferred_at, delivery.outcome) == (None, None, None)
    return (
        delivery.delivered_at,
        delivery.bounced_at,
        delivery.complained_at,
        reader.end_reason,
        request.state,
    )


def events_per_letter(postroom: Postroom) -> set[int]:
    counted = select(func.count()).select_from(Event).group_by(Event.delivery_id)
    with postroom.database.read() as session:
        return set(session.scalars(counted))


@contextmanager
def untouchable(database: Database, address: str) -> Iterator[None]:
    """Let the database refuse every change of one reader's row."""
    with database.write() as session:
        for statement in (SQLITE if database.is_sqlite else POSTGRES).split(";;"):
            session.execute(text(statement.replace("ADDRESS", address)))
    yield


SQLITE = """
CREATE TRIGGER spoilt BEFORE UPDATE ON subscribers WHEN old.email = 'ADDRESS'
BEGIN SELECT RAISE(ABORT, 'spoilt'); END
"""
POSTGRES = """
CREATE FUNCTION refuse() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''spoilt''; END' LANGUAGE plpgsql
;;
CREATE TRIGGER spoilt BEFORE UPDATE ON subscribers FOR EACH ROW
WHEN (old.email = 'ADDRESS') EXECUTE FUNCTION refuse()
"""
