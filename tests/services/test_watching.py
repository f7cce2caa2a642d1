from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from sqlalchemy import update

from making import (
    MONTH,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.errors import StateError
from pprmail.model.delivery import Equation
from pprmail.model.issue import IssueState
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services import steering
from pprmail.services.dispatch.claim import claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.run import Run, send
from pprmail.services.dispatch.settle import resolve
from pprmail.services.dispatch.stopping import stop
from pprmail.services.leaving import leave
from pprmail.services.watching import Stage, watch
from pprmail.storage.database import Database
from pprmail.storage.deliveries import equation_of
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Issue, Request

ACCEPTED = Receipt(Answer.ACCEPTED, "", 202, "id")
FORBIDDEN = Receipt(Answer.FORBIDDEN, "SendGrid refuses (401): Maximum credits exceeded", 401)
REFUSED = Receipt(Answer.REFUSED, "no", 400, refused_recipients=(0,))
UNKNOWN = Receipt(Answer.UNKNOWN, "the answer was 503", 503)


@pytest.fixture
def postroom(sqlite: Database, tmp_path: Path) -> Postroom:
    """Seven readers of an approved issue, a request for each."""
    newsroom = a_newsroom(sqlite)
    for n in range(7):
        a_reader(sqlite, f"r{n}@example.org")
    an_approved_issue(newsroom, a_summary())
    return a_postroom(newsroom, tmp_path, PaperSender(), batch_size=1)


def answering(postroom: Postroom, *answers: Receipt) -> Postroom:
    return replace(postroom, sender=PaperSender(list(answers)))


def test_the_quick_count_and_the_count_of_every_row_agree_wherever_a_letter_can_stand(
    postroom: Postroom,
) -> None:
    gone = a_reader(postroom.database, "gone@example.org")
    freeze(postroom, MONTH, who="test", now=NOW)
    leave(postroom.database, gone, how="test", now=NOW)
    both_agree(postroom)
    postroom.journal.open()
    assert claim(postroom, 1, now=NOW) is not None
    both_agree(postroom)
    answers = (ACCEPTED, REFUSED, UNKNOWN, UNKNOWN, FORBIDDEN)
    send(answering(postroom, *answers), MONTH, who="test", run=Run())
    both_agree(postroom)
    doubts = watch(postroom, MONTH, now=NOW).doubts
    for doubt, order in zip(doubts, ("skip", "resend"), strict=True):
        resolve(postroom, MONTH, doubt.request.id, order=order, who="test")
        both_agree(postroom)
    steering.cancel(postroom.newsroom, MONTH, who="test", now=NOW)
    counted = both_agree(postroom)
    assert (counted.rejected, counted.held, counted.accepted) == (1, 1, 1)
    assert counted.cancelled + counted.suppressed_late + counted.in_flight == 5


def both_agree(postroom: Postroom) -> Equation:
    quick = watch(postroom, MONTH, now=NOW).equation
    with postroom.database.read() as session:
        assert quick == equation_of(session, issue_named(session, MONTH))
    assert quick.balances
    return quick


def test_every_stage_has_a_name_and_says_whether_stop_would_do_anything(
    postroom: Postroom,
) -> None:
    newsroom, later = postroom.newsroom, NOW + timedelta(hours=1)
    found = [watch(postroom, MONTH, now=NOW)]
    steering.schedule(newsroom, MONTH, at=later, who="test", now=NOW)
    found += [watch(postroom, MONTH, now=NOW), watch(postroom, MONTH, now=later)]
    freeze(postroom, MONTH, who="test", now=NOW)
    found.append(watch(postroom, MONTH, now=NOW))
    steering.pause(newsroom, MONTH, who="ann@example.org", now=NOW)
    found.append(watch(postroom, MONTH, now=NOW))
    steering.resume(newsroom, MONTH, who="test", now=NOW)
    send(postroom, MONTH, who="test", run=Run())
    found.append(watch(postroom, MONTH, now=NOW))
    assert [(watched.stage, watched.can_stop) for watched in found] == [
        (Stage.OPEN, False),
        (Stage.SCHEDULED, True),
        (Stage.DUE, True),
        (Stage.SENDING, True),
        (Stage.STOPPED, False),
        (Stage.SENT, False),
    ]
    assert found[4].why is not None
    assert found[4].why.words == "ann@example.org stopped it."
    assert [watched.tenths for watched in found] == [0, 0, 0, 0, 0, 10]


def test_nothing_is_promised_of_a_letter_that_was_stopped_for_good(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    recalling = replace(postroom, recaller=create_autospec(SendGridBatches))
    with postroom.database.write() as session:
        kept = {"batch_id": "batch", "release_at": NOW + timedelta(hours=1)}
        session.execute(update(Request).values(kept))
    found = watch(recalling, MONTH, now=NOW)
    assert (found.can_stop, found.window.recallable) == (True, 7)
    with postroom.database.write() as session:
        session.execute(update(Issue).values(state=IssueState.CANCELLED))
    found = watch(recalling, MONTH, now=NOW)
    assert (found.can_stop, found.window.recallable, found.window.gone) == (False, 0, 7)
    with pytest.raises(StateError, match="nothing to recall"):
        stop(recalling, MONTH, who="test", now=NOW)
