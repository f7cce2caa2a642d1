from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from making import (
    ALLIANCE,
    EMPATHY,
    MONTH,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    stored,
)
from pprmail.errors import GuardError
from pprmail.model.event import EventKind
from pprmail.model.issue import IssueState
from pprmail.model.letter_test import LetterTestState
from pprmail.model.link import LinkProblem
from pprmail.model.subscriber import EndReason
from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.sendgrid import request_body
from pprmail.sending.webhook import ReportedEvent
from pprmail.services import feedback
from pprmail.services.assembly import assemble
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.given_reader import found_by_address
from pprmail.services.issue_editing import issue_to_edit
from pprmail.services.testing import MOST_AN_HOUR, Trial, send_test, trials_so_far
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Delivery, Event, LetterTest, Request, Subscriber

ME, YOU = "me@example.org", "you@example.com"
REFUSED = Receipt(Answer.REFUSED, "this is no address", 400, refused_recipients=(0,))


def a_room(
    database: Database,
    folder: Path,
    *answers: Receipt,
    allowed: Sequence[str] = ("*",),
    outbox: bool = False,
) -> tuple[Postroom, PaperSender]:
    newsroom, sender = a_newsroom(database), PaperSender(list(answers))
    stored(database, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY]))
    assemble(newsroom, MONTH, who="test", now=NOW)
    return a_postroom(newsroom, folder, None if outbox else sender, allowed=allowed), sender


def send(postroom: Postroom, *addresses: str, **order: Any) -> list[LetterTest]:
    trial = Trial(addresses, **({"own": [ME, YOU]} | order))
    return send_test(postroom, MONTH, trial, who=ME)


def count(database: Database, noun: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(noun)) or 0


def test_a_test_is_the_real_letter_marked_as_a_test(database: Database, tmp_path: Path) -> None:
    postroom, sender = a_room(database, tmp_path)
    (test,) = send(postroom, ME)
    (envelope,) = sender.envelopes
    assert envelope.subject == "[TEST] First of Two? · Second of Two?"
    assert [r.email for r in envelope.recipients] == [ME]
    assert (test.state, test.recipient) == (LetterTestState.ACCEPTED, ME)


def test_nothing_in_a_test_counts_as_the_issue(sqlite: Database, tmp_path: Path) -> None:
    postroom, sender = a_room(sqlite, tmp_path)
    send(postroom, ME)
    body = request_body(sender.envelopes[0])
    assert body["categories"] == ["test"]
    assert "custom_args" not in body["personalizations"][0]
    assert (count(sqlite, Delivery), count(sqlite, Request)) == (0, 0)
    assert issue_to_edit(postroom.newsroom, MONTH).state is IssueState.DRAFT


def test_its_personal_links_are_signed_for_nobody(sqlite: Database, tmp_path: Path) -> None:
    postroom, sender = a_room(sqlite, tmp_path)
    reader = a_reader(sqlite, "ada@example.net", EMPATHY, name="Ada")
    given = found_by_address(postroom.newsroom, MONTH, "Ada@example.net", now=NOW)
    send(postroom, ME, given=given)
    (envelope,) = sender.envelopes
    (recipient,) = envelope.recipients
    assert "Second of Two?" in envelope.subject
    assert "Dear Ada," in recipient.values.values()
    assert recipient.name is None
    told = f"{recipient.values}{recipient.headers}"
    assert reader not in told
    assert "ada@example.net" not in told
    links = {postroom.signer.read_leave(v) for k, v in recipient.values.items() if "leave" in k}
    assert links == {LinkProblem.FORGED}


@pytest.mark.parametrize("stranger", ["reader@example.net", "me@example.org.example.net"])
def test_an_address_that_is_no_editors_is_refused_before_anything_is_sent(
    sqlite: Database, tmp_path: Path, stranger: str
) -> None:
    postroom, sender = a_room(sqlite, tmp_path, allowed=["*"])
    with pytest.raises(GuardError, match="own addresses"):
        send(postroom, ME, stranger)
    assert not sender.envelopes
    assert count(sqlite, LetterTest) == 0


def test_addresses_that_are_named_in_the_configuration_are_ones_of_our_own(
    sqlite: Database, tmp_path: Path
) -> None:
    postroom, sender = a_room(sqlite, tmp_path, allowed=["*@example.net", "other@example.com"])
    send(postroom, "a@example.net", "Other@example.com", own=[])
    assert sorted(sender.addresses) == ["Other@example.com", "a@example.net"]


def test_what_became_of_each_address_is_told(database: Database, tmp_path: Path) -> None:
    unknown = Receipt(Answer.UNKNOWN, "no whole answer within 60 s")
    postroom, _ = a_room(database, tmp_path, REFUSED)
    (refused,) = send(postroom, ME)
    assert (refused.state, refused.detail) == (LetterTestState.REFUSED, "this is no address")
    postroom = replace(postroom, sender=PaperSender([unknown]))
    (doubtful,) = send(postroom, YOU)
    assert doubtful.state is LetterTestState.IN_DOUBT
    found = trials_so_far(postroom.newsroom, MONTH)
    assert [test.recipient for test in found] == [YOU, ME]


def test_a_test_is_written_down_before_it_is_sent(sqlite: Database, tmp_path: Path) -> None:
    postroom, sender = a_room(sqlite, tmp_path)
    sender.before_answer = lambda _: exec("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        send(postroom, ME)
    (test,) = trials_so_far(postroom.newsroom, MONTH)
    assert test.state_at(NOW) is LetterTestState.UNDER_WAY
    assert test.state_at(NOW + timedelta(minutes=6)) is LetterTestState.IN_DOUBT


def test_with_the_outbox_as_sender_a_test_is_a_file(sqlite: Database, tmp_path: Path) -> None:
    postroom, _ = a_room(sqlite, tmp_path, outbox=True)
    (test,) = send(postroom, "anybody@example.net", own=[])
    assert test.state is LetterTestState.WRITTEN
    (letter,) = (tmp_path / "outbox").rglob("*.eml")
    assert "Subject: [TEST]" in letter.read_text().replace("=?utf-8?q?=5BTEST=5D", "[TEST]")


def test_an_own_address_that_may_not_be_written_to_gets_a_file(
    sqlite: Database, tmp_path: Path
) -> None:
    postroom, sender = a_room(sqlite, tmp_path, allowed=[])
    (test,) = send(postroom, ME)
    assert test.state is LetterTestState.WRITTEN
    assert not sender.envelopes


def test_tests_are_limited_by_the_hour_and_by_the_handful(sqlite: Database, tmp_path: Path) -> None:
    postroom, sender = a_room(sqlite, tmp_path, allowed=["*@example.net"])
    for _ in range(MOST_AN_HOUR // 5):
        send(postroom, *(f"{n}@example.net" for n in range(5)))
    with pytest.raises(GuardError, match="within an hour"):
        send(postroom, ME)
    with pytest.raises(GuardError, match="up to 5"):
        send(postroom, *(f"{n}@example.net" for n in range(6)))
    assert len(sender.envelopes) == MOST_AN_HOUR


def test_the_log_says_that_there_was_a_test_and_names_no_address(
    sqlite: Database, tmp_path: Path
) -> None:
    postroom, _ = a_room(sqlite, tmp_path)
    send(postroom, YOU)
    with sqlite.read() as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.what == "test sent")).one()
    assert (line.who, line.subject) == (ME, MONTH)
    assert line.detail == {"after": {"edition": "edition 1+2", "addresses": 1}}


def test_what_is_reported_of_a_test_ends_nobody(sqlite: Database, tmp_path: Path) -> None:
    a_room(sqlite, tmp_path)
    a_reader(sqlite, ME, ALLIANCE)
    bounce = ReportedEvent(
        kind=EventKind.BOUNCED,
        at=NOW,
        provider_key="k",
        fact_key="f",
        request=None,
        delivery_id=None,
        payload={"email": ME, "category": ["test"], "event": "bounce"},
        ends=EndReason.BOUNCED,
    )
    feedback.keep(sqlite, [bounce], now=NOW)
    feedback.apply(sqlite, now=NOW)
    with sqlite.read() as session:
        assert session.scalars(select(Subscriber.end_reason)).one() is None
        assert session.scalars(select(Event.applied_at)).one() is not None
