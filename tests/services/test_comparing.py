"""What an import would do is told before anything is done."""

from dataclasses import replace

import pytest

from making import ALLIANCE, MONTH, NOW, TRAINING, a_newsroom
from pprmail.errors import SourceError
from pprmail.model.month import Month
from pprmail.model.summary import TextFormat
from pprmail.services.archive import listed
from pprmail.services.comparing import Comparison, Difference, compare
from pprmail.services.importing import bring_in
from pprmail.sources.entry import Entry, Sources, TextEntry
from pprmail.storage.database import Database

ENTRY = Entry(
    month=MONTH,
    title="Does It Help?",
    citation="Doe, J. (2021). A study.",
    body="Words.",
    implications="More words.",
    text_format=TextFormat.MARKDOWN,
    where="summaries/help.md",
    topics=[ALLIANCE],
    source_name="help.md",
)
TEXT = TextEntry(MONTH, "News", None, [], "Hello.", "", "summaries/2026-11/issue.md")


def test_an_empty_archive_makes_everything_new_and_nothing_is_stored(database: Database) -> None:
    comparison = compared(database, ENTRY, texts=[TEXT])
    assert (comparison.new, comparison.new_texts) == ([ENTRY], [TEXT])
    assert (comparison.changed, comparison.unchanged) == ([], [])
    assert list(listed(a_newsroom(database))) == []


def test_what_reads_the_same_is_unchanged(database: Database) -> None:
    known(database, ENTRY, texts=[TEXT])
    comparison = compared(database, replace(ENTRY, where="elsewhere.md"), texts=[TEXT])
    assert [summary.slug for summary in comparison.unchanged] == ["does-it-help"]
    assert (comparison.new, comparison.changed, comparison.new_texts) == ([], [], [])


def test_a_change_names_its_source_and_each_field_before_and_after(database: Database) -> None:
    known(database, ENTRY)
    mended = replace(ENTRY, body="Better words.", topics=[ALLIANCE, TRAINING])
    (change,) = compared(database, mended).changed
    assert (change.name, change.source, change.where) == ("does-it-help", mended, mended.where)
    assert change.differences == [
        Difference("topics", [ALLIANCE], [ALLIANCE, TRAINING]),
        Difference("body", "Words.", "Better words."),
    ]
    assert not change.only_adds


def test_an_issue_text_that_reads_otherwise_is_a_change(database: Database) -> None:
    known(database, texts=[TEXT])
    (change,) = compared(database, texts=[replace(TEXT, subject="Other news")]).changed
    assert change.name == "issue.md of 2026-11"
    assert change.differences == [Difference("subject", "News", "Other news")]


def test_a_file_is_known_again_under_a_title_that_was_mended(database: Database) -> None:
    known(database, ENTRY)
    (change,) = compared(database, replace(ENTRY, title="Did It Help?")).changed
    assert [difference.field for difference in change.differences] == ["title"]


def test_a_title_of_another_month_is_new_and_warned_about(database: Database) -> None:
    known(database, ENTRY)
    comparison = compared(database, replace(ENTRY, month=Month("2026-12")))
    assert len(comparison.new) == 1
    assert comparison.warnings == [
        "summaries/help.md: a summary of this title stands in 2026-11 already"
    ]


def test_a_page_of_the_blog_takes_nothing_away(database: Database) -> None:
    known(database, replace(ENTRY, doi=None, text_format=TextFormat.PLAIN))
    page = replace(
        ENTRY, citation=None, doi="10.1000/xyz", topics=[TRAINING], text_format=TextFormat.PLAIN
    )
    (change,) = compared(database, page).changed
    assert change.only_adds
    assert {d.field: d.after for d in change.differences} == {
        "doi": "10.1000/xyz",
        "topics": [ALLIANCE, TRAINING],
    }


def test_an_entry_that_stands_twice_is_taken_once_and_silently(database: Database) -> None:
    comparison = compared(database, ENTRY, replace(ENTRY, where="copy.md"))
    assert (comparison.new, comparison.warnings) == ([ENTRY], [])


def test_an_entry_that_stands_twice_with_other_words_names_both_places(database: Database) -> None:
    comparison = compared(database, ENTRY, replace(ENTRY, where="copy.md", body="Other."))
    assert comparison.new == [ENTRY]
    assert comparison.warnings == [
        "copy.md: stands also at summaries/help.md, with another text; the first was taken"
    ]


def test_an_order_that_names_no_summary_of_its_month_is_refused_with_what_was_meant(
    database: Database,
) -> None:
    with pytest.raises(SourceError, match="has no summary “does-it-hlep”") as refusal:
        compared(database, ENTRY, texts=[replace(TEXT, order=["does-it-hlep"])])
    assert (refusal.value.where, refusal.value.remedy) == (
        TEXT.where,
        "did you mean “does-it-help”?",
    )


def test_an_order_may_name_what_is_stored_and_what_is_coming_but_no_other_month(
    database: Database,
) -> None:
    known(database, ENTRY)
    other = replace(ENTRY, title="And Another?", source_name="another.md")
    ordered = replace(TEXT, order=["and-another", "does-it-help"])
    assert compared(database, other, texts=[ordered]).new_texts == [ordered]
    with pytest.raises(SourceError, match="see: pprmail summaries list"):
        compared(database, texts=[replace(ordered, month=Month("2026-12"))])


def test_gaps_and_doubts_are_warned_about_with_their_place(database: Database) -> None:
    bare = replace(ENTRY, citation=None, body="", implications="", topics=[], warnings=["odd"])
    assert compared(database, bare).warnings == [
        "summaries/help.md: odd",
        "summaries/help.md: no citation",
        "summaries/help.md: no topic: only readers of everything would get it",
        "summaries/help.md: no text",
        "summaries/help.md: no “Practice Implications”",
    ]


def compared(
    database: Database, *entries: Entry, texts: list[TextEntry] | None = None
) -> Comparison:
    return compare(a_newsroom(database), Sources(list(entries), texts or []))


def known(database: Database, *entries: Entry, texts: list[TextEntry] | None = None) -> None:
    bring_in(a_newsroom(database), Sources(list(entries), texts or []), who="test", now=NOW)
