"""A year's figures are those of its issues, its months and its topics, on a page and as CSV."""

import csv
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from making import (
    EMPATHY,
    NOW,
    TRAINING,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.services.dispatch.run import Run, send
from pprmail.services.keeping import Keeping
from pprmail.services.leaving import leave
from pprmail.services.reader_figures import ReaderFigures
from pprmail.services.year import year_as_csv, year_of, years_known
from pprmail.storage.database import Database
from pprmail.storage.tables import Delivery

HOUR = timedelta(hours=1)


@pytest.fixture
def database(sqlite: Database) -> Database:
    return sqlite


def test_a_year_is_told_by_issue_by_month_and_by_topic(database: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(database)
    ada = a_reader(database, "ada@example.org", EMPATHY)
    a_reader(database, "bo@example.org", TRAINING, EMPATHY)
    a_reader(database, "cy@example.org")
    issue = an_approved_issue(newsroom, a_summary(topics=[EMPATHY, TRAINING]))
    send(a_postroom(newsroom, tmp_path, PaperSender()), issue, who="test", run=Run())
    leave(database, ada, how="test", now=NOW + HOUR)
    with database.write() as session:
        first, second, _ = session.scalars(select(Delivery).order_by(Delivery.id))
        first.delivered_at = second.delivered_at = second.complained_at = NOW
    figures = ReaderFigures(replace(newsroom, kept=Keeping(20.0)))
    year = year_of(figures, 2026, now=NOW)
    assert (year.is_whole, year.counted_at) == (True, NOW)
    (only,) = year.issues
    told = (only.readers, only.accepted, only.delivered, only.bounced, only.complained, only.left)
    assert told == (3, 3, 2, 0, 1, 1)
    assert [(t.name, t.letters) for t in year.topics] == [("Empathy", 2), ("Training", 1)]
    november = year.growth[-1]
    assert (november.gained, november.left, november.total) == (3, 1, 2)
    rows = list(csv.reader(StringIO(year_as_csv(year).lstrip("\ufeff"))))
    assert rows[1] == ["2026-11", "3", "3", "2", "0", "1", "1"]
    assert ["2026-11", "3", "1", "2"] in rows
    assert rows[-1] == ["Training", "1"]
    assert years_known(newsroom, now=NOW) == [2026]
    assert year_of(figures, 2025, now=NOW).issues == []
