from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from making import (
    ALLIANCE,
    EMPATHY,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.model.month import Month
from pprmail.services.assembly import assemble
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.run import Run, send
from pprmail.services.leaving import leave
from pprmail.services.reports import report, status, statuses
from pprmail.storage.database import Database
from pprmail.storage.tables import Delivery, Request

MONTH = Month("2026-11")


@pytest.fixture
def postroom(database: Database, tmp_path: Path) -> Postroom:
    """An approved issue of two summaries; one reader of all, one of each, one of neither."""
    newsroom = a_newsroom(database)
    a_reader(database, "all@example.org")
    a_reader(database, "both@example.org", ALLIANCE, EMPATHY)
    a_reader(database, "one@example.org", EMPATHY)
    a_reader(database, "none@example.org", "training")
    an_approved_issue(
        newsroom, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY])
    )
    return a_postroom(newsroom, tmp_path, PaperSender())


def test_the_status_of_a_draft_shows_the_editions_it_would_have_today(database: Database) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, "r@example.org", ALLIANCE)
    stored(database, a_summary("One?"))
    assemble(newsroom, MONTH, who="test", now=NOW)
    found = status(newsroom, MONTH, now=NOW).as_json()
    assert (found["state"], found["subject"], found["summaries"]) == ("draft", "One?", ["one"])
    assert (found["fingerprint"], found["approved_by"]) == (None, None)
    assert [(e["summaries"], e["subscribers"]) for e in found["editions"]] == [
        (["one"], 1),
        ([], 0),
    ]


def test_the_status_has_exactly_the_promised_keys(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    found = status(postroom.newsroom, MONTH, now=NOW).as_json()
    promised = {
        *("month", "state", "subject", "summaries", "fingerprint", "approved_by", "approved_at"),
        *("send_at", "paused_at", "sent_at", "editions", "deliveries", "requests", "balanced"),
    }
    assert promised <= found.keys()
    assert set(found["editions"][0]) == {"summaries", "subscribers", "fingerprint", "html_bytes"}
    terms = "frozen pending in_flight accepted rejected suppressed_late cancelled held"
    assert list(found["deliveries"]) == terms.split()
    states = "submitting accepted rejected not_sent unknown recalled reordered skipped"
    assert list(found["requests"]) == states.split()
    assert found["approved_at"] == "2026-11-23T14:00:00+00:00"


def test_after_the_freeze_editions_count_promises_and_no_longer_todays_readers(
    postroom: Postroom,
) -> None:
    send(postroom, MONTH, who="test", run=Run())
    a_reader(postroom.database, "later@example.org")
    found = status(postroom.newsroom, MONTH, now=NOW)
    assert {tuple(e.summaries): e.subscribers for e in found.editions} == {
        ("first-of-two", "second-of-two"): 2,
        ("first-of-two",): 0,
        ("second-of-two",): 1,
        (): 1,
    }


def test_an_issue_whose_rows_do_not_add_up_is_not_balanced(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    assert status(postroom.newsroom, MONTH, now=NOW).balanced
    with postroom.database.write() as session:
        session.delete(session.scalars(select(Delivery)).first())
    found = status(postroom.newsroom, MONTH, now=NOW)
    assert (found.equation.frozen, found.equation.accepted, found.balanced) == (4, 3, False)


def test_a_request_that_holds_other_letters_than_it_wrote_down_is_not_balanced(
    postroom: Postroom,
) -> None:
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1))
    send(one_each, MONTH, who="test", run=Run())
    with postroom.database.write() as session:
        first, second, *_ = session.scalars(select(Request.id).order_by(Request.id))
        moved = update(Delivery).where(Delivery.request_id == first)
        session.execute(moved.values(request_id=second))
    found = status(postroom.newsroom, MONTH, now=NOW)
    assert found.equation.balances
    assert (found.uneven, found.balanced) == ([first, second], False)


def test_the_report_tells_what_became_of_the_letters(postroom: Postroom) -> None:
    public_id = a_reader(postroom.database, "leaves@example.org", EMPATHY)
    send(postroom, MONTH, who="test", run=Run())
    leave(postroom.database, public_id, how="test", now=NOW + timedelta(hours=1))
    facts = {"all": "delivered_at", "both": "delivered_at", "one": "bounced_at"}
    with postroom.database.write() as session:
        ids = session.scalars(select(Delivery.id).order_by(Delivery.subscriber_id)).all()
        for delivery_id, fact in zip(ids, facts.values(), strict=False):
            session.execute(update(Delivery).where(Delivery.id == delivery_id).values({fact: NOW}))
    found = report(postroom.newsroom, MONTH, now=NOW).as_json()
    assert {k: found[k] for k in ("delivered", "bounced", "dropped", "deferred", "complained")} == {
        "delivered": 2,
        "bounced": 1,
        "dropped": 0,
        "deferred": 0,
        "complained": 0,
    }
    assert (found["ended"], found["no_word"]) == (1, 2)
    assert found["by_topic"] == [
        {"topic": "Alliance and Therapeutic Relationship", "subscribers": 1, "delivered": 1},
        {"topic": "Empathy", "subscribers": 3, "delivered": 1},
    ]


def test_every_issue_is_listed_the_newest_first(postroom: Postroom) -> None:
    stored(postroom.database, a_summary("Later?", month="2026-12"))
    assemble(postroom.newsroom, Month("2026-12"), who="test", now=NOW)
    assert [s.issue.name for s in statuses(postroom.newsroom, now=NOW)] == ["2026-12", "2026-11"]
