import pytest

from making import ALLIANCE, EMPATHY, NOW, TRAINING, a_newsroom, a_summary, stored
from pprmail.model.audience import NoMatch
from pprmail.model.month import Month
from pprmail.services.archive import Archive
from pprmail.services.looking_back import Past, looked_back
from pprmail.services.subscriptions import Choice
from pprmail.storage.database import Database

MONTHS = {"2025-11": [EMPATHY], "2025-12": [EMPATHY], "2026-03": [TRAINING], "2026-10": [EMPATHY]}


@pytest.fixture
def archive(database: Database) -> Archive:
    """Months from before the first letter; the first of them is more than a year ago."""
    for month, topics in MONTHS.items():
        stored(database, a_summary(f"Of {month}?", month=Month(month), topics=topics))
    stored(database, a_summary("Not Out Yet?", month=Month("2026-11"), topics=[EMPATHY]))
    return Archive(a_newsroom(database), "2026-11")


@pytest.mark.parametrize(
    ("choice", "got", "notes", "skipped"),
    [
        (Choice((EMPATHY,), NoMatch.NOTE), ["2026-10", "2025-12"], 1, 0),
        (Choice((EMPATHY,), NoMatch.SKIP), ["2026-10", "2025-12"], 0, 1),
        (Choice((EMPATHY,), NoMatch.ALL), ["2026-10", "2026-03", "2025-12"], 0, 0),
        (Choice((), NoMatch.SKIP), ["2026-10", "2026-03", "2025-12"], 0, 0),
        (Choice((ALLIANCE,), NoMatch.NOTE), [], 3, 0),
    ],
)
def test_twelve_months_are_looked_at_as_they_would_have_been_sent(
    archive: Archive, choice: Choice, got: list[str], notes: int, skipped: int
) -> None:
    past = looked_back(archive, choice, now=NOW)
    assert [summary.month for summary in past.got] == got
    assert (past.published, past.notes, past.skipped) == (3, notes, skipped)


def test_where_nothing_was_published_nothing_is_said(database: Database) -> None:
    archive = Archive(a_newsroom(database), "2026-11")
    assert looked_back(archive, Choice((), NoMatch.NOTE), now=NOW) == Past((), 0, 0, 0)
