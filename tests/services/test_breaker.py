"""A letter that comes back in masses: the rest waits for a person, who is told why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from making import MONTH, NOW, PaperSender, a_reader, a_summary, an_approved_issue
from pprmail.model import breaker as rule
from pprmail.model.issue import IssueState
from pprmail.sending.envelope import Envelope
from pprmail.sending.webhook import event_of
from pprmail.services import breaker, feedback
from pprmail.services.dispatch.run import Run, send
from pprmail.services.steering import resume
from pprmail.services.tick import Clockwork, tick
from pprmail.storage.database import Database
from services.clocks import a_clockwork, at, issue, told, words_to_operator

BATCH = 10
LATER = NOW + timedelta(hours=1)
BOUNCE = {"event": "bounce", "type": "bounce"}
BLOCKED = {"event": "bounce", "type": "blocked"}
DELIVERED = {"event": "delivered"}


@pytest.fixture(autouse=True)
def _ten_outcomes_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "ENOUGH", BATCH)


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def clockwork(database: Database, tmp_path: Path, sender: PaperSender) -> Clockwork:
    """A clockwork with an approved issue for thirty readers, who are written to ten at a time."""
    made = a_clockwork(database, tmp_path, sender, batch_size=BATCH)
    for number in range(3 * BATCH):
        a_reader(database, f"r{number:02}@example.org")
    an_approved_issue(made.postroom.newsroom, a_summary())
    return made


def test_a_sending_that_bounces_in_masses_rests_and_says_which_figure_is_past_which_limit(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _send_one_request(clockwork, sender)
    _report(clockwork, sender, [BOUNCE])
    assert tick(at(clockwork, LATER)) == []
    assert issue(clockwork).pause_reason == (
        "of 10 letters that were reported on, 1 bounced for good (10 %; the limit is 5 %)"
    )
    assert _letters(sender) == BATCH


def test_reports_that_wait_are_applied_before_the_figures_are_looked_at(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _send_one_request(clockwork, sender)
    events = [event_of(one) for one in _told_of(sender.envelopes[-1], [BOUNCE], NOW)]
    feedback.keep(clockwork.postroom.database, events, now=NOW)
    tick(at(clockwork, LATER))
    assert issue(clockwork).paused_at is not None


@pytest.mark.parametrize(
    "told", [[DELIVERED], [BLOCKED] * 10, [{"event": "dropped"}] * 10, [{"event": "deferred"}] * 3]
)
def test_what_is_in_bounds_or_says_nothing_of_an_address_stops_nothing(
    clockwork: Clockwork, sender: PaperSender, told: Sequence[Mapping[str, str]]
) -> None:
    _send_one_request(clockwork, sender)
    _report(clockwork, sender, told)
    tick(at(clockwork, LATER))
    assert (issue(clockwork).state, _letters(sender)) == (IssueState.SENT, 3 * BATCH)


@pytest.mark.parametrize("told", [[{"event": "spamreport"}], [{"event": "deferred"}] * 4])
def test_complaints_and_letters_that_are_put_off_count_too(
    clockwork: Clockwork, sender: PaperSender, told: Sequence[Mapping[str, str]]
) -> None:
    _send_one_request(clockwork, sender)
    _report(clockwork, sender, told)
    tick(at(clockwork, LATER))
    assert issue(clockwork).paused_at == LATER


def test_a_storm_of_another_issue_is_not_this_one_s(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _send_one_request(clockwork, sender)
    events = _told_of(sender.envelopes[-1], [BOUNCE] * BATCH, NOW)
    stray = [event_of(one | {"pm_r": "A" * 22}) for one in events]
    feedback.keep(clockwork.postroom.database, stray, now=NOW)
    _report(clockwork, sender, [BLOCKED])
    tick(at(clockwork, LATER))
    assert issue(clockwork).state is IssueState.SENT


def test_after_a_person_let_it_go_on_only_what_happened_since_can_stop_it_again(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _send_one_request(clockwork, sender)
    _report(clockwork, sender, [BOUNCE])
    tick(at(clockwork, LATER))
    resume(clockwork.postroom.newsroom, MONTH, who="editor", now=LATER)
    breaker.pause_storms(clockwork.postroom)
    assert issue(clockwork).paused_at is None
    _send_one_request(clockwork, sender)
    _report(clockwork, sender, [BOUNCE], when=LATER + timedelta(minutes=1))
    breaker.pause_storms(clockwork.postroom)
    assert "1 bounced for good" in str(issue(clockwork).pause_reason)


def test_it_is_looked_at_while_the_letters_go_out(
    clockwork: Clockwork, sender: PaperSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "LOOKS_EVERY", 0)
    sender.before_answer = lambda envelope: _report(clockwork, sender, [BOUNCE])
    send(clockwork.postroom, MONTH, who="test", run=Run())
    assert "1 bounced for good" in str(issue(clockwork).pause_reason)
    assert _letters(sender) == BATCH


def test_all_workers_of_a_run_together_look_once_in_a_while(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    sender.before_answer = lambda envelope: _report(clockwork, sender, [BOUNCE])
    send(clockwork.postroom, MONTH, who="test", run=Run())
    assert _letters(sender) == 3 * BATCH


def test_the_operator_is_told_once_and_of_a_new_storm_again(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    _send_one_request(clockwork, sender)
    _report(clockwork, sender, [BOUNCE])
    for minutes in range(3):
        tick(at(clockwork, LATER + timedelta(minutes=minutes)))
    (mail,) = told(clockwork)
    assert mail.subject == "November 2026: the sending rests and waits for you"
    assert "1 bounced for good (10 %; the limit is 5 %)" in words_to_operator(sender)
    resume(clockwork.postroom.newsroom, MONTH, who="editor", now=LATER + timedelta(minutes=5))
    sender.before_answer = lambda _: None
    _send_one_request(clockwork, sender)
    again = LATER + timedelta(minutes=6)
    _report(clockwork, sender, [BOUNCE], when=again)
    for _ in range(2):
        tick(at(clockwork, again))
    assert len(told(clockwork)) == 2


def test_of_an_issue_that_is_sent_the_operator_is_told_once_and_nothing_is_paused(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    send(clockwork.postroom, MONTH, who="test", run=Run())
    _report(clockwork, sender, [BOUNCE])
    for minutes in range(3):
        tick(at(clockwork, LATER + timedelta(minutes=minutes)))
    (mail,) = told(clockwork)
    assert mail.subject == "November 2026: the letter was sent, and reports of it need you"
    assert "1 bounced for good" in words_to_operator(sender)
    assert (issue(clockwork).state, issue(clockwork).paused_at) == (IssueState.SENT, None)


def test_of_an_issue_that_was_sent_long_ago_nothing_is_said(
    clockwork: Clockwork, sender: PaperSender
) -> None:
    send(clockwork.postroom, MONTH, who="test", run=Run())
    _report(clockwork, sender, [BOUNCE])
    tick(at(clockwork, NOW + breaker.LISTENS_FOR))
    assert told(clockwork) == []


def _send_one_request(clockwork: Clockwork, sender: PaperSender) -> None:
    run = Run()
    sender.before_answer = lambda _: run.stop.set()
    send(replace(clockwork.postroom, clock=lambda: NOW), MONTH, who="test", run=run)
    sender.before_answer = lambda _: None


def _report(
    clockwork: Clockwork,
    sender: PaperSender,
    told: Sequence[Mapping[str, str]],
    *,
    when: datetime = NOW,
) -> None:
    """Report on the last ten letters: some as told, and that the others arrived."""
    events = [event_of(one) for one in _told_of(sender.envelopes[-1], told, when)]
    feedback.keep(clockwork.postroom.database, events, now=when)
    feedback.apply(clockwork.postroom.database, now=when)


def _told_of(
    envelope: Envelope, told: Sequence[Mapping[str, str]], when: datetime
) -> list[dict[str, object]]:
    kinds = [*told, *[DELIVERED] * (len(envelope.recipients) - len(told))]
    return [
        {"timestamp": int(when.timestamp()), **recipient.arguments, **kind}
        for recipient, kind in zip(envelope.recipients, kinds, strict=True)
    ]


def _letters(sender: PaperSender) -> int:
    return sum(address.startswith("r") for address in sender.addresses)
