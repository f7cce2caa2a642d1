from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from making import ALLIANCE, EMPATHY, NOW, a_newsroom, a_reader, a_summary, an_approved_issue
from pprmail.errors import StorageError
from pprmail.model.audience import FOLLOWS_ALL, Matching, NoMatch, matching
from pprmail.model.subscriber import SubscriberStatus
from pprmail.model.topic import Topic, Topics
from pprmail.storage.audience import (
    count_outside,
    head_counts,
    plan_deliveries,
    readers_in_pages,
)
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import Delivery, Edition, Preference, Subscriber

SLUGS = ["a", "b", "c", "d", "old-a", "gone"]
LISTED = Topics(
    (
        *(Topic(slug, slug.upper(), "group") for slug in ("a", "b", "c", "d")),
        Topic("old-a", "Old A", "group", merged_into="a"),
        Topic("gone", "Gone", "group", retired=True),
    )
)
SUMMARIES = st.lists(st.lists(st.sampled_from(SLUGS), max_size=4), min_size=1, max_size=6)
READERS = st.lists(
    st.tuples(
        st.sets(st.sampled_from(SLUGS), max_size=4),
        st.sampled_from(NoMatch),
        st.sampled_from(SubscriberStatus),
    ),
    max_size=12,
)
PATIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PATIENT
@given(summaries=SUMMARIES, readers=READERS)
def test_the_statement_selects_for_each_reader_what_the_rule_says(
    database: Database, summaries: list[list[str]], readers: list[tuple[set[str], NoMatch, str]]
) -> None:
    with database.write() as session:
        session.execute(delete(Preference))
        session.execute(delete(Subscriber))
    rule = matching(summaries, LISTED)
    expected = dict[str, tuple[int, int]]()
    for number, (chosen, no_match, status) in enumerate(readers):
        address = f"reader{number}@example.org"
        a_reader(
            database,
            address,
            *sorted(chosen),
            no_match=no_match,
            status=SubscriberStatus(status),
            agreed_at=None,
        )
        selection, bits = rule.for_reader(chosen, follows_all=not chosen, no_match=no_match)
        if status is SubscriberStatus.ACTIVE and selection is not None:
            expected[address] = (selection, bits)
    assert _selected(database, rule) == expected
    with database.read() as session:
        counts = head_counts(session, rule, now=NOW)
    assert counts == {
        s: [selection for selection, _ in expected.values()].count(s)
        for s in {selection for selection, _ in expected.values()}
    }
    assert set(counts) <= set(rule.selections())


def test_a_choice_that_has_ended_selects_nothing(database: Database) -> None:
    a_reader(database, "changed@example.org", "a")
    with database.write() as session:
        session.query(Subscriber).one().follow(["b"], now=NOW)
    assert _selected(database, matching([["a"], ["b"]], LISTED)) == {
        "changed@example.org": (0b10, 0b10)
    }


def test_a_reader_of_everything_is_told_so_and_not_by_topic(database: Database) -> None:
    a_reader(database, "all@example.org")
    assert _selected(database, matching([["a"], ["b"]], LISTED)) == {
        "all@example.org": (0b11, FOLLOWS_ALL)
    }


def test_summaries_without_topics_reach_the_readers_of_everything_alone(database: Database) -> None:
    a_reader(database, "all@example.org")
    a_reader(database, "some@example.org", "a", no_match=NoMatch.SKIP)
    assert list(_selected(database, matching([[]], LISTED))) == ["all@example.org"]


def test_planning_promises_each_reader_one_letter_and_says_how_many(
    database: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(database)
    for number in range(5):
        a_reader(database, f"r{number}@example.org")
    name = an_approved_issue(newsroom, a_summary())
    with database.write() as session:
        issue = issue_named(session, name)
        assert plan_deliveries(session, issue, newsroom.matching(issue), now=NOW) == 5
    with database.read() as session:
        assert len({d.subscriber_id for d in session.query(Delivery)}) == 5


def test_nobody_is_counted_shown_or_promised_a_letter_whose_consent_is_over(
    database: Database,
) -> None:
    # It is so from the moment of its end, hours before the night in which it is seen to lapse.
    newsroom = a_newsroom(database)
    for address, lapses_at in (
        ("over@example.org", NOW),
        ("holds@example.org", NOW + timedelta(seconds=1)),
        ("express@example.org", None),
    ):
        a_reader(database, address)
        with database.write() as session:
            found = subscriber_with_address(session, address)
            assert found is not None
            found.lapses_at = lapses_at
    name = an_approved_issue(newsroom, a_summary())
    with database.write() as session:
        issue = issue_named(session, name)
        rule = newsroom.matching(issue)
        assert sum(head_counts(session, rule, now=NOW).values()) == 2
        assert sum(head_counts(session, rule, now=NOW - timedelta(seconds=1)).values()) == 3
        assert plan_deliveries(session, issue, rule, now=NOW) == 2
    assert set(_selected(database, rule)) == {"holds@example.org", "express@example.org"}


def test_promises_outside_the_allowed_addresses_are_counted(database: Database) -> None:
    newsroom = a_newsroom(database)
    for address in ("In@Example.org", "out@example.com", "under_score@example.net"):
        a_reader(database, address)
    name = an_approved_issue(newsroom, a_summary())
    with database.write() as session:
        issue = issue_named(session, name)
        plan_deliveries(session, issue, newsroom.matching(issue), now=NOW)
        assert count_outside(session, issue, allowed=[]) == 3
        assert count_outside(session, issue, allowed=["in@example.org"]) == 2
        assert count_outside(session, issue, allowed=["*@example.org", "out@example.com"]) == 1
        assert count_outside(session, issue, allowed=["*@example.org", "*@example.com"]) == 1
        # An underscore or a percent sign in a pattern is a character, not a wildcard.
        assert count_outside(session, issue, allowed=["*@examplexnet", "*@%"]) == 3


def _selected(
    database: Database, rule: Matching, now: datetime = NOW
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    after = 0
    while True:
        with database.read() as session:
            page = readers_in_pages(session, rule, after=after, size=5, now=now)
        if not page:
            return found
        found |= {r.email: (r.selection, r.topic_bits) for r in page}
        after = page[-1].subscriber_id


def test_a_plan_that_would_leave_a_reader_out_is_refused_whole(database: Database) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, "follows@example.org", ALLIANCE)
    a_reader(database, "none@example.org", EMPATHY)
    name = an_approved_issue(newsroom, a_summary(topics=[ALLIANCE]))
    with database.write() as session:
        note = session.query(Edition).filter(Edition.selection == 0).one()
        note.superseded_at = NOW

    def plan() -> None:
        with database.write() as session:
            issue = issue_named(session, name)
            plan_deliveries(session, issue, newsroom.matching(issue), now=NOW)

    with pytest.raises(StorageError, match="edition_id"):
        plan()
    with database.read() as session:
        assert session.query(Delivery).count() == 0
