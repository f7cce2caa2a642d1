"""An older database is put back while the journal has gone on: nothing is sent twice for it."""

from dataclasses import replace
from pathlib import Path

import pytest

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
from pprmail.errors import GuardError
from pprmail.model.issue import IssueState
from pprmail.sending.journal import Journal
from pprmail.services.dispatch.fence import refuse_older_database
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.run import Run, send
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema


def approved(database: Database, folder: Path, sender: PaperSender) -> Postroom:
    newsroom = a_newsroom(database)
    for number in range(10):
        a_reader(database, f"r{number}@example.org")
    an_approved_issue(newsroom, a_summary())
    return a_postroom(newsroom, folder, sender, batch_size=4)


def test_a_copy_from_before_the_sending_sends_nothing_and_says_what_it_would_have_repeated(
    tmp_path: Path,
) -> None:
    live, copy = tmp_path / "live.db", tmp_path / "copy.db"
    postroom = approved(database_at(live), tmp_path, PaperSender())
    postroom.database.close()
    copy.write_bytes(live.read_bytes())
    assert send(at(live, postroom), MONTH, who="test", run=Run()).state is IssueState.SENT
    sender = PaperSender()
    restored = at(copy, postroom, sender)
    with pytest.raises(GuardError) as refused:
        send(restored, MONTH, who="test", run=Run())
    assert "3 requests more" in str(refused.value)
    assert "10 of 2026-11" in str(refused.value)
    assert refused.value.where == str(tmp_path / "journal")
    assert sender.envelopes == []
    (tmp_path / "journal").rename(tmp_path / "put-away")
    assert send(restored, MONTH, who="test", run=Run()).state is IssueState.SENT


def test_a_journal_of_its_own_is_no_obstacle_before_in_and_after_a_sending(
    database: Database, tmp_path: Path
) -> None:
    postroom = approved(database, tmp_path, PaperSender())
    refuse_older_database(postroom)
    send(postroom, MONTH, who="test", run=Run())
    refuse_older_database(postroom)


def test_a_journal_of_another_installation_and_torn_lines_are_no_obstacle(
    database: Database, tmp_path: Path
) -> None:
    postroom = approved(database, tmp_path, PaperSender())
    other = Journal(tmp_path / "journal", "another-installation")
    other.write("r1", "intent", at=NOW, issue="2026-11", size=4)
    (tmp_path / "journal" / "torn.journal").write_text('{"installation": "test-inst')
    assert send(postroom, MONTH, who="test", run=Run()).state is IssueState.SENT


def test_the_fence_stands_before_the_freeze(database: Database, tmp_path: Path) -> None:
    postroom = approved(database, tmp_path, PaperSender())
    postroom.journal.write("r1", "intent", at=NOW, issue="2026-10", size=7)
    with pytest.raises(GuardError, match="7 of 2026-10"):
        send(postroom, MONTH, who="test", run=Run())
    assert freeze(postroom, MONTH, who="test", now=NOW).frozen_readers == 10


def database_at(path: Path) -> Database:
    database = Database.at(f"sqlite:///{path}", beside=Path("/"))
    ensure_schema(database)
    return database


def at(path: Path, postroom: Postroom, sender: PaperSender | None = None) -> Postroom:
    newsroom = a_newsroom(database_at(path))
    return replace(postroom, newsroom=newsroom, sender=sender or postroom.sender)
