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
    stored,
)
from pprmail.errors import NotFoundError, StateError
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.services.assembly import assemble
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.reports import status
from pprmail.services.steering import cancel, pause, resume, schedule, skip
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.summaries import summary_with

MONTH = Month("2026-11")
TOMORROW = NOW + timedelta(days=1)


def test_only_an_approved_issue_is_scheduled_and_only_for_a_time_to_come(
    database: Database,
) -> None:
    newsroom = a_newsroom(database)
    stored(database, a_summary("One?"))
    assemble(newsroom, MONTH, who="test", now=NOW)
    with pytest.raises(StateError, match="is draft, not approved"):
        schedule(newsroom, MONTH, at=TOMORROW, who="test", now=NOW)
    an_approved_issue(newsroom, a_summary("Another?"))
    with pytest.raises(StateError, match="has passed"):
        schedule(newsroom, MONTH, at=NOW, who="test", now=NOW)
    assert schedule(newsroom, MONTH, at=TOMORROW, who="test", now=NOW).send_at == TOMORROW


def test_what_changed_since_the_approval_is_not_scheduled(database: Database) -> None:
    newsroom = a_newsroom(database)
    an_approved_issue(newsroom, a_summary("One?"))
    with database.write() as session:
        summary = summary_with(session, "one")
        assert summary is not None
        summary.doi = "10.1000/other"
    with pytest.raises(StateError, match=r"summary one\.doi"):
        schedule(newsroom, MONTH, at=TOMORROW, who="test", now=NOW)
    assert status(newsroom, MONTH, now=NOW).issue.send_at is None


def test_a_month_is_skipped_whether_or_not_its_issue_was_begun(database: Database) -> None:
    newsroom = a_newsroom(database)
    assert skip(newsroom, MONTH, who="test", now=NOW).state is IssueState.SKIPPED
    an_approved_issue(newsroom, a_summary("One?", month="2026-12"))
    assert skip(newsroom, Month("2026-12"), who="test", now=NOW).state is IssueState.SKIPPED
    with pytest.raises(StateError, match="is skipped and can't become skipped"):
        skip(newsroom, MONTH, who="test", now=NOW)


def test_cancelling_a_scheduled_issue_only_takes_it_off_the_schedule(database: Database) -> None:
    newsroom = a_newsroom(database)
    an_approved_issue(newsroom, a_summary("One?"))
    schedule(newsroom, MONTH, at=TOMORROW, who="test", now=NOW)
    issue, spared = cancel(newsroom, MONTH, who="test", now=NOW)
    assert (issue.state, issue.send_at, spared) == (IssueState.APPROVED, None, 0)


def test_cancelling_a_sending_spares_whoever_waits_and_the_equation_holds(
    database: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(database)
    for number in range(3):
        a_reader(database, f"r{number}@example.org")
    an_approved_issue(newsroom, a_summary("One?"))
    freeze(a_postroom(newsroom, tmp_path, PaperSender()), MONTH, who="test", now=NOW)
    issue, spared = cancel(newsroom, MONTH, who="test", now=NOW)
    assert (issue.state, spared) == (IssueState.CANCELLED, 3)
    found = status(newsroom, MONTH, now=NOW)
    assert (found.equation.cancelled, found.balanced) == (3, True)


def test_what_is_not_being_sent_can_be_neither_paused_nor_cancelled(database: Database) -> None:
    newsroom = a_newsroom(database)
    an_approved_issue(newsroom, a_summary("One?"))
    with pytest.raises(StateError, match="nothing to pause"):
        pause(newsroom, MONTH, who="test", now=NOW)
    with pytest.raises(StateError, match="not paused"):
        resume(newsroom, MONTH, who="test", now=NOW)
    with pytest.raises(StateError, match="can't become cancelled"):
        cancel(newsroom, MONTH, who="test", now=NOW)
    with pytest.raises(NotFoundError):
        pause(newsroom, "2031-01", who="test", now=NOW)
    with database.read() as session:
        assert issue_named(session, MONTH).state is IssueState.APPROVED
