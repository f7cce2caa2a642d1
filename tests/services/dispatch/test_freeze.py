from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from making import (
    ALLIANCE,
    EMPATHY,
    MASTHEAD,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_press,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.errors import ApprovalError, GuardError, PprmailError, StateError
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.services.assembly import assemble
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.newsroom import Newsroom
from pprmail.services.steering import skip
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.summaries import summary_with
from pprmail.storage.tables import Delivery, Edition


def test_the_freeze_promises_each_reader_the_edition_of_his_topics(
    database: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, "both@example.org", ALLIANCE, EMPATHY)
    a_reader(database, "one@example.org", EMPATHY)
    a_reader(database, "none@example.org", "training")
    name = an_approved_issue(
        newsroom, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY])
    )
    issue = freeze(a_postroom(newsroom, tmp_path, PaperSender()), name, who="test", now=NOW)
    assert (issue.state, issue.frozen_readers, issue.frozen_at) == (IssueState.SENDING, 3, NOW)
    assert issue.topics == ["Alliance and Therapeutic Relationship", "Empathy"]
    with database.read() as session:
        editions = select(Edition.selection).join(Delivery).order_by(Delivery.subscriber_id)
        assert session.scalars(editions).all() == [0b11, 0b10, 0]


def test_freezing_twice_or_from_many_threads_promises_once(
    database: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(database)
    for number in range(20):
        a_reader(database, f"r{number}@example.org")
    name = an_approved_issue(newsroom, a_summary())
    postroom = a_postroom(newsroom, tmp_path, PaperSender())
    with ThreadPoolExecutor(6) as pool:
        issues = list(pool.map(lambda _: freeze(postroom, name, who="t", now=NOW), range(6)))
    assert {issue.frozen_readers for issue in issues} == {20}
    assert _promises(database) == 20


def test_a_draft_is_not_sent(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "r@example.org")
    stored(sqlite, a_summary())
    assemble(newsroom, Month("2026-11"), who="test", now=NOW)
    _refused(newsroom, tmp_path, ApprovalError, "is not approved")


def test_a_skipped_month_is_not_sent(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(sqlite)
    skip(newsroom, Month("2026-11"), who="test", now=NOW)
    _refused(newsroom, tmp_path, StateError, "is skipped")


def test_a_summary_changed_after_the_approval_stops_the_sending_and_is_named(
    sqlite: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "r@example.org")
    an_approved_issue(newsroom, a_summary("A Title?"))
    with sqlite.write() as session:
        summary = summary_with(session, "a-title")
        assert summary is not None
        summary.body = "Something else."
    _refused(newsroom, tmp_path, ApprovalError, r"changed since: summary a-title\.body")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"from_name": "Somebody Else"}, r"masthead\.from_name"),
        ({"postal_address": "Elsewhere"}, r"masthead\.postal_address"),
        ({"base_url": "https://other.example.org"}, r"masthead\.base_url"),
    ],
)
def test_another_sender_line_stops_the_sending_and_is_named(
    sqlite: Database, tmp_path: Path, changed: dict[str, str], named: str
) -> None:
    a_reader(sqlite, "r@example.org")
    an_approved_issue(a_newsroom(sqlite), a_summary())
    other = a_newsroom(sqlite, press=a_press(replace(MASTHEAD, **changed)))  # type: ignore[arg-type]
    _refused(other, tmp_path, ApprovalError, named)


def test_stored_bytes_that_changed_stop_the_sending(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "r@example.org")
    an_approved_issue(newsroom, a_summary())
    with sqlite.write() as session:
        session.query(Edition).filter(Edition.selection == 1).one().html += "<p>More.</p>"
    _refused(newsroom, tmp_path, ApprovalError, "changed since: edition 1")


def test_readers_outside_the_allowed_addresses_stop_it_with_their_number(
    database: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, "me@example.org")
    a_reader(database, "you@example.com")
    an_approved_issue(newsroom, a_summary())
    _refused(newsroom, tmp_path, GuardError, "1 of 2 readers", allowed=["*@example.org"])
    _refused(newsroom, tmp_path, GuardError, "2 of 2 readers", allowed=[])


def test_an_issue_that_nobody_would_get_is_not_begun(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(sqlite)
    an_approved_issue(newsroom, a_summary())
    _refused(newsroom, tmp_path, GuardError, "nobody would get")


def _refused(
    newsroom: Newsroom,
    folder: Path,
    error: type[PprmailError],
    said: str,
    *,
    allowed: list[str] | None = None,
) -> None:
    postroom = a_postroom(
        newsroom, folder, PaperSender(), allowed=allowed if allowed is not None else ["*"]
    )
    with pytest.raises(error, match=said):
        freeze(postroom, "2026-11", who="test", now=NOW)
    assert _promises(postroom.database) == 0
    with postroom.database.read() as session:
        assert issue_named(session, "2026-11").state is not IssueState.SENDING


def _promises(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0
