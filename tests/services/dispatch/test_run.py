from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

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
)
from pprmail.errors import StorageError
from pprmail.model.issue import Issue, IssueState
from pprmail.model.request import RequestState
from pprmail.sending.envelope import Answer, Envelope, Receipt
from pprmail.sending.journal import Journal
from pprmail.services import steering
from pprmail.services.dispatch import record as recording
from pprmail.services.dispatch.claim import Claim, claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import record
from pprmail.services.dispatch.run import Run, send
from pprmail.services.leaving import leave
from pprmail.services.reports import IssueStatus, status
from pprmail.storage.database import Database
from pprmail.storage.tables import Delivery, Request, Subscriber

READERS = [f"r{number}@example.org" for number in range(10)]


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def postroom(database: Database, tmp_path: Path, sender: PaperSender) -> Postroom:
    """A postroom with an approved issue for ten readers, who are written to four at a time."""
    newsroom = a_newsroom(database)
    for address in READERS:
        a_reader(database, address, name=address[:2])
    an_approved_issue(newsroom, a_summary())
    return a_postroom(newsroom, tmp_path, sender, batch_size=4)


def test_every_reader_gets_one_letter_and_the_issue_is_sent(
    postroom: Postroom, sender: PaperSender
) -> None:
    issue = _send(postroom)
    assert (issue.state, issue.sent_at) == (IssueState.SENT, NOW)
    assert sorted(sender.addresses) == READERS
    found = _status(postroom)
    assert (found.equation.accepted, found.balanced, found.requests["accepted"]) == (10, True, 3)


def test_sending_again_sends_nothing_again(postroom: Postroom, sender: PaperSender) -> None:
    _send(postroom)
    assert _send(postroom).state is IssueState.SENT
    assert len(sender.addresses) == 10


def test_it_ends_only_when_the_request_of_another_process_has_its_answer(
    postroom: Postroom, sender: PaperSender
) -> None:
    other, claimed = _another_with_a_request(postroom)
    answer = Receipt(Answer.ACCEPTED)
    issue = _send(replace(postroom, sleep=lambda _: record(other, claimed, answer)))
    assert (issue.state, len(sender.addresses)) == (IssueState.SENT, 6)
    assert _status(postroom).equation.accepted == 10


def test_the_request_of_another_process_that_dies_meanwhile_is_put_in_doubt(
    postroom: Postroom, sender: PaperSender
) -> None:
    other, _ = _another_with_a_request(postroom)
    issue = _send(replace(postroom, sleep=lambda _: other.journal.close()))
    assert (issue.state, len(sender.addresses)) == (IssueState.SENDING, 6)
    found = _status(postroom)
    assert (found.requests["unknown"], found.equation.held, found.balanced) == (1, 4, True)


def _another_with_a_request(postroom: Postroom) -> tuple[Postroom, Claim]:
    journal = Journal(postroom.journal.folder, postroom.journal.installation)
    other = replace(postroom, journal=journal)
    journal.open()
    issue = freeze(other, MONTH, who="test", now=NOW)
    claimed = claim(other, issue.id, now=NOW)
    assert claimed is not None
    return other, claimed


def test_a_letter_carries_its_readers_own_parts_and_the_headers_for_leaving(
    postroom: Postroom, sender: PaperSender
) -> None:
    _send(postroom)
    envelope = sender.envelopes[0]
    recipient = envelope.recipients[0]
    leave_token = recipient.values["-pm.leave-"]
    assert recipient.values["-pm.greeting_text-"] == f"Dear {recipient.name},"
    assert recipient.headers == {
        "List-Unsubscribe": f"<https://letter.example.org/unsubscribe/{leave_token}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert envelope.headers == {"List-Id": "<letter.example.org>"}
    assert set(recipient.arguments) == {"pm_d", "pm_r"}
    assert all(key in envelope.html + envelope.text for key in recipient.values)
    with postroom.database.read() as session:
        request = session.scalars(select(Request).order_by(Request.id)).first()
        assert request is not None
        assert recipient.arguments["pm_r"] == request.public_id
        delivery = session.get_one(Delivery, int(recipient.arguments["pm_d"]))
        assert delivery.request_id == request.id


def test_two_runs_at_once_make_disjoint_requests_and_one_result(
    postroom: Postroom, sender: PaperSender
) -> None:
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1, concurrency=2))
    with ThreadPoolExecutor(2) as pool:
        issues = list(pool.map(lambda _: _send(one_each), range(2)))
    assert sorted(sender.addresses) == READERS
    assert IssueState.SENT in {issue.state for issue in issues}
    assert _status(postroom).issue.state is IssueState.SENT


def test_a_doubt_is_held_and_never_sent_again(postroom: Postroom, sender: PaperSender) -> None:
    sender.answers = [Receipt(Answer.UNKNOWN, "no whole answer")]
    issue = _send(postroom)
    assert issue.state is IssueState.SENDING
    found = _status(postroom)
    assert (found.equation.held, found.equation.accepted, found.balanced) == (4, 6, True)
    assert [(doubt.size, doubt.detail) for doubt in found.doubts] == [(4, "no whole answer")]
    assert _send(postroom).state is IssueState.SENDING
    assert len(sender.addresses) == len(set(sender.addresses)) == 10


def test_three_doubts_in_a_row_pause_the_issue(postroom: Postroom, sender: PaperSender) -> None:
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1))
    sender.answers = [Receipt(Answer.UNKNOWN, "lost")] * 9
    issue = _send(one_each)
    assert issue.pause_reason == "3 requests in a row failed; the last: lost"
    assert len(sender.envelopes) == 3


def test_an_accepted_request_in_between_ends_the_row(
    postroom: Postroom, sender: PaperSender
) -> None:
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1))
    lost, taken = Receipt(Answer.UNKNOWN, "lost"), Receipt(Answer.ACCEPTED, "", 202)
    sender.answers = [lost, lost, taken, lost, lost]
    assert _send(one_each).paused_at is None
    assert _status(postroom).equation.held == 4


def test_what_certainly_did_not_leave_is_sent_again(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.UNREACHABLE, "refused"), Receipt(Answer.BUSY, "429", 429)]
    assert _send(postroom).state is IssueState.SENT
    found = _status(postroom)
    assert found.requests["not_sent"] == 2
    assert (found.requests["accepted"], found.balanced) == (3, True)
    assert len(sender.addresses) == 10 + 8


def test_the_provider_is_waited_for_as_long_as_it_asks(
    postroom: Postroom, sender: PaperSender
) -> None:
    waits: list[float] = []
    patient = replace(postroom, sleep=waits.append)
    sender.answers = [Receipt(Answer.BUSY, "429", 429, wait_seconds=42.0)]
    _send(patient)
    assert 41 < max(waits) <= 42


def test_a_recipient_that_the_provider_names_is_left_out_and_the_rest_goes_out(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.REFUSED, "bad address", 400, refused_recipients=(1, 3))]
    assert _send(postroom).state is IssueState.SENT
    found = _status(postroom)
    assert (found.equation.rejected, found.equation.accepted, found.balanced) == (2, 8, True)
    bad = {sender.envelopes[0].recipients[place].email for place in (1, 3)}
    again = [r.email for envelope in sender.envelopes[1:] for r in envelope.recipients]
    assert sorted(again) == sorted(set(READERS) - bad)


def test_a_request_whose_every_recipient_is_refused_is_rejected(
    postroom: Postroom, sender: PaperSender
) -> None:
    named = Receipt(Answer.REFUSED, "bad", 400, refused_recipients=(0, 1, 2, 3))
    sender.answers = [named]
    _send(postroom)
    found = _status(postroom)
    assert (found.requests["rejected"], found.equation.rejected, found.balanced) == (1, 4, True)


def test_a_refusal_of_everybody_pauses_at_once_and_loses_nobody(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.FORBIDDEN, "SendGrid refuses (4xx): said why", 401)]
    issue = _send(postroom)
    assert issue.pause_reason == "SendGrid refuses (4xx): said why"
    assert len(sender.envelopes) == 1
    assert _status(postroom).equation.pending == 10
    steering.resume(postroom.newsroom, issue.name, who="test", now=NOW)
    assert _send(postroom).state is IssueState.SENT


def test_a_refusal_that_names_nobody_is_halved_once_and_then_waits_for_a_person(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.REFUSED, "SendGrid refuses (400): bad", 400)] * 2
    issue = _send(postroom)
    assert issue.pause_reason == "SendGrid refuses (400): bad"
    assert [len(envelope.recipients) for envelope in sender.envelopes] == [4, 2]
    assert _status(postroom).equation.pending == 10


def test_half_of_a_request_that_was_refused_may_be_taken(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.REFUSED, "SendGrid refuses (400): bad", 400)]
    assert _send(postroom).state is IssueState.SENT
    assert [len(envelope.recipients) for envelope in sender.envelopes] == [4, 2, 2, 2, 2, 2]
    assert sorted(sender.addresses[4:]) == READERS


def test_an_address_that_is_none_is_found_where_the_refusal_names_nobody(
    postroom: Postroom, sender: PaperSender, database: Database
) -> None:
    with database.write() as session:
        session.execute(
            update(Subscriber).where(Subscriber.email == READERS[1]).values(email="no address")
        )
    sender.answers = [Receipt(Answer.REFUSED, "SendGrid refuses (400): bad", 400)]
    assert _send(postroom).state is IssueState.SENT
    found = _status(postroom).equation
    assert (found.accepted, found.rejected, found.balances) == (9, 1, True)
    assert [len(envelope.recipients) for envelope in sender.envelopes] == [4, 4, 4, 1]


def test_what_is_too_large_is_halved_as_often_as_needed_and_stays_small(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.TOO_LARGE, "too large", 413)] * 2
    assert _send(postroom).state is IssueState.SENT
    assert [len(envelope.recipients) for envelope in sender.envelopes] == [4, 2, *[1] * 10]


def test_a_bad_moment_makes_requests_small_for_a_while_only() -> None:
    run = Run(most=0)
    run.learn(7, Receipt(Answer.TOO_LARGE, "too large", 413))
    sizes = []
    for _ in range(40):
        sizes.append(run.most)
        run.learn(run.most, Receipt(Answer.ACCEPTED, "", 202))
    assert sizes == [3] * 10 + [6] * 10 + [12] * 10 + [24] * 10


def test_a_mailbox_that_stays_busy_holds_up_nobody_else(
    postroom: Postroom, sender: PaperSender
) -> None:
    busy = BusyFor(READERS[0], sender)
    one_each = replace(postroom, sender=busy, rules=replace(postroom.rules, batch_size=1))
    issue = _send(one_each)
    assert sorted(sender.addresses) == READERS[1:]
    assert (busy.tries, "1 letters were not taken in 5 tries" in str(issue.pause_reason)) == (
        5,
        True,
    )
    assert (_status(postroom).equation.pending, _status(postroom).balanced) == (1, True)
    steering.resume(postroom.newsroom, issue.name, who="test", now=NOW)
    assert _send(replace(one_each, sender=sender)).state is IssueState.SENT


@dataclass
class BusyFor:
    """Takes letters to everybody but one, whose mailbox is always busy."""

    address: str
    sender: PaperSender
    tries: int = 0

    def send(self, envelope: Envelope) -> Receipt:
        """Take an envelope of one letter, or not now."""
        if envelope.recipients[0].email != self.address:
            return self.sender.send(envelope)
        self.tries += 1
        return Receipt(Answer.BUSY, "452 later")


def test_one_letter_that_is_too_large_waits_for_a_person(
    postroom: Postroom, sender: PaperSender
) -> None:
    sender.answers = [Receipt(Answer.TOO_LARGE, "too large", 413)] * 9
    issue = _send(postroom)
    assert (issue.pause_reason, len(sender.envelopes)) == ("too large", 3)


def test_a_worker_that_slept_too_long_after_its_claim_makes_no_request(
    postroom: Postroom, sender: PaperSender
) -> None:
    times = [NOW + timedelta(seconds=31 * n) for n in range(60)]
    late = replace(postroom, clock=lambda: times.pop(0))
    issue = _send(late)
    assert sender.envelopes == []
    assert "3 requests in a row failed" in str(issue.pause_reason)
    assert (_status(postroom).requests["not_sent"], _status(postroom).equation.pending) == (3, 10)


def test_a_pause_in_the_middle_starts_no_new_request(
    postroom: Postroom, sender: PaperSender
) -> None:
    def pause_once(_: Envelope) -> None:
        if len(sender.envelopes) == 1:
            steering.pause(postroom.newsroom, "2026-11", who="editor", now=NOW)

    sender.before_answer = pause_once
    issue = _send(postroom)
    assert (issue.state, issue.pause_reason) == (IssueState.SENDING, "by editor")
    assert (len(sender.envelopes), _status(postroom).equation.pending) == (1, 6)


def test_a_reader_who_leaves_in_the_middle_gets_no_letter_after_that(
    postroom: Postroom, sender: PaperSender
) -> None:
    public_id = a_reader(postroom.database, "zz-late@example.org", EMPATHY)

    def leave_once(_: Envelope) -> None:
        if len(sender.envelopes) == 1:
            leave(postroom.database, public_id, how="test", now=NOW)

    sender.before_answer = leave_once
    _send(postroom)
    assert "zz-late@example.org" not in sender.addresses
    assert _status(postroom).equation.suppressed_late == 1


def test_told_to_stop_it_ends_the_request_under_way_and_leaves_no_doubt(
    postroom: Postroom, sender: PaperSender
) -> None:
    run = Run()
    sender.before_answer = lambda _: run.stop.set()
    issue = send(postroom, "2026-11", who="test", run=run)
    assert issue.state is IssueState.SENDING
    found = _status(postroom)
    assert (found.equation.accepted, found.equation.pending, found.requests["unknown"]) == (4, 6, 0)


def test_progress_counts_up_to_all_readers(postroom: Postroom) -> None:
    seen: list[tuple[int, int]] = []
    send(postroom, "2026-11", who="test", run=Run(watch=lambda *at: seen.append(at)))
    assert seen[0] == (0, 10)
    assert seen[-1] == (10, 10)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_an_outcome_waits_for_the_database_however_long_it_is_away(
    postroom: Postroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refusals = recording._record, [5]

    def sometimes(*args: object, **more: object) -> None:
        if refusals[0]:
            refusals[0] -= 1
            raise StorageError("the database refuses: locked")
        real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "_record", sometimes)
    assert _send(postroom).state is IssueState.SENT
    assert _status(postroom).requests["accepted"] == 3


def test_without_a_journal_nothing_is_sent(postroom: Postroom, sender: PaperSender) -> None:
    postroom.journal.open()
    postroom.journal._handle = 10_000  # a file that is not open: every write fails
    issue = _send(postroom)
    assert sender.envelopes == []
    assert "the journal can't be written" in (issue.pause_reason or "")
    assert _status(postroom).equation.pending == 10


def test_the_request_outlives_a_sender_that_breaks_down(
    postroom: Postroom, sender: PaperSender
) -> None:
    def break_down(_: Envelope) -> None:
        raise ZeroDivisionError

    sender.before_answer = break_down
    with pytest.raises(ZeroDivisionError):
        _send(postroom)
    assert _status(postroom).requests[RequestState.SUBMITTING] == 1


def _send(postroom: Postroom) -> Issue:
    return send(postroom, "2026-11", who="test", run=Run())


def _status(postroom: Postroom) -> IssueStatus:
    return status(postroom.newsroom, "2026-11", now=NOW)
