"""Readers see what went out and what is older than the letter, and nothing else."""

import pytest

from making import ALLIANCE, MONTH, TOPICS, a_newsroom, a_summary, an_issue, stored
from pprmail.errors import NotFoundError
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.model.summary import Summary, TextFormat
from pprmail.services.archive import Archive, listed, shown, summary_json
from pprmail.sources.entry import Entry
from pprmail.storage.database import Database

FIRST = "2026-09"
OLDER = Month("2026-08")


@pytest.mark.parametrize("state", list(IssueState))
def test_a_month_is_published_once_its_letter_begins_to_go_out(
    sqlite: Database, state: IssueState
) -> None:
    issued(sqlite, a_summary("One?"), state=state)
    archive = an_archive(sqlite)
    if state in {IssueState.SENDING, IssueState.SENT}:
        issue, summaries = archive.month(MONTH)
        assert issue is not None
        assert [s.slug for s in summaries] == [archive.summary("one").slug]
        assert archive.months() == [MONTH]
    else:
        assert archive.months() == []
        refused(archive, MONTH, "one")


def test_months_before_the_first_letter_are_published_without_one(database: Database) -> None:
    stored(database, a_summary("Old?", month=OLDER), a_summary("New?", month=FIRST))
    archive = an_archive(database)
    assert archive.months() == [OLDER]
    issue, summaries = archive.month(OLDER)
    assert (issue, [summary.slug for summary in summaries]) == (None, ["old"])
    assert archive.summary("old").title == "Old?"
    refused(archive, Month(FIRST), "new")


def test_months_come_once_each_and_the_newest_first(database: Database) -> None:
    stored(database, a_summary("Old?", month=OLDER), a_summary("Older?", month="2026-01"))
    stored(database, a_summary("As old?", month=OLDER))
    issued(database, a_summary("One?"), state=IssueState.SENT)
    assert an_archive(database).months() == [MONTH, OLDER, "2026-01"]


def test_a_sent_month_shows_what_its_letter_held_in_its_order(database: Database) -> None:
    issued(database, a_summary("Two?"), a_summary("One?"), state=IssueState.SENT)
    stored(database, a_summary("Too late?"))
    _, summaries = an_archive(database).month(MONTH)
    assert [summary.slug for summary in summaries] == ["two", "one"]
    with pytest.raises(NotFoundError):
        an_archive(database).summary("too-late")


def test_an_older_summary_that_a_draft_holds_waits_for_its_letter(database: Database) -> None:
    issued(database, a_summary("Old?", month=OLDER), state=IssueState.DRAFT)
    with pytest.raises(NotFoundError, match="no summary “old” has been published"):
        an_archive(database).summary("old")


def test_what_nobody_has_heard_of_is_not_found(database: Database) -> None:
    refused(an_archive(database), Month("1999-01"), "nothing")


def test_an_editor_sees_everything_and_an_unknown_slug_has_a_remedy(database: Database) -> None:
    stored(database, a_summary("One?"), a_summary("Two?", month="2026-12"))
    newsroom = a_newsroom(database)
    assert [summary.slug for summary in listed(newsroom)] == ["two", "one"]
    assert shown(newsroom, "one").title == "One?"
    with pytest.raises(NotFoundError, match="there is no summary “three”") as refusal:
        shown(newsroom, "three")
    assert refusal.value.remedy == "see: pprmail summaries list"


def test_a_summary_and_an_entry_have_the_same_shape_for_programs() -> None:
    summary = a_summary("One?")
    same = ("title", "citation", "doi", "type_of_research", "topics", "body", "implications")
    given = {name: getattr(summary, name) for name in same}
    entry = Entry(month=MONTH, text_format=TextFormat.MARKDOWN, where="one.md", **given)
    shape = summary_json(summary, TOPICS)
    assert summary_json(entry, TOPICS) == shape
    assert (shape["slug"], shape["month"], shape["warnings"]) == ("one", MONTH, [])
    assert shape["topics"] == TOPICS.names([ALLIANCE])
    assert shape["reference"]["year"] == 2021


def test_what_is_missing_is_warned_about_in_the_shape_too() -> None:
    bare = a_summary("One?", citation=None, topics=[], body="", implications="")
    shape = summary_json(bare, TOPICS)
    assert shape["reference"] is None
    assert shape["warnings"] == [
        "no citation",
        "no topic: only readers of everything would get it",
        "no text",
        "no Practice Implications",
    ]


def an_archive(database: Database) -> Archive:
    return Archive(a_newsroom(database), FIRST)


def issued(database: Database, *summaries: Summary, state: IssueState) -> None:
    with database.write() as session:
        session.add(an_issue(*summaries, state=state))


def refused(archive: Archive, month: Month, slug: str) -> None:
    with pytest.raises(NotFoundError, match=f"nothing has been published in {month}"):
        archive.month(month)
    with pytest.raises(NotFoundError, match=f"no summary “{slug}” has been published"):
        archive.summary(slug)
