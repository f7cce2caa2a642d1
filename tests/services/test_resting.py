"""What rests needs a person, who is told once; and a dispatcher alone goes on with the others."""

from datetime import timedelta
from pathlib import Path

import pytest

from making import MONTH, NOW, PaperSender, a_reader, a_summary, an_approved_issue
from pprmail.model.issue import IssueState
from pprmail.model.mail import MailState
from pprmail.model.request import RequestState
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services.announcing import Announcer
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.settle import resolve
from pprmail.services.reports import status
from pprmail.services.steering import pause, resume, schedule
from pprmail.services.tick import Clockwork, tick, work
from pprmail.storage.database import Database
from services.clocks import OPERATOR, a_clockwork, at, issue, told, words_to_operator

LATER = NOW + timedelta(hours=1)
TOO_LATE = NOW + timedelta(days=7, minutes=1)
LOST = Receipt(Answer.UNKNOWN, "no whole answer")
REVOKED = Receipt(Answer.FORBIDDEN, "the key was revoked", 401)


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def clockwork(database: Database, tmp_path: Path, sender: PaperSender) -> Clockwork:
    """A clockwork with an issue under way, none of whose three letters has gone out."""
    made = a_clockwork(database, tmp_path, sender, batch_size=1)
    for number in range(3):
        a_reader(database, f"r{number}@example.org")
    an_approved_issue(made.postroom.newsroom, a_summary())
    freeze(made.postroom, MONTH, who="test", now=NOW)
    return made


@pytest.mark.parametrize(("answers", "why"), [([REVOKED], "revoked"), ([LOST] * 3, "in a row")])
def test_the_operator_is_told_once_of_each_pause_that_no_person_made(
    clockwork: Clockwork, sender: PaperSender, answers: list[Receipt], why: str
) -> None:
    sender.answers = list(answers)
    for minutes in range(3):
        tick(at(clockwork, LATER + timedelta(minutes=minutes)))
    (mail,) = told(clockwork)
    assert (mail.kind, mail.recipient, mail.state) == ("send_paused", OPERATOR, MailState.SENT)
    assert why in words_to_operator(sender)


def test_a_pause_after_that_one_is_told_again(clockwork: Clockwork, sender: PaperSender) -> None:
    for moment in (LATER, LATER + timedelta(hours=1)):
        sender.answers = [REVOKED]
        tick(at(clockwork, moment))
        tick(at(clockwork, moment))
        resume(clockwork.postroom.newsroom, MONTH, who="editor", now=moment)
    assert len(told(clockwork)) == 2


def test_a_pause_by_a_clock_that_is_ahead_is_told_once(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    sender.answers = [REVOKED]
    work(at(clockwork, LATER))
    for minutes in range(3):
        tick(at(clockwork, NOW + timedelta(minutes=minutes)))
    assert len(told(clockwork)) == 1


def test_a_person_who_paused_it_is_not_told_of_it(clockwork: Clockwork) -> None:
    pause(clockwork.postroom.newsroom, MONTH, who="editor", now=NOW)
    tick(at(clockwork, LATER))
    assert told(clockwork) == []


def test_without_an_operator_it_rests_all_the_same(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    announcer = clockwork.announcer
    nobody = Announcer(announcer.newsroom, announcer.mails, "", announcer.usual_time)
    sender.answers = [REVOKED]
    alone = Clockwork(clockwork.postroom, nobody, clockwork.timetable)
    assert tick(at(alone, LATER)) == []
    assert (issue(clockwork).paused_at, told(clockwork)) == (LATER, [])


def test_an_older_database_pauses_what_is_under_way_and_tells_the_operator(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    clockwork.postroom.journal.write("r1", "intent", at=NOW, issue="2026-11", size=7)
    for moment in (LATER, LATER + timedelta(minutes=1)):
        assert tick(at(clockwork, moment)) == []
    assert sender.addresses == [OPERATOR]
    assert "7 of 2026-11" in words_to_operator(sender)


def test_what_slept_too_long_waits_for_a_person_who_is_told(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    for step in (work, tick):
        assert step(at(clockwork, TOO_LATE)) == []
    assert sender.addresses == [OPERATOR]
    assert "too late to go on unasked" in words_to_operator(sender)


def test_a_sending_of_which_only_doubts_are_left_is_not_too_late_for_anything(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    sender.answers = [LOST]
    tick(clockwork)
    tick(at(clockwork, TOO_LATE))
    assert (issue(clockwork).state, issue(clockwork).paused_at) == (IssueState.SENDING, None)


def test_a_doubt_that_a_person_orders_to_be_sent_again_is_sent_however_late(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    sender.answers = [LOST]
    tick(clockwork)
    (doubt,) = status(clockwork.postroom.newsroom, MONTH, now=NOW).doubts
    late = at(clockwork, TOO_LATE)
    state = resolve(late.postroom, MONTH, doubt.id, order="resend", who="editor")
    assert state is RequestState.REORDERED
    work(late)
    assert issue(clockwork).state is IssueState.SENT


def test_a_dispatcher_goes_on_with_what_was_begun(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    assert work(at(clockwork, LATER)) == []
    assert issue(clockwork).state is IssueState.SENT
    assert sorted(sender.addresses) == [f"r{number}@example.org" for number in range(3)]


def test_a_dispatcher_leaves_alone_what_rests(clockwork: Clockwork, sender: PaperSender) -> None:
    pause(clockwork.postroom.newsroom, MONTH, who="editor", now=NOW)
    assert work(at(clockwork, LATER)) == []
    assert sender.envelopes == []


def test_a_dispatcher_sends_mails_that_wait(clockwork: Clockwork, sender: PaperSender) -> None:
    pause(clockwork.postroom.newsroom, MONTH, who="editor", now=NOW)
    clockwork.announcer.storm(MONTH, reason="why", now=NOW)
    work(clockwork)
    assert sender.addresses == [OPERATOR]


def test_a_dispatcher_assembles_nothing_and_begins_nothing(
    sqlite: Database, tmp_path: Path, sender: PaperSender
) -> None:
    clockwork = a_clockwork(sqlite, tmp_path, sender)
    a_reader(sqlite, "r@example.org")
    newsroom = clockwork.postroom.newsroom
    an_approved_issue(newsroom, a_summary())
    schedule(newsroom, MONTH, at=LATER, who="test", now=NOW)
    assert work(at(clockwork, LATER)) == []
    assert (issue(clockwork).state, sender.envelopes) == (IssueState.APPROVED, [])
    tick(at(clockwork, LATER))
    assert issue(clockwork).state is IssueState.SENT
