from making import EMPATHY, MONTH, NOW, a_newsroom, a_summary, stored
from pprmail.services.assembly import assemble
from pprmail.services.issue_editing import IssueWords, issue_to_edit, move, save_words
from pprmail.services.newsroom import Newsroom
from pprmail.services.ticking import Checked, Ticks, checked, tick_off
from pprmail.storage.database import Database
from pprmail.storage.summaries import summary_with

WHO = "editor@example.org"
FIRST = "first-of-two"


def a_draft(database: Database) -> Newsroom:
    newsroom = a_newsroom(database)
    first = a_summary("First of Two?", doi=None)
    stored(database, first, a_summary("Second of Two?", topics=[EMPATHY]))
    assemble(newsroom, MONTH, who=WHO, now=NOW)
    return newsroom


def tick_all(newsroom: Newsroom) -> Checked:
    found = checked(newsroom, MONTH, now=NOW)
    ticks = Ticks([warned.digest for warned in found.warnings])
    return tick_off(newsroom, MONTH, ticks, who=WHO, now=NOW)


def test_a_warning_waits_until_somebody_accepts_it_by_name(database: Database) -> None:
    newsroom = a_draft(database)
    found = checked(newsroom, MONTH, now=NOW)
    assert [w.name for w in found.waiting] == [f"no_doi: summary {FIRST}"]
    assert not found.ok
    ticked = tick_all(newsroom)
    assert ticked.ok
    assert ticked.warnings[0].accepted is not None
    assert ticked.warnings[0].accepted.who == WHO


def test_a_tick_survives_what_it_does_not_speak_of(sqlite: Database) -> None:
    newsroom = a_draft(sqlite)
    tick_all(newsroom)
    version = IssueWords.of(issue_to_edit(newsroom, MONTH)).version
    words = IssueWords(None, None, "An introduction.", "")
    save_words(newsroom, MONTH, words, version=version, who=WHO, now=NOW)
    move(newsroom, MONTH, FIRST, by=1, who=WHO, now=NOW)
    assert checked(newsroom, MONTH, now=NOW).ok


def test_a_tick_ends_when_what_it_speaks_of_changes(sqlite: Database) -> None:
    newsroom = a_draft(sqlite)
    tick_all(newsroom)
    with sqlite.write() as session:
        summary = summary_with(session, FIRST)
        assert summary is not None
        summary.body += " One more sentence."
    assert [w.name for w in checked(newsroom, MONTH, now=NOW).waiting] == [
        f"no_doi: summary {FIRST}"
    ]


def test_a_tick_can_be_taken_back(sqlite: Database) -> None:
    newsroom = a_draft(sqlite)
    ticked = [warned.digest for warned in tick_all(newsroom).warnings]
    assert tick_off(newsroom, MONTH, Ticks([], ticked), who=WHO, now=NOW).waiting
    assert tick_all(newsroom).ok


def test_an_older_page_takes_back_no_tick_that_it_did_not_show(database: Database) -> None:
    newsroom = a_draft(database)
    tick_all(newsroom)
    assert tick_off(newsroom, MONTH, Ticks([]), who="late@example.org", now=NOW).ok


def test_an_older_page_ticks_nothing_off_again_that_was_unticked_meanwhile(
    sqlite: Database,
) -> None:
    newsroom = a_draft(sqlite)
    ticked = [warned.digest for warned in tick_all(newsroom).warnings]
    tick_off(newsroom, MONTH, Ticks([], ticked), who=WHO, now=NOW)
    late = tick_off(newsroom, MONTH, Ticks(ticked, ticked), who="late@example.org", now=NOW)
    assert late.waiting


def test_a_name_that_no_present_warning_has_ticks_nothing_off(sqlite: Database) -> None:
    newsroom = a_draft(sqlite)
    assert tick_off(newsroom, MONTH, Ticks(["0" * 64]), who=WHO, now=NOW).waiting
