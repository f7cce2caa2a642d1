from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from making import (
    EMPATHY,
    MONTH,
    NOW,
    TRAINING,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.errors import NotFoundError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import SubscriberStatus
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.run import Run, send
from pprmail.services.dispatch.settle import resolve
from pprmail.services.leaving import leave
from pprmail.services.why import ReaderStory, why
from pprmail.storage.database import Database
from pprmail.storage.tables import Delivery, Event, Request, Subscriber

ADA = "ada@example.org"


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def postroom(database: Database, tmp_path: Path, sender: PaperSender) -> Postroom:
    newsroom = a_newsroom(database)
    a_reader(database, ADA, EMPATHY)
    a_reader(database, "training@example.org", TRAINING, no_match=NoMatch.SKIP)
    a_reader(database, "pending@example.org", status=SubscriberStatus.PENDING)
    leave(database, a_reader(database, "gone@example.org"), how="page", now=NOW)
    an_approved_issue(newsroom, a_summary("One?", topics=[EMPATHY]), a_summary("Two?"))
    return a_postroom(newsroom, tmp_path, sender)


def told(postroom: Postroom, address: str = ADA) -> ReaderStory:
    return why(postroom.newsroom, MONTH, address)


def words(story: ReaderStory) -> str:
    return "\n".join(moment.words for moment in story.moments)


def test_before_the_freeze_nothing_is_promised(postroom: Postroom) -> None:
    story = told(postroom)
    assert (story.outcome, story.edition) == ("not promised", None)
    assert "the issue is approved" in words(story)


def test_a_letter_that_was_accepted_and_delivered_is_told_in_order(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    report(postroom, "delivered", minutes=2)
    report(postroom, "processed", minutes=1)
    story = told(postroom)
    assert (story.edition, story.doubt) == ("edition 1", None)
    first, put, accepted, processed, delivered = [m.words for m in story.moments]
    assert first == "edition 1 was promised. You get this because you follow Empathy."
    assert put.startswith("put into request 1 of 1 letters")
    assert accepted == "request 1 is accepted (HTTP 202)"
    assert (processed[-9:], delivered[-9:]) == ("processed", "delivered")


def test_a_doubt_is_named_with_its_request(postroom: Postroom, sender: PaperSender) -> None:
    sender.answers = [Receipt(Answer.UNKNOWN, "no answer")]
    send(postroom, MONTH, who="test", run=Run())
    story = told(postroom)
    assert (story.outcome, story.doubt) == ("in doubt", 1)
    assert "request 1 is unknown: no answer" in words(story)


def test_a_doubt_that_a_person_settled_is_told_with_who_and_how(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.UNKNOWN, "no answer")]
    send(postroom, MONTH, who="test", run=Run())
    resolve(postroom, MONTH, 1, order="skip", who="editor@example.org")
    assert "request 1 was settled as skip by editor@example.org" in words(told(postroom))


def test_a_letter_that_was_ordered_again_is_told_with_what_carried_it_before(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.UNKNOWN, "no answer")]
    send(postroom, MONTH, who="test", run=Run())
    resolve(postroom, MONTH, 1, order="resend", who="editor@example.org")
    send(postroom, MONTH, who="test", run=Run())
    story = told(postroom)
    assert story.request is not None
    assert (story.request.id, story.outcome) == (2, "accepted")
    # Its delivery has forgotten the first request, so that only a report may tell of it.
    assert "request 1 of this edition is reordered; whether it held this letter" in words(story)
    report(postroom, "deferred", minutes=3, request=1)
    assert "put into request 1 of 1 letters" in words(told(postroom))
    assert "request 1 was settled as resend by editor@example.org" in words(told(postroom))
    assert "no row tells" not in words(told(postroom))


def test_what_the_provider_said_is_told_on_one_line(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    said = {"reason": "550 5.1.1\r\nno such\tmailbox"}
    report(postroom, "bounced", minutes=2, payload=said)
    assert words(told(postroom)).endswith("bounced (550 5.1.1 no such mailbox)")


def test_a_reader_is_introduced_as_of_today(postroom: Postroom) -> None:
    story = told(postroom)
    assert (story.standing, story.topics) == ("active, follows Empathy", ["Empathy"])
    assert told(postroom, "gone@example.org").standing == (
        "ended (unsubscribed), follows everything"
    )


def test_who_left_after_the_freeze_is_told_so(postroom: Postroom) -> None:
    freeze(postroom, MONTH, who="test", now=NOW)
    with postroom.database.read() as session:
        ada = session.query(Subscriber).filter_by(email=ADA).one().public_id
    leave(postroom.database, ada, how="page", now=NOW + timedelta(minutes=1))
    send(postroom, MONTH, who="test", run=Run())
    assert "the subscription ended: unsubscribed" in words(told(postroom))
    assert "suppressed late: left after the freeze" in words(told(postroom))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("training@example.org", "asked for nothing in a month without"),
        ("pending@example.org", "has not confirmed"),
        ("gone@example.org", "had left before"),
        ("late@example.org", "joined after"),
        ("slow@example.org", "confirmed the subscription only after"),
        ("new-topics@example.org", "asked for nothing in a month without"),
        ("odd@example.org", "why not, no row tells"),
    ],
)
def test_who_was_promised_nothing_is_told_why(
    postroom: Postroom, address: str, expected: str
) -> None:
    later = replace(postroom, clock=lambda: NOW + timedelta(minutes=1))
    send(later, MONTH, who="test", run=Run())
    a_reader(postroom.database, "late@example.org")
    a_reader(postroom.database, "new-topics@example.org", TRAINING, no_match=NoMatch.SKIP)
    a_reader(postroom.database, "odd@example.org")
    tomorrow = NOW + timedelta(days=1)
    a_reader(postroom.database, "slow@example.org", agreed_at=tomorrow)
    with postroom.database.write() as session:
        found = {reader.email: reader for reader in session.query(Subscriber)}
        found["late@example.org"].created_at = tomorrow
        found["new-topics@example.org"].follow([EMPATHY], now=tomorrow)
    story = told(postroom, address)
    assert story.outcome == "not promised"
    assert expected in words(story)


def test_nobody_and_no_issue_are_errors(postroom: Postroom) -> None:
    with pytest.raises(NotFoundError, match="nobody has the address"):
        told(postroom, "nobody@example.org")
    with pytest.raises(NotFoundError, match="no issue of 2020-01"):
        why(postroom.newsroom, "2020-01", ADA)


def test_programs_get_the_same_story(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    told_json = told(postroom).as_json()
    assert (told_json["month"], told_json["email"], told_json["outcome"]) == (
        MONTH,
        ADA,
        "accepted",
    )
    assert [moment["at"] is not None for moment in told_json["story"]] == [True] * 3
    assert (told_json["frozen"], told_json["topics"]) == (True, ["Empathy"])
    assert told_json["why"] == "You get this because you follow Empathy."
    assert {"number": 1, "state": "accepted", "http_status": 202}.items() <= (
        told_json["request"].items()
    )
    report(postroom, "delivered", minutes=1, payload={"response": "250 OK"})
    assert told(postroom).as_json()["events"] == [
        {"at": "2026-11-23T14:01:00+00:00", "kind": "delivered", "detail": "250 OK"}
    ]


def test_programs_are_told_as_much_of_who_was_promised_nothing(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    story = told(postroom, "gone@example.org").as_json()
    assert (story["frozen"], story["edition"], story["request"], story["events"]) == (
        False,
        None,
        None,
        [],
    )
    assert (story["status"], story["why"]) == ("ended", "had left before the readers were counted")


def report(
    postroom: Postroom,
    kind: str,
    *,
    minutes: int,
    request: int | None = None,
    payload: dict[str, str] | None = None,
) -> None:
    at = NOW + timedelta(minutes=minutes)
    with postroom.database.write() as session:
        delivery = session.query(Delivery).one()
        named = session.get_one(Request, request).public_id if request else None
        event = Event(
            kind=kind,
            at=at,
            delivery_id=delivery.id,
            request_public_id=named,
            fact_key=kind,
            payload=payload or {},
            received_at=at,
        )
        session.add(event)
