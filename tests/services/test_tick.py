from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from making import (
    MASTHEAD,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.errors import StorageError
from pprmail.model.calendar import MonthlyTime
from pprmail.model.issue import IssueState
from pprmail.model.mail import MailState
from pprmail.model.month import Month
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services import tick as ticking
from pprmail.services.announcing import Announcer
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.steering import resume, schedule, skip
from pprmail.services.tick import Clockwork, Timetable, tick
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.issues import all_issues, find_issue
from pprmail.storage.tables import Issue, MailedLink, ServiceMail, Subscriber

OPERATOR = "editor@example.org"


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def clockwork(database: Database, tmp_path: Path, sender: PaperSender) -> Clockwork:
    """A clockwork of November 2026, that assembles on the first Monday at nine."""
    newsroom = a_newsroom(database)
    postroom = a_postroom(newsroom, tmp_path, sender)
    usual = MonthlyTime.parse("2nd tue 09:00")
    mails = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
    return Clockwork(
        postroom=postroom,
        announcer=Announcer(newsroom, mails, OPERATOR, usual),
        timetable=Timetable(
            first_month="2026-11",
            assemble=MonthlyTime.parse("1st mon 09:00"),
            send=usual,
            latest=timedelta(days=7),
        ),
    )


def at(clockwork: Clockwork, moment: str) -> Clockwork:
    """Set the clock: "12-08 14:00" is in 2026, in UTC."""
    now = datetime.strptime(f"2026-{moment}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return replace(clockwork, postroom=replace(clockwork.postroom, clock=lambda: now))


def test_a_month_is_assembled_on_its_day_and_not_before(clockwork: Clockwork) -> None:
    stored(clockwork.postroom.database, a_summary("One?"), a_summary("Another?"))
    tick(at(clockwork, "11-02 13:59"))
    assert _issues(clockwork) == {}
    tick(at(clockwork, "11-02 14:00"))
    assert _issues(clockwork) == {"2026-11": IssueState.DRAFT}


def test_the_operator_is_told_once_however_often_it_ticks(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    stored(clockwork.postroom.database, a_summary("One?"), a_summary("Another?"))
    for _ in range(3):
        assert tick(at(clockwork, "11-02 15:00")) == []
    assert sender.addresses == [OPERATOR]
    mail = sender.envelopes[0]
    assert mail.subject == "November 2026: the letter is ready for review"
    assert "One?" in mail.text
    assert "Tue 10 November 2026, 09:00 EST" in mail.text


def test_what_must_be_mended_stands_in_the_mail(clockwork: Clockwork, sender: PaperSender) -> None:
    stored(clockwork.postroom.database, a_summary("One?", implications=""))
    tick(at(clockwork, "11-02 15:00"))
    assert "it has no Practice Implications" in " ".join(sender.envelopes[0].text.split())


def test_a_month_without_summaries_is_said_and_its_draft_grows_when_they_come(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    tick(at(clockwork, "11-02 15:00"))
    assert sender.envelopes[0].subject == "November 2026: there is nothing to send yet"
    assert _issues(clockwork) == {"2026-11": IssueState.DRAFT}


def test_after_an_outage_every_month_since_is_made_up_for(clockwork: Clockwork) -> None:
    later = at(clockwork, "11-02 15:00")
    now = datetime(2027, 1, 20, tzinfo=UTC)
    tick(replace(later, postroom=replace(later.postroom, clock=lambda: now)))
    assert sorted(_issues(clockwork)) == ["2026-11", "2026-12", "2027-01"]


def test_months_before_the_first_one_are_left_alone(clockwork: Clockwork) -> None:
    stored(clockwork.postroom.database, a_summary("Old?", month="2026-08"))
    tick(at(clockwork, "11-02 15:00"))
    assert sorted(_issues(clockwork)) == ["2026-11"]


def test_without_a_first_month_nothing_is_assembled(clockwork: Clockwork) -> None:
    silent = replace(clockwork, timetable=replace(clockwork.timetable, first_month=""))
    tick(at(silent, "11-02 15:00"))
    assert _issues(clockwork) == {}


def test_a_skipped_month_stays_skipped(clockwork: Clockwork, sender: PaperSender) -> None:
    skip(clockwork.postroom.newsroom, Month("2026-11"), who="test", now=NOW)
    tick(at(clockwork, "11-02 15:00"))
    assert _issues(clockwork) == {"2026-11": IssueState.SKIPPED}
    assert sender.envelopes == []


def test_ticks_at_the_same_moment_give_one_issue_and_one_mail(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    stored(clockwork.postroom.database, a_summary("One?"), a_summary("Another?"))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tick(at(clockwork, "11-02 15:00")), range(8)))
    tick(at(clockwork, "11-02 15:01"))
    assert _issues(clockwork) == {"2026-11": IssueState.DRAFT}
    assert sender.addresses == [OPERATOR]


def test_an_approved_issue_is_sent_at_its_time_and_not_before(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _scheduled(clockwork)
    tick(at(clockwork, "12-08 13:59"))
    assert "r@example.org" not in sender.addresses
    tick(at(clockwork, "12-08 14:00"))
    assert sender.addresses.count("r@example.org") == 1
    assert _issues(clockwork)["2026-11"] is IssueState.SENT


def test_an_approval_alone_sends_nothing(clockwork: Clockwork, sender: PaperSender) -> None:
    a_reader(clockwork.postroom.database, "r@example.org")
    an_approved_issue(clockwork.postroom.newsroom, a_summary("One?"))
    tick(at(clockwork, "12-30 14:00"))
    assert "r@example.org" not in sender.addresses


def test_what_an_outage_held_up_goes_out_afterwards_if_it_is_not_too_late(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _scheduled(clockwork)
    tick(at(clockwork, "12-15 13:59"))
    assert "r@example.org" in sender.addresses


def test_a_letter_that_is_too_late_waits_for_a_person_who_is_told(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _scheduled(clockwork)
    for _ in range(2):
        tick(at(clockwork, "12-15 14:01"))
    assert sender.addresses.count("r@example.org") == 0
    held = [e for e in sender.envelopes if "needs your attention" in e.subject]
    assert len(held) == 1
    assert "it is too late now" in " ".join(held[0].text.split())
    issue = _issue(clockwork)
    assert (issue.state, issue.send_at) == (IssueState.APPROVED, None)


def test_a_sending_that_rested_too_long_goes_on_only_when_a_person_says_so(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _scheduled(clockwork)
    begun = at(clockwork, "12-08 14:00").postroom
    freeze(begun, "2026-11", who="test", now=begun.clock())
    tick(at(clockwork, "12-15 14:01"))
    assert "too late to go on unasked" in str(_issue(clockwork).pause_reason)
    assert "r@example.org" not in sender.addresses
    later = at(clockwork, "12-15 15:00")
    resume(later.postroom.newsroom, "2026-11", who="test", now=later.postroom.clock())
    tick(at(clockwork, "12-15 15:01"))
    assert "r@example.org" in sender.addresses


def test_an_approval_that_holds_no_longer_is_not_sent_and_is_told(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _scheduled(clockwork)
    with clockwork.postroom.database.write() as session:
        found = find_issue(session, "2026-11")
        assert found is not None
        found.notices = "Changed behind the approval's back."
    tick(at(clockwork, "12-08 14:00"))
    assert "r@example.org" not in sender.addresses
    held = [e for e in sender.envelopes if "needs your attention" in e.subject]
    assert "issue.notices" in held[0].text


def test_a_sending_that_a_crash_cut_off_goes_on_at_the_next_tick(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _scheduled(clockwork)
    sender.answers = [Receipt(Answer.FORBIDDEN, "the key was revoked", 401)]
    tick(at(clockwork, "12-08 14:00"))
    assert _issue(clockwork).pause_reason == "the key was revoked"
    with clockwork.postroom.database.write() as session:
        found = find_issue(session, "2026-11")
        assert found is not None
        found.resume()
    tick(at(clockwork, "12-08 14:01"))
    assert _issues(clockwork)["2026-11"] is IssueState.SENT


def test_a_paused_issue_is_left_alone(clockwork: Clockwork, sender: PaperSender) -> None:
    _scheduled(clockwork)
    sender.answers = [Receipt(Answer.FORBIDDEN, "the key was revoked", 401)]
    tick(at(clockwork, "12-08 14:00"))
    sent = len(sender.envelopes)
    tick(at(clockwork, "12-08 14:01"))
    assert len(sender.envelopes) == sent


def test_a_step_that_fails_is_named_and_keeps_no_other_from_being_done(
    clockwork: Clockwork, sender: PaperSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StorageError("locked")

    _scheduled(clockwork)
    monkeypatch.setattr(ticking, "assemble_in", broken)
    earlier = replace(clockwork, timetable=replace(clockwork.timetable, first_month="2026-10"))
    assert tick(at(earlier, "12-08 14:00")) == ["assembly"]
    assert "r@example.org" in sender.addresses


def test_a_scheduled_rehearsal_is_written_once_and_leaves_the_issue_approved(
    clockwork: Clockwork, tmp_path: Path
) -> None:
    postroom = replace(clockwork.postroom, sender=clockwork.postroom.outbox)
    rehearsing = replace(clockwork, postroom=postroom)
    _scheduled(rehearsing)
    tick(at(rehearsing, "12-08 14:00"))
    assert (tmp_path / "outbox" / "2026-11" / "r@example.org.eml").exists()
    issue = _issue(rehearsing)
    assert (issue.state, issue.send_at) == (IssueState.APPROVED, None)


def test_mail_to_somebody_outside_the_allowed_addresses_goes_to_the_outbox(
    clockwork: Clockwork, sender: PaperSender, tmp_path: Path
) -> None:
    rules = replace(clockwork.postroom.rules, allowed_recipients=("*@example.com",))
    guarded = replace(clockwork, postroom=replace(clockwork.postroom, rules=rules))
    stored(clockwork.postroom.database, a_summary("One?"))
    tick(at(guarded, "11-02 15:00"))
    assert sender.envelopes == []
    assert len(list((tmp_path / "outbox" / "service-mails").rglob(f"{OPERATOR}.eml"))) == 1


def test_mail_that_certainly_did_not_leave_is_tried_again_for_a_day(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    stored(clockwork.postroom.database, a_summary("One?"))
    sender.answers = [Receipt(Answer.UNREACHABLE, "refused")] * 2
    tick(at(clockwork, "11-02 15:00"))
    assert _mail_states(clockwork) == [MailState.QUEUED]
    tick(at(clockwork, "11-02 15:01"))
    tick(at(clockwork, "11-02 15:02"))
    assert _mail_states(clockwork) == [MailState.SENT]


@pytest.mark.parametrize("answer", [Answer.UNKNOWN, Answer.REFUSED])
def test_mail_that_may_have_left_or_never_will_is_not_tried_again(
    clockwork: Clockwork, sender: PaperSender, answer: Answer
) -> None:
    stored(clockwork.postroom.database, a_summary("One?"))
    sender.answers = [Receipt(answer, "why")]
    tick(at(clockwork, "11-02 15:00"))
    tick(at(clockwork, "11-02 15:01"))
    assert _mail_states(clockwork) == [MailState.FAILED]
    assert len(sender.envelopes) == 1


def _scheduled(clockwork: Clockwork) -> None:
    postroom = clockwork.postroom
    a_reader(postroom.database, "r@example.org")
    name = an_approved_issue(postroom.newsroom, a_summary("One?"))
    at_nine = datetime(2026, 12, 8, 14, 0, tzinfo=UTC)
    schedule(postroom.newsroom, name, at=at_nine, who="test", now=NOW)


def _issues(clockwork: Clockwork) -> dict[str, IssueState]:
    with clockwork.postroom.database.read() as session:
        return {issue.name: issue.state for issue in all_issues(session)}


def _issue(clockwork: Clockwork) -> Issue:
    with clockwork.postroom.database.read() as session:
        issue = find_issue(session, "2026-11")
    assert issue is not None
    return issue


def _mail_states(clockwork: Clockwork) -> list[MailState]:
    with clockwork.postroom.database.read() as session:
        return list(session.scalars(select(ServiceMail.state)))


def test_an_implied_consent_that_is_over_gets_no_letter_of_the_same_tick(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    database = clockwork.postroom.database
    a_reader(database, "over@example.org")
    a_reader(database, "holds@example.org")
    with database.write() as session:
        over = session.scalars(select(Subscriber).where(Subscriber.email == "over@example.org"))
        over.one().lapses_at = NOW
    name = an_approved_issue(clockwork.postroom.newsroom, a_summary())
    newsroom = clockwork.postroom.newsroom
    schedule(newsroom, name, at=NOW + timedelta(days=1), who="test", now=NOW)
    assert tick(at(clockwork, "11-24 14:00")) == []
    assert "holds@example.org" in sender.addresses
    assert "over@example.org" not in sender.addresses


def test_a_tick_forgets_what_is_needed_no_more(clockwork: Clockwork) -> None:
    database = clockwork.postroom.database
    with database.write() as session:
        session.add(MailedLink(kind="sign_up", address="digest", client="digest", at=NOW))
    tick(at(clockwork, "12-25 09:00"))
    with database.read() as session:
        assert session.scalars(select(MailedLink)).all() == []
