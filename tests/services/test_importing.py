"""An import brings in what is new and loses nothing that an editor did."""

from dataclasses import replace

import pytest

from making import ALLIANCE, MONTH, NOW, TRAINING, a_newsroom
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month
from pprmail.model.summary import Summary, TextFormat
from pprmail.services.archive import listed, shown
from pprmail.services.assembly import assemble
from pprmail.services.importing import Imported, bring_in, bring_in_and_replace
from pprmail.services.review import approve
from pprmail.sources.entry import Entry, Sources, TextEntry
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named, present_editions

ENTRY = Entry(
    month=MONTH,
    title="One?",
    citation="Doe, J. (2021). A study of something. Journal of Studies, 5(2), 10–20.",
    doi="10.1000/xyz123",
    type_of_research="Meta-analysis",
    body="Some words about what was found. " * 20,
    implications="What a clinician may do with it. " * 8,
    text_format=TextFormat.MARKDOWN,
    where="one.md",
    topics=[ALLIANCE],
    source_name="one.md",
)
TWO = replace(ENTRY, title="Two?", where="two.md", source_name="two.md")
TEXT = TextEntry(MONTH, "News", "And more", [], "Hello.", "A notice.", "2026-11/issue.md")


def test_importing_twice_changes_nothing(database: Database) -> None:
    first = imported(database, ENTRY, TWO, texts=[TEXT])
    assert first.added == ["one", "two", "issue.md of 2026-11"]
    before = archive(database)
    for work in (imported, updated):
        again = work(database, ENTRY, TWO, texts=[TEXT])
        assert (again.added, again.replaced, again.kept, again.notes) == ([], [], [], [])
    assert archive(database) == before


def test_a_changed_entry_is_kept_without_update_and_replaced_with_it(database: Database) -> None:
    imported(database, ENTRY)
    mended = replace(ENTRY, body="Other words.", topics=[TRAINING, ALLIANCE])
    kept = imported(database, mended)
    assert ([change.name for change in kept.kept], kept.replaced) == (["one"], [])
    assert one(database).body == ENTRY.body
    replaced = updated(database, mended)
    assert (replaced.replaced, replaced.kept) == (["one"], [])
    assert (one(database).body, one(database).topics) == ("Other words.", [TRAINING, ALLIANCE])


def test_a_mended_title_keeps_the_slug(database: Database) -> None:
    imported(database, ENTRY)
    updated(database, replace(ENTRY, title="One and Only?"))
    assert (one(database).title, len(listed(a_newsroom(database)))) == ("One and Only?", 1)


def test_a_title_that_another_month_has_gets_a_slug_with_its_month(database: Database) -> None:
    imported(database, ENTRY)
    later = replace(ENTRY, month=Month("2026-12"))
    assert imported(database, later).added == ["one-2026-12"]
    assert imported(database, later).added == []


def test_a_page_adds_topics_without_update_and_takes_none_away(database: Database) -> None:
    page = replace(ENTRY, text_format=TextFormat.PLAIN)
    imported(database, page)
    assert imported(database, replace(page, topics=[TRAINING])).replaced == ["one"]
    assert one(database).topics == [ALLIANCE, TRAINING]


def test_a_page_adds_nothing_to_what_is_approved(database: Database) -> None:
    page = replace(ENTRY, text_format=TextFormat.PLAIN)
    approved(database, page)
    assert [c.name for c in imported(database, replace(page, topics=[TRAINING])).kept] == ["one"]
    assert (issue(database).state, one(database).topics) == (IssueState.APPROVED, [ALLIANCE])


def test_a_draft_grows_and_keeps_what_its_editor_changed(database: Database) -> None:
    drafted(database, ENTRY)
    edit(database, subject="My own subject", introduction="My own words.")
    result = imported(database, TWO, texts=[replace(TEXT, order=["two", "one"])])
    assert result.notes == ["two was taken into the issue of 2026-11"]
    grown = issue(database)
    assert [summary.slug for summary in grown.summaries] == ["two", "one"]
    assert (grown.subject, grown.introduction) == ("My own subject", "My own words.")
    assert (grown.preheader, grown.notices) == ("And more", "A notice.")


def test_update_puts_the_issue_text_in_place_of_what_an_editor_said(database: Database) -> None:
    drafted(database, ENTRY, texts=[TEXT])
    edit(database, subject="My own subject")
    other = replace(TEXT, introduction="Good day.")
    assert [change.name for change in imported(database, texts=[other]).kept] == [
        "issue.md of 2026-11"
    ]
    assert (issue(database).subject, issue(database).introduction) == ("My own subject", "Hello.")
    assert updated(database, texts=[other]).replaced == ["issue.md of 2026-11"]
    assert (issue(database).subject, issue(database).introduction) == ("News", "Good day.")


def test_a_seventh_summary_stays_outside_the_draft_with_a_word_about_it(
    database: Database,
) -> None:
    titles = [f"Number {n}?" for n in range(7)]
    drafted(database, *(replace(ENTRY, title=t, source_name=f"{t}.md") for t in titles[:6]))
    result = imported(database, replace(ENTRY, title=titles[6], source_name="7.md"))
    assert (result.added, len(issue(database).summaries)) == (["number-6"], 6)
    assert "already holds 6 summaries" in result.notes[0]
    assert "move this summary to another month" in result.notes[0]


def test_a_plain_import_never_changes_an_approved_issue(database: Database) -> None:
    approved(database, ENTRY)
    before = standing(database)
    result = imported(database, TWO, replace(ENTRY, body="Other words."), texts=[TEXT])
    assert standing(database) == before
    assert (result.added, [c.name for c in result.kept]) == (
        ["two", "issue.md of 2026-11"],
        ["one"],
    )
    assert "approved and was not changed by “Two?”; to take it in" in result.notes[0]
    assert result.notes[1] == "the issue of 2026-11 is approved and was not changed"
    assert one(database).body == ENTRY.body


@pytest.mark.parametrize("what", ["changed", "new", "text"])
def test_update_of_what_an_approved_issue_holds_ends_the_approval_once(
    database: Database, what: str
) -> None:
    approved(database, ENTRY)
    sources = {
        "changed": Sources([replace(ENTRY, body="Other words.")]),
        "new": Sources([TWO]),
        "text": Sources(texts=[TEXT]),
    }
    result = bring_in_and_replace(a_newsroom(database), sources[what], who="test", now=NOW)
    assert issue(database).state is IssueState.DRAFT
    assert sum("the approval of 2026-11 has ended" in said for said in result.notes) == 1


def test_update_takes_in_what_stayed_outside_an_approval(database: Database) -> None:
    approved(database, ENTRY)
    imported(database, TWO)
    assert updated(database, TWO).replaced == []
    assert [summary.slug for summary in issue(database).summaries] == ["one", "two"]
    assert issue(database).state is IssueState.DRAFT


def test_update_of_another_months_summary_leaves_the_approval(database: Database) -> None:
    approved(database, ENTRY)
    updated(database, replace(TWO, month=Month("2026-12")))
    assert issue(database).state is IssueState.APPROVED


def test_a_full_approved_issue_stays_approved_when_there_is_no_room(database: Database) -> None:
    entries = [replace(ENTRY, title=f"Number {n}?", source_name=f"{n}.md") for n in range(6)]
    approved(database, *entries)
    before = standing(database)
    result = updated(database, TWO)
    assert (result.added, standing(database)) == (["two"], before)
    assert "already holds 6 summaries" in result.notes[0]


def test_the_letter_that_was_sent_stays_as_it_was(database: Database) -> None:
    approved(database, ENTRY)
    edit(database, state=IssueState.SENT)
    before = standing(database)
    result = updated(database, replace(ENTRY, body="Other words."), TWO, texts=[TEXT])
    assert standing(database) == before
    assert one(database).body == "Other words."
    (said,) = result.notes
    assert said.startswith("one went out in the issue of 2026-11: the letter stays as it was")


def imported(database: Database, *entries: Entry, texts: list[TextEntry] | None = None) -> Imported:
    sources = Sources(list(entries), texts or [])
    return bring_in(a_newsroom(database), sources, who="test", now=NOW)


def updated(database: Database, *entries: Entry, texts: list[TextEntry] | None = None) -> Imported:
    sources = Sources(list(entries), texts or [])
    return bring_in_and_replace(a_newsroom(database), sources, who="test", now=NOW)


def drafted(database: Database, *entries: Entry, texts: list[TextEntry] | None = None) -> None:
    imported(database, *entries, texts=texts)
    assemble(a_newsroom(database), MONTH, who="test", now=NOW)


def approved(database: Database, *entries: Entry) -> None:
    drafted(database, *entries)
    approve(a_newsroom(database), MONTH, by="editor@example.org", now=NOW)


def edit(database: Database, **changed: object) -> None:
    with database.write() as session:
        for name, value in changed.items():
            setattr(issue_named(session, MONTH), name, value)


def issue(database: Database) -> Issue:
    with database.read() as session:
        return issue_named(session, MONTH)


def one(database: Database) -> Summary:
    return shown(a_newsroom(database), "one")


def archive(database: Database) -> list[tuple[object, ...]]:
    return [(s.slug, s.version, s.updated_at, s.body) for s in listed(a_newsroom(database))]


def standing(database: Database) -> tuple[object, ...]:
    with database.read() as session:
        held = issue_named(session, MONTH)
        editions = [(e.selection, e.html, e.text) for e in present_editions(session, held)]
        slugs = [summary.slug for summary in held.summaries]
        return held.state, held.version, slugs, held.introduction, editions
