from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from making import (
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.errors import NotFoundError, StateError
from pprmail.model.issue import IssueState
from pprmail.model.request import RequestState
from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.journal import Journal
from pprmail.services.dispatch.claim import Claim, claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import record
from pprmail.services.dispatch.run import Run, send
from pprmail.services.dispatch.settle import finish_if_settled, resolve, settle_orphans
from pprmail.services.reports import IssueStatus, status
from pprmail.services.steering import cancel
from pprmail.storage.database import Database
from pprmail.storage.deliveries import requests_of
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Request

NAME = "2026-11"


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def postroom(database: Database, tmp_path: Path, sender: PaperSender) -> Postroom:
    newsroom = a_newsroom(database)
    for number in range(6):
        a_reader(database, f"r{number}@example.org")
    an_approved_issue(newsroom, a_summary())
    return a_postroom(newsroom, tmp_path, sender, batch_size=2)


@pytest.fixture
def left_open(postroom: Postroom) -> Claim:
    """A request that a worker, which is gone since, had written down."""
    gone = _as_another_worker(postroom)
    issue = freeze(gone, NAME, who="test", now=NOW)
    gone.journal.open()
    claimed = claim(gone, issue.id, now=NOW)
    assert claimed is not None
    gone.journal.write(claimed.public_id, "intent", at=NOW)
    gone.journal.close()
    return claimed


def test_a_request_of_a_worker_that_is_gone_becomes_a_doubt_and_never_waits_again(
    postroom: Postroom, sender: PaperSender, left_open: Claim
) -> None:
    send(postroom, NAME, who="test", run=Run())
    found = _status(postroom)
    assert (found.equation.held, found.equation.accepted) == (2, 4)
    assert [doubt.id for doubt in found.doubts] == [left_open.request_id]
    lost = {delivery.email for delivery in left_open.deliveries}
    assert lost.isdisjoint(sender.addresses)


def test_settling_orphans_twice_finds_nothing_new(postroom: Postroom, left_open: Claim) -> None:
    assert settle_orphans(postroom, now=NOW) == 1
    assert settle_orphans(postroom, now=NOW) == 0


def test_what_goes_free_in_a_cancelled_issue_is_cancelled(
    postroom: Postroom, left_open: Claim
) -> None:
    cancel(postroom.newsroom, NAME, who="editor", now=NOW)
    record(postroom, left_open, Receipt(Answer.BUSY, "later", 429, wait_seconds=1))
    found = _status(postroom)
    assert (found.equation.cancelled, found.equation.pending, found.balanced) == (6, 0, True)


def test_in_a_cancelled_issue_nobody_is_written_to_again(
    postroom: Postroom, left_open: Claim
) -> None:
    cancel(postroom.newsroom, NAME, who="editor", now=NOW)
    settle_orphans(postroom, now=NOW)
    with pytest.raises(StateError, match="is cancelled"):
        resolve(postroom, NAME, left_open.request_id, order="resend", who="editor")
    assert resolve(postroom, NAME, left_open.request_id, order="skip", who="editor") == "skipped"
    assert _status(postroom).balanced


def test_what_the_journal_says_was_taken_is_no_doubt(postroom: Postroom, left_open: Claim) -> None:
    with (postroom.journal.folder / f"{_worker(postroom, left_open)}.journal").open("a") as file:
        file.write(f'{{"request": "{left_open.public_id}", "what": "accepted"}}\n')
    assert settle_orphans(postroom, now=NOW) == 0
    assert _status(postroom).equation.accepted == 2


def test_a_worker_that_lives_keeps_its_request(postroom: Postroom) -> None:
    living = _as_another_worker(postroom)
    issue = freeze(living, NAME, who="test", now=NOW)
    living.journal.open()
    claim(living, issue.id, now=NOW)
    assert settle_orphans(postroom, now=NOW) == 0
    assert _status(postroom).equation.in_flight == 2
    living.journal.close()


def test_a_worker_of_another_machine_is_given_up_when_its_lease_ends(postroom: Postroom) -> None:
    elsewhere = replace(
        postroom, journal=replace(_as_another_worker(postroom).journal, worker="elsewhere.123456")
    )
    issue = freeze(elsewhere, NAME, who="test", now=NOW)
    claim(elsewhere, issue.id, now=NOW)
    assert settle_orphans(postroom, now=NOW + timedelta(seconds=119)) == 0
    assert settle_orphans(postroom, now=NOW + timedelta(seconds=121)) == 1


def test_an_answer_that_comes_after_the_worker_was_given_up_still_counts(
    postroom: Postroom, left_open: Claim
) -> None:
    settle_orphans(postroom, now=NOW)
    record(postroom, left_open, Receipt(Answer.ACCEPTED, "", 202, "late"))
    found = _status(postroom)
    assert (found.equation.held, found.equation.accepted, found.balanced) == (0, 2, True)


def test_a_late_refusal_does_not_overturn_what_a_person_decided(
    postroom: Postroom, left_open: Claim
) -> None:
    settle_orphans(postroom, now=NOW)
    resolve(postroom, NAME, left_open.request_id, order="skip", who="editor")
    record(postroom, left_open, Receipt(Answer.UNREACHABLE, "refused"))
    found = _status(postroom)
    assert (found.requests["skipped"], found.equation.held, found.balanced) == (1, 2, True)


@pytest.mark.parametrize(
    ("order", "state", "after"),
    [
        ("accepted", RequestState.ACCEPTED, {"accepted": 6, "held": 0}),
        ("skip", RequestState.SKIPPED, {"accepted": 4, "held": 2}),
    ],
)
def test_a_doubt_that_a_person_settles_lets_the_issue_be_sent(
    postroom: Postroom, left_open: Claim, order: str, state: RequestState, after: dict[str, int]
) -> None:
    send(postroom, NAME, who="test", run=Run())
    assert _status(postroom).issue.state is IssueState.SENDING
    assert resolve(postroom, NAME, left_open.request_id, order=order, who="editor") is state
    found = _status(postroom)
    assert found.issue.state is IssueState.SENT
    assert found.equation.as_json().items() >= after.items()
    assert found.balanced


def test_a_doubt_that_a_person_orders_again_is_sent_once_more(
    postroom: Postroom, sender: PaperSender, left_open: Claim
) -> None:
    send(postroom, NAME, who="test", run=Run())
    resolve(postroom, NAME, left_open.request_id, order="resend", who="editor")
    assert _status(postroom).equation.pending == 2
    assert send(postroom, NAME, who="test", run=Run()).state is IssueState.SENT
    assert len(sender.addresses) == 6


def test_only_a_doubt_can_be_settled(postroom: Postroom) -> None:
    send(postroom, NAME, who="test", run=Run())
    first = _request_ids(postroom)[0]
    with pytest.raises(StateError, match="is accepted"):
        resolve(postroom, NAME, first, order="resend", who="editor")
    with pytest.raises(NotFoundError, match="has no request 999"):
        resolve(postroom, NAME, 999, order="skip", who="editor")


def test_an_issue_is_not_sent_while_anything_waits(postroom: Postroom) -> None:
    freeze(postroom, NAME, who="test", now=NOW)
    assert not finish_if_settled(postroom, NAME)


def _as_another_worker(postroom: Postroom) -> Postroom:
    return replace(postroom, journal=Journal(postroom.journal.folder, "test-installation"))


def _worker(postroom: Postroom, claimed: Claim) -> str:
    with postroom.database.read() as session:
        return session.get_one(Request, claimed.request_id).worker


def _request_ids(postroom: Postroom) -> list[int]:
    with postroom.database.read() as session:
        return [r.id for r in requests_of(session, issue_named(session, NAME))]


def _status(postroom: Postroom) -> IssueStatus:
    return status(postroom.newsroom, NAME, now=NOW)
