"""What an editor saves by hand behaves as an import does, and nothing that was written is lost."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from making import ALLIANCE, MONTH, NOW, TRAINING, a_newsroom
from pprmail.errors import NotFoundError, StateError
from pprmail.model.correction import CorrectionKind
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month
from pprmail.model.summary import Summary, TextFormat
from pprmail.services.archive import listed, shown
from pprmail.services.assembly import assemble
from pprmail.services.contents import months_listed, standing
from pprmail.services.corrections import add_note, draft_letter
from pprmail.services.importing import bring_in
from pprmail.services.review import approve
from pprmail.services.writing import Overtaken, Saved, Writer, add, change, delete, mend, take_in
from pprmail.sources.entry import Entry, Sources
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import AuditEntry

EDITH = Writer("edith@example.org", "edith")
LATER = Month("2026-12")
ENTRY = Entry(
    month=MONTH,
    title="One?",
    citation="Doe, J. (2021). A study of something. Journal of Studies, 5(2), 10–20.",
    doi="10.1000/xyz123",
    type_of_research="Meta-analysis",
    body="Some words about what was found. " * 20,
    implications="What a clinician may do with it. " * 8,
    text_format=TextFormat.MARKDOWN,
    where="the form",
    topics=[ALLIANCE],
)
TWO = replace(ENTRY, title="Two?")


def test_a_new_summary_joins_the_draft_of_its_month(database: Database) -> None:
    added(database, ENTRY)
    assemble(a_newsroom(database), MONTH, who="test", now=NOW)
    saved = added(database, TWO)
    assert (saved.slug, saved.notes) == ("two", ["two was taken into the issue of 2026-11"])
    assert held(database) == ["one", "two"]
    assert log(database, "two")[0].detail["after"]["title"] == "Two?"


def test_a_month_holds_no_two_of_one_title(sqlite: Database) -> None:
    added(sqlite, ENTRY)
    with pytest.raises(StateError, match="has a summary of this title already") as refusal:
        added(sqlite, replace(ENTRY, body="Other words."))
    assert refusal.value.where == "title"
    assert added(sqlite, replace(ENTRY, month=LATER)).slug == "one-2026-12"
    assert added(sqlite, replace(ENTRY, title="New")).slug == "new-2026-11"


def test_a_title_that_was_given_up_is_free_and_one_that_is_taken_is_refused_to_a_renaming(
    sqlite: Database,
) -> None:
    added(sqlite, ENTRY)
    saved(sqlite, "one", replace(ENTRY, title="Renamed"))
    assert added(sqlite, ENTRY).slug == "one-2026-11"
    with pytest.raises(StateError, match="has a summary of this title already"):
        saved(sqlite, "one-2026-11", replace(ENTRY, title="renamed?"))
    assert saved(sqlite, "one", replace(ENTRY, title="Renamed!")).slug == "one"


def test_titles_that_begin_alike_for_long_are_two_titles(sqlite: Database) -> None:
    long = " ".join(["A long question about what happens in psychotherapy"] * 3)
    added(sqlite, replace(ENTRY, title=f"{long} at first?"))
    assert added(sqlite, replace(ENTRY, title=f"{long} later on?")).slug.endswith("-2026-11")


def test_what_went_out_is_not_renamed_to_a_title_that_its_month_has(sqlite: Database) -> None:
    approved(sqlite, ENTRY, TWO)
    with sqlite.write() as session:
        issue_named(session, MONTH).begin_sending(readers=0, topics=[], now=NOW)
    with pytest.raises(StateError, match="has a summary of this title already"):
        mend(a_newsroom(sqlite), "one", TWO, version=1, writer=EDITH, now=NOW)


def test_saving_writes_what_changed_and_nothing_else_into_the_log(database: Database) -> None:
    added(database, ENTRY)
    saved(database, "one", replace(ENTRY, body="Other words.", topics=[TRAINING, ALLIANCE]))
    saved(database, "one", replace(ENTRY, body="Other words.", topics=[TRAINING, ALLIANCE]))
    (line,) = [entry for entry in log(database, "one") if entry.what == "summary changed"]
    assert line.who == "edith@example.org"
    assert line.detail["before"] == {"body": ENTRY.body, "topics": [ALLIANCE]}
    assert line.detail["after"] == {"body": "Other words.", "topics": [TRAINING, ALLIANCE]}


def test_a_change_ends_the_approval_before_it_returns(database: Database) -> None:
    approved(database)
    result = saved(database, "one", replace(ENTRY, body=f"{ENTRY.body} More."))
    assert issue(database).state is IssueState.DRAFT
    assert "the approval of 2026-11 has ended" in result.notes[0]


def test_a_new_summary_leaves_an_approval_until_somebody_takes_it_in(database: Database) -> None:
    approved(database)
    assert "use the button on the page" in added(database, TWO).notes[0]
    assert (issue(database).state, held(database)) == (IssueState.APPROVED, ["one"])
    assert standing(a_newsroom(database), "two").may_be_taken_in
    taken = take_in(a_newsroom(database), "two", writer=EDITH, now=NOW)
    assert len(taken.notes) == 2
    assert (issue(database).state, held(database)) == (IssueState.DRAFT, ["one", "two"])


def test_who_saves_an_older_version_changes_nothing_and_is_told_of_the_newer(
    database: Database,
) -> None:
    added(database, ENTRY)
    version = shown(a_newsroom(database), "one").version
    saved(database, "one", replace(ENTRY, body="Theirs."), version=version)
    mine = change(
        a_newsroom(database),
        "one",
        replace(ENTRY, body="Mine."),
        version=version,
        writer=replace(EDITH, email="bo@example.org"),
        now=NOW,
    )
    assert isinstance(mine, Overtaken)
    assert (mine.who, mine.present.body) == ("edith@example.org", "Theirs.")
    assert shown(a_newsroom(database), "one").body == "Theirs."


def test_who_has_put_a_note_on_a_summary_has_not_saved_it(database: Database) -> None:
    approved(database)
    with database.write() as session:
        issue_named(session, MONTH).begin_sending(readers=0, topics=[], now=NOW)
    newsroom, mended = a_newsroom(database), replace(ENTRY, body="Mended.")
    mend(newsroom, "one", mended, version=1, writer=EDITH, now=NOW)
    said = CorrectionKind.CORRECTION, "It was wrong."
    add_note(newsroom, MONTH, about="one", said=said, by="bo@example.org", now=NOW)
    mine = mend(newsroom, "one", ENTRY, version=1, writer=EDITH, now=NOW)
    assert isinstance(mine, Overtaken)
    assert mine.who == "edith@example.org"


def test_a_moved_summary_leaves_one_letter_and_joins_the_other(database: Database) -> None:
    approved(database, ENTRY, TWO)
    added(database, replace(ENTRY, month=LATER, title="Three?"))
    assemble(a_newsroom(database), LATER, who="test", now=NOW)
    notes = saved(database, "one", replace(ENTRY, month=LATER)).notes
    assert any("approval of 2026-11 has ended" in said for said in notes)
    assert (held(database), held(database, LATER)) == (["two"], ["three", "one"])


def test_an_import_of_its_old_file_finds_a_moved_summary(database: Database) -> None:
    bring_in(a_newsroom(database), Sources([ENTRY]), who="test", now=NOW)
    saved(database, "one", replace(ENTRY, month=LATER))
    again = bring_in(a_newsroom(database), Sources([ENTRY]), who="test", now=NOW)
    assert (again.added, again.kept) == ([], [])
    assert [(s.slug, s.month) for s in listed(a_newsroom(database))] == [("one", "2026-12")]


def test_an_import_finds_its_own_summary_where_its_first_title_went_to_another(
    database: Database,
) -> None:
    file = replace(ENTRY, source_name="one.md")
    bring_in(a_newsroom(database), Sources([file]), who="test", now=NOW)
    saved(database, "one", replace(ENTRY, title="Renamed"))
    added(database, ENTRY)
    again = bring_in(a_newsroom(database), Sources([file]), who="test", now=NOW)
    assert ([c.name for c in again.kept], again.added) == (["one"], [])
    other = bring_in(a_newsroom(database), Sources([ENTRY]), who="test", now=NOW)
    assert (other.added, other.kept) == ([], [])


def test_an_import_never_adds_again_what_an_editor_took_away(database: Database) -> None:
    page = replace(ENTRY, text_format=TextFormat.PLAIN, topics=[ALLIANCE, TRAINING])
    bring_in(a_newsroom(database), Sources([page]), who="test", now=NOW)
    saved(database, "one", replace(page, topics=[ALLIANCE]))
    again = bring_in(a_newsroom(database), Sources([page]), who="test", now=NOW)
    assert [change.name for change in again.kept] == ["one"]
    assert shown(a_newsroom(database), "one").topics == [ALLIANCE]


def test_what_went_out_is_neither_changed_nor_moved_nor_deleted(database: Database) -> None:
    approved(database)
    with database.write() as session:
        issue_named(session, MONTH).begin_sending(readers=0, topics=[], now=NOW)
    for other in (replace(ENTRY, body="Other."), replace(ENTRY, month=LATER)):
        with pytest.raises(StateError, match="went out in the letter of November 2026"):
            saved(database, "one", other)
    with pytest.raises(StateError, match="mend the archive"):
        deleted(database, "one")
    assert saved(database, "one", ENTRY).notes == []
    assert standing(a_newsroom(database), "one").sent_in[0].month == MONTH


def test_the_archive_is_mended_knowingly_and_the_letter_stays_as_it_was_sent(
    database: Database,
) -> None:
    approved(database)
    with database.write() as session:
        issue_named(session, MONTH).begin_sending(readers=0, topics=[], now=NOW)
    newsroom, version = a_newsroom(database), shown(a_newsroom(database), "one").version
    before = issue(database).version
    mended = replace(ENTRY, body="Mended words.")
    told = {"version": version, "writer": EDITH, "now": NOW}
    with pytest.raises(StateError, match="stays in its month"):
        mend(newsroom, "one", replace(mended, month=LATER), **told)  # type: ignore[arg-type]
    mend(newsroom, "one", mended, version=version, writer=EDITH, now=NOW)
    assert shown(newsroom, "one").body == "Mended words."
    assert (issue(database).state, issue(database).version) == (IssueState.SENDING, before)
    assert log(database, "one")[-1].what == "archive mended"


def test_mending_ends_the_approval_of_a_letter_about_it_only_if_something_changed(
    database: Database,
) -> None:
    approved(database)
    with database.write() as session:
        issue_named(session, MONTH).begin_sending(readers=0, topics=[], now=NOW)
    newsroom, said = a_newsroom(database), (CorrectionKind.CORRECTION, "It was wrong.")
    noted = add_note(newsroom, MONTH, about="one", said=said, by="e", now=NOW)
    letter = draft_letter(newsroom, noted.id, by="e", now=NOW)
    approve(newsroom, letter.name, by="e", now=NOW)
    version, other = shown(newsroom, "one").version, replace(ENTRY, body="Other words.")
    same = mend(newsroom, "one", ENTRY, version=version, writer=EDITH, now=NOW)
    assert isinstance(same, Saved)
    assert (same.is_new, same.notes) == (False, [])
    assert issue(database, letter.name).state is IssueState.APPROVED
    changed = mend(newsroom, "one", other, version=version, writer=EDITH, now=NOW)
    assert isinstance(changed, Saved)
    assert "the approval of 2026-11-c1 has ended" in changed.notes[0]
    assert issue(database, letter.name).state is IssueState.DRAFT


def test_a_deleted_summary_leaves_the_letter_and_stays_in_the_log(database: Database) -> None:
    approved(database, ENTRY, TWO)
    result = deleted(database, "one")
    assert "the approval of 2026-11 has ended" in result.notes[0]
    assert held(database) == ["two"]
    with pytest.raises(NotFoundError):
        shown(a_newsroom(database), "one")
    assert log(database, "one")[-1].detail["before"]["body"] == ENTRY.body
    with pytest.raises(NotFoundError):
        deleted(database, "one")


def test_the_list_says_where_each_stands_and_what_is_to_be_mended(sqlite: Database) -> None:
    added(sqlite, replace(ENTRY, body="It was p = 1.4.", implications=""))
    assemble(a_newsroom(sqlite), MONTH, who="test", now=NOW)
    added(sqlite, replace(TWO, month=Month("2020-01"), body="It was p = 1.4."))
    newest, oldest = months_listed(a_newsroom(sqlite), first_month="2026-10")
    (one,) = newest.summaries
    assert (newest.month, newest.state, one.is_in_letter) == (MONTH, IssueState.DRAFT, True)
    assert (one.gaps, one.hints) == (["no Practice Implications"], 1)
    assert (oldest.state, oldest.summaries[0].hints) == (None, 0)


def added(database: Database, entry: Entry) -> Saved:
    return add(a_newsroom(database), entry, writer=EDITH, now=NOW)


def saved(database: Database, slug: str, entry: Entry, *, version: int | None = None) -> Saved:
    version = version or shown(a_newsroom(database), slug).version
    result = change(a_newsroom(database), slug, entry, version=version, writer=EDITH, now=NOW)
    assert isinstance(result, Saved)
    return result


def deleted(database: Database, slug: str) -> Saved:
    version = shown(a_newsroom(database), slug).version
    result = delete(a_newsroom(database), slug, version=version, writer=EDITH, now=NOW)
    assert isinstance(result, Saved)
    return result


def approved(database: Database, *entries: Entry) -> None:
    for entry in entries or (ENTRY,):
        added(database, entry)
    assemble(a_newsroom(database), MONTH, who="test", now=NOW)
    approve(a_newsroom(database), MONTH, by="editor@example.org", now=NOW)


def issue(database: Database, name: str = MONTH) -> Issue:
    with database.read() as session:
        return issue_named(session, name)


def held(database: Database, month: Month = MONTH) -> list[str]:
    with database.read() as session:
        held_now: list[Summary] = issue_named(session, month).summaries
        return [summary.slug for summary in held_now]


def log(database: Database, slug: str) -> list[Any]:
    with database.read() as session:
        lines = select(AuditEntry).where(AuditEntry.subject == slug).order_by(AuditEntry.id)
        return list(session.scalars(lines))
