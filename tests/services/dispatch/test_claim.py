from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from making import (
    EMPATHY,
    MASTHEAD,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_press,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.model.delivery import DeliveryOutcome
from pprmail.model.issue import Issue
from pprmail.model.request import RequestState
from pprmail.services import steering
from pprmail.services.dispatch.claim import Claim, claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.leaving import leave
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Delivery, Edition, Request, Subscriber

READERS = 10


@pytest.fixture
def frozen(database: Database, tmp_path: Path) -> tuple[Postroom, Issue, list[str]]:
    """An issue of two summaries that is frozen: six readers of everything, four of one."""
    newsroom = a_newsroom(database)
    ids = [a_reader(database, f"all{n}@example.org") for n in range(6)]
    ids += [a_reader(database, f"one{n}@example.org", EMPATHY) for n in range(4)]
    name = an_approved_issue(
        newsroom, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY])
    )
    postroom = a_postroom(newsroom, tmp_path, PaperSender(), batch_size=4)
    return postroom, freeze(postroom, name, who="test", now=NOW), ids


def test_a_request_holds_one_edition_and_no_more_than_the_batch_size(
    frozen: tuple[Postroom, Issue, list[str]],
) -> None:
    claims = _claim_all(*frozen[:2])
    assert [len(c.deliveries) for c in claims] == [4, 2, 4]
    for c in claims:
        assert {d.edition_id for d in c.deliveries} == {c.edition.id}


def test_the_intent_is_committed_with_its_worker_and_lease(
    frozen: tuple[Postroom, Issue, list[str]],
) -> None:
    postroom, issue, _ = frozen
    claimed = claim(postroom, issue.id, now=NOW)
    assert claimed is not None
    with postroom.database.read() as session:
        request = session.get_one(Request, claimed.request_id)
        assert request.state is RequestState.SUBMITTING
        assert request.worker == postroom.journal.worker
        assert request.lease_until == NOW + timedelta(minutes=2)
        assert request.size == len(claimed.deliveries) == 4
        bound = session.scalars(select(Delivery.id).where(Delivery.request_id == request.id))
        assert sorted(bound) == sorted(d.id for d in claimed.deliveries)


def test_who_s_consent_ends_before_the_letter_leaves_gets_none(
    frozen: tuple[Postroom, Issue, list[str]],
) -> None:
    # No night has passed since: the reader is still active.
    postroom, issue, ids = frozen
    window = postroom.rules.recall_window
    ends = {ids[0]: NOW + window, ids[1]: NOW + window + timedelta(seconds=1)}
    with postroom.database.write() as session:
        for public_id, end in ends.items():
            named = update(Subscriber).where(Subscriber.public_id == public_id)
            session.execute(named.values(lapses_at=end))
    claimed = claim(postroom, issue.id, now=NOW, batch_id="a-batch")
    assert claimed is not None
    written_to = {d.public_id for d in claimed.deliveries}
    assert ids[0] not in written_to
    assert ids[1] in written_to


def test_claims_of_many_workers_never_overlap(frozen: tuple[Postroom, Issue, list[str]]) -> None:
    postroom, issue, _ = frozen
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1))
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(lambda _: _claim_all(one_each, issue), range(5)))
    ids = [d.id for claims in found for c in claims for d in c.deliveries]
    assert len(ids) == len(set(ids)) == READERS


def test_whoever_left_before_the_claim_is_in_no_request(
    frozen: tuple[Postroom, Issue, list[str]],
) -> None:
    postroom, issue, ids = frozen
    gone = {ids[0], ids[1], ids[2], ids[3], ids[9]}
    for public_id in gone:
        leave(postroom.database, public_id, how="test", now=NOW)
    claimed = {d.public_id for c in _claim_all(postroom, issue) for d in c.deliveries}
    assert claimed == set(ids) - gone
    with postroom.database.read() as session:
        late = select(Delivery).where(Delivery.outcome == DeliveryOutcome.SUPPRESSED_LATE)
        assert len(session.scalars(late).all()) == len(gone)


def test_nothing_is_claimed_after_a_pause_and_again_after_it(
    frozen: tuple[Postroom, Issue, list[str]],
) -> None:
    postroom, issue, _ = frozen
    steering.pause(postroom.newsroom, issue.name, who="test", now=NOW)
    assert claim(postroom, issue.id, now=NOW) is None
    steering.resume(postroom.newsroom, issue.name, who="test", now=NOW)
    assert claim(postroom, issue.id, now=NOW) is not None


def test_nothing_is_claimed_after_a_cancel(frozen: tuple[Postroom, Issue, list[str]]) -> None:
    postroom, issue, _ = frozen
    claim(postroom, issue.id, now=NOW)
    _, spared = steering.cancel(postroom.newsroom, issue.name, who="test", now=NOW)
    assert spared == READERS - 4
    assert claim(postroom, issue.id, now=NOW) is None


def test_bytes_that_are_not_the_approved_ones_pause_the_issue(
    frozen: tuple[Postroom, Issue, list[str]],
) -> None:
    postroom, issue, _ = frozen
    with postroom.database.write() as session:
        edition = session.query(Edition).filter(Edition.selection == 0b11).one()
        edition.text += "One line more.\n"
    assert claim(postroom, issue.id, now=NOW) is None
    with postroom.database.read() as session:
        paused = issue_named(session, issue.name)
        assert paused.pause_reason == "what was approved has changed: edition 3"
        assert session.scalars(select(Request)).all() == []


def test_another_sender_line_pauses_the_issue(frozen: tuple[Postroom, Issue, list[str]]) -> None:
    postroom, issue, _ = frozen
    other = a_press(replace(MASTHEAD, from_email="other@example.org"))
    moved = replace(postroom, newsroom=replace(postroom.newsroom, press=other))
    assert claim(moved, issue.id, now=NOW) is None
    with postroom.database.read() as session:
        assert "masthead.from_email" in (issue_named(session, issue.name).pause_reason or "")


def test_a_correction_of_a_summary_stops_nothing(frozen: tuple[Postroom, Issue, list[str]]) -> None:
    postroom, issue, _ = frozen
    with postroom.database.write() as session:
        issue_named(session, issue.name).summaries[0].body = "Corrected after the freeze."
    assert claim(postroom, issue.id, now=NOW) is not None


def _claim_all(postroom: Postroom, issue: Issue) -> list[Claim]:
    claims = []
    while (claimed := claim(postroom, issue.id, now=NOW)) is not None:
        claims.append(claimed)
    return claims
