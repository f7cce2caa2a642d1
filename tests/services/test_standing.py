from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from making import (
    EMPATHY,
    MONTH,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.model.calendar import MonthlyTime
from pprmail.model.issue import IssueState
from pprmail.model.standing import Step
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services.assembly import assemble
from pprmail.services.attention import Place, attention
from pprmail.services.dispatch.run import Run, send
from pprmail.services.newsroom import Newsroom
from pprmail.services.standing import MonthSeen, first_day, issues_listed, this_month
from pprmail.services.steering import pause
from pprmail.services.tick import Timetable
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Subscriber

TIMES = Timetable(
    first_month="2026-10",
    assemble=MonthlyTime.parse("last mon 09:00"),
    send=MonthlyTime.parse("1st tue 09:00"),
    latest=timedelta(days=2),
)


def here(newsroom: Newsroom) -> MonthSeen:
    return this_month(newsroom, TIMES, now=NOW)


def test_the_first_day_says_what_is_there_already(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "a@example.org")
    first = first_day(newsroom)
    assert first is not None
    assert (first.has_sender, first.readers) == (True, 1)
    stored(sqlite, a_summary())
    assert first_day(newsroom) is None


def test_the_month_is_followed_from_its_summaries_to_its_report(
    database: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, "a@example.org")
    assert here(newsroom).standing.step is Step.WRITE
    stored(database, a_summary(), a_summary("Second of Two?", topics=[EMPATHY]))
    assert here(newsroom).standing.step is Step.ASSEMBLE
    assemble(newsroom, MONTH, who="test", now=NOW)
    assert here(newsroom).standing.step is Step.APPROVE
    an_approved_issue(newsroom, a_summary("Third of Two?"))
    assert here(newsroom).standing.step is Step.SCHEDULE
    send(a_postroom(newsroom, tmp_path, PaperSender()), MONTH, who="test", run=Run())
    assert here(newsroom).standing.step is Step.REPORT
    assert "to 1 reader" in here(newsroom).standing.sentence
    (listed,) = issues_listed(newsroom, now=NOW)
    assert listed.issue.state is IssueState.SENT
    assert listed.figures is not None
    assert listed.figures["delivered"] == 0


def test_nothing_needs_attention_where_nothing_happened(sqlite: Database) -> None:
    assert attention(a_newsroom(sqlite), now=NOW) == []


def test_doubts_and_rests_come_before_what_readers_did(database: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, "a@example.org")
    a_reader(database, "waits@example.org", status=SubscriberStatus.PENDING)
    an_approved_issue(newsroom, a_summary())
    lost = PaperSender([Receipt(Answer.UNKNOWN, "no answer")])
    send(a_postroom(newsroom, tmp_path, lost), MONTH, who="test", run=Run())
    pause(newsroom, MONTH, who="test", now=NOW)
    found = attention(newsroom, now=NOW)
    assert [(each.place, each.issue) for each in found] == [
        (Place.PROGRESS, MONTH),
        (Place.PROGRESS, MONTH),
        (Place.READERS, ""),
    ]
    assert "One request of November 2026 is in doubt" in found[0].sentence
    assert "1 letter that it holds" in found[0].sentence
    assert found[1].sentence == "November 2026 rests. test stopped it."
    assert found[2].sentence == "1 sign-up waits for a confirmation."


def test_a_held_send_needs_attention_until_a_person_deals_with_it(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    an_approved_issue(newsroom, a_summary())
    with sqlite.write() as session:
        note(session, "issue held back", MONTH, who="scheduler", now=NOW, reason="It was late.")
    (held,) = attention(newsroom, now=NOW)
    assert held.sentence == "November 2026 was not sent at its time. It was late."
    with sqlite.write() as session:
        note(session, "issue scheduled", MONTH, who="test", now=NOW)
        assert issue_named(session, MONTH).send_at is None
    assert attention(newsroom, now=NOW) == []


def test_what_bounced_and_what_the_provider_keeps_to_itself_is_counted(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "gone@example.org")
    a_reader(sqlite, "back@example.org")
    with sqlite.write() as session:
        for reader in session.scalars(select(Subscriber)):
            reader.end(EndReason.BOUNCED, now=NOW)
            if reader.email == "back@example.org":
                reader.come_back()
    assert [each.sentence for each in attention(newsroom, now=NOW)] == [
        "1 address bounced for good in the last 30 days.",
        "1 sign-up waits for a confirmation.",
        "The mail service most likely keeps mail from one of these to itself, after a bounce or a complaint.",
    ]
