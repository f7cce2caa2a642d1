"""What the desk shows is counted before it is opened, where counting takes long."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

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
from pprmail.model.calendar import MonthlyTime
from pprmail.services import ahead, keeping
from pprmail.services.ahead import SHOWN_AT_HOME, count_ahead
from pprmail.services.attention import attention
from pprmail.services.corrections import corrections_of
from pprmail.services.dispatch.run import Run, send
from pprmail.services.newsroom import Newsroom
from pprmail.services.reports import letters_sent
from pprmail.services.standing import issues_listed, this_month
from pprmail.services.tick import Timetable
from pprmail.storage.database import Database
from services.staffing import an_editor_row

USUAL = MonthlyTime.parse("1st tue 09:00")
TIMES = Timetable("2026-10", USUAL, USUAL, timedelta(days=2))


@pytest.fixture
def newsroom(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A letter that was sent, and figures all of which take long to count."""
    monkeypatch.setattr(keeping, "QUICK", timedelta(0))
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "ada@example.org", EMPATHY)
    an_approved_issue(newsroom, a_summary(topics=[EMPATHY]))
    send(a_postroom(newsroom, tmp_path, PaperSender()), MONTH, who="test", run=Run())
    return newsroom


def test_pages_of_the_desk_find_what_was_counted_ahead(newsroom: Newsroom) -> None:
    an_editor_row(newsroom.database)
    count_ahead(newsroom, TIMES, now=NOW)
    no_rows = replace(newsroom.hurried, kept=replace(newsroom.kept, patience=0.0))
    counted = set(newsroom.kept._kept)
    this_month(no_rows, TIMES, now=NOW)
    attention(no_rows, now=NOW)
    issues_listed(no_rows, now=NOW, most=SHOWN_AT_HOME)
    assert [each.issue.name for each in letters_sent(no_rows, now=NOW)] == [MONTH]
    assert [each.holders for each in corrections_of(no_rows, MONTH, now=NOW)[1]] == [1]
    assert set(newsroom.kept._kept) == counted
    assert ("report", MONTH) in counted


def test_where_nobody_has_a_desk_nothing_is_counted(newsroom: Newsroom) -> None:
    count_ahead(newsroom, TIMES, now=NOW)
    assert not newsroom.kept._kept


def test_what_keeps_it_from_counting_is_told_and_the_next_round_comes(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StorageError("the database refuses: locked")

    monkeypatch.setattr(ahead, "editors", refuse)
    with structlog.testing.capture_logs() as told:
        count_ahead(newsroom, TIMES, now=NOW)
    assert [line["why"] for line in told] == ["the database refuses: locked"]
