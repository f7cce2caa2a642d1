import pytest
from sqlalchemy import select

from making import EMPATHY, MONTH, NOW, a_newsroom, a_summary, an_approved_issue, stored
from pprmail.errors import NotFoundError, StateError
from pprmail.model.issue import IssueState
from pprmail.services.assembly import assemble
from pprmail.services.issue_editing import IssueWords, Saved, Stale, issue_to_edit, move, save_words
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import refresh_editions
from pprmail.services.steering import skip
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry

WHO = "editor@example.org"
WORDS = IssueWords("A subject of my own", None, "Hello.", "")
FIRST, SECOND = "first-of-two", "second-of-two"


def a_draft(database: Database) -> tuple[Newsroom, str]:
    newsroom = a_newsroom(database)
    stored(database, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY]))
    assemble(newsroom, MONTH, who=WHO, now=NOW)
    return newsroom, present(newsroom)


def present(newsroom: Newsroom) -> str:
    return IssueWords.of(issue_to_edit(newsroom, MONTH)).version


def lines(database: Database, what: str) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.what == what)))


def save(newsroom: Newsroom, words: IssueWords, version: str) -> Saved | Stale:
    return save_words(newsroom, MONTH, words, version=version, who=WHO, now=NOW)


def test_words_are_kept_and_the_log_says_what_they_were_before(sqlite: Database) -> None:
    newsroom, version = a_draft(sqlite)
    saved = save(newsroom, WORDS, version)
    assert isinstance(saved, Saved)
    assert saved.changed == ["subject", "introduction"]
    (line,) = lines(sqlite, "issue words saved")
    assert line.detail == {
        "before": {"subject": None, "introduction": ""},
        "after": {"subject": "A subject of my own", "introduction": "Hello."},
    }


def test_saving_what_is_there_already_changes_and_logs_nothing(sqlite: Database) -> None:
    newsroom, version = a_draft(sqlite)
    save(newsroom, WORDS, version)
    again = save(newsroom, WORDS, "an old one")
    assert isinstance(again, Saved)
    assert not again.changed
    assert len(lines(sqlite, "issue words saved")) == 1


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(sqlite: Database) -> None:
    newsroom, version = a_draft(sqlite)
    save(newsroom, WORDS, version)
    mine = IssueWords("Another subject", None, "", "")
    refused = save(newsroom, mine, version)
    assert isinstance(refused, Stale)
    assert refused.theirs == WORDS
    assert isinstance(save(newsroom, mine, refused.theirs.version), Saved)


def test_rendering_editions_makes_no_form_stale(sqlite: Database) -> None:
    newsroom, version = a_draft(sqlite)
    refresh_editions(newsroom, MONTH, now=NOW)
    assert isinstance(save(newsroom, WORDS, version), Saved)


def test_saving_ends_an_approval_and_says_so(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    an_approved_issue(newsroom, a_summary(), a_summary("Second of Two?", topics=[EMPATHY]))
    saved = save(newsroom, WORDS, present(newsroom))
    assert isinstance(saved, Saved)
    assert saved.ended_approval
    assert issue_to_edit(newsroom, MONTH).state is IssueState.DRAFT
    assert lines(sqlite, "approval ended")


def test_a_summary_moves_up_and_its_new_place_is_told(sqlite: Database) -> None:
    newsroom, _ = a_draft(sqlite)
    _, place = move(newsroom, MONTH, SECOND, by=-1, who=WHO, now=NOW)
    assert place == 1
    assert [s.slug for s in issue_to_edit(newsroom, MONTH).summaries] == [SECOND, FIRST]
    (line,) = lines(sqlite, "summaries put in order")
    assert line.detail["before"] == {"order": [FIRST, SECOND]}


def test_the_first_summary_can_not_move_further_up(sqlite: Database) -> None:
    newsroom, _ = a_draft(sqlite)
    saved, place = move(newsroom, MONTH, FIRST, by=-1, who=WHO, now=NOW)
    assert (place, saved.changed) == (1, ())
    with pytest.raises(NotFoundError):
        move(newsroom, MONTH, "of-another-month", by=1, who=WHO, now=NOW)


def test_a_letter_that_can_not_change_any_more_stays_as_it_is(sqlite: Database) -> None:
    newsroom, version = a_draft(sqlite)
    skip(newsroom, MONTH, who=WHO, now=NOW)
    with pytest.raises(StateError, match="skipped"):
        save(newsroom, WORDS, version)
    with pytest.raises(StateError, match="skipped"):
        move(newsroom, MONTH, FIRST, by=1, who=WHO, now=NOW)


def test_a_form_is_read_with_single_lines_and_plain_line_ends() -> None:
    form = {"subject": " Two\r\nlines ", "preheader": "  ", "introduction": "One \r\n\r\nTwo\r\n"}
    assert IssueWords.written(form) == IssueWords("Two lines", None, "One\n\nTwo", "")
