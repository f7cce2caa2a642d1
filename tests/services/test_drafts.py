"""What is typed is kept, each open form by itself, and nobody works unseen beside another."""

from dataclasses import replace
from datetime import timedelta

from making import MASTHEAD, NOW, a_newsroom, a_summary, stored
from pprmail.services.drafts import Typed, company, discard, keep, taken_up, unsaved
from pprmail.services.retention import Retention, forget_once_a_night
from pprmail.services.writing import Writer, add, change
from pprmail.storage.database import Database
from services.test_writing import ENTRY
from web.editor.at_the_desk import stored_editor

SLUG = "a-question-about-alliance"
TYPED = Typed(SLUG, 1, {"title": "One?", "topics": ["training"]})


def a_writer(database: Database, name: str) -> Writer:
    return Writer(f"{name}@example.org", stored_editor(database, f"{name}@example.org").public_id)


def test_each_form_keeps_its_own_text_and_the_newest_comes_first(database: Database) -> None:
    stored(database, a_summary())
    edith = replace(a_writer(database, "edith"), draft="first")
    other = replace(edith, draft="second")
    keep(database, TYPED, writer=edith, now=NOW)
    keep(database, replace(TYPED, fields={"title": "Two?"}), writer=other, now=NOW)
    keep(database, replace(TYPED, fields={"title": "1"}), writer=edith, now=NOW + timedelta(1))
    found = unsaved(database, SLUG, writer=edith)
    assert [(draft.key, draft.fields) for draft in found] == [
        ("first", {"title": "1"}),
        ("second", {"title": "Two?"}),
    ]
    discard(database, "first", writer=edith)
    assert [draft.key for draft in unsaved(database, SLUG, writer=edith)] == ["second"]


def test_a_draft_goes_on_from_the_version_that_was_seen_last(database: Database) -> None:
    stored(database, a_summary())
    edith = replace(a_writer(database, "edith"), draft="key")
    for version in (1, 2):
        keep(database, replace(TYPED, based_on=version), writer=edith, now=NOW)
    found = taken_up(database, "key", writer=edith)
    assert found is not None
    assert found.based_on == 2


def test_nobody_reads_overwrites_or_discards_the_draft_of_another(sqlite: Database) -> None:
    edith = replace(a_writer(sqlite, "edith"), draft="key")
    bo = replace(a_writer(sqlite, "bo"), draft="key")
    keep(sqlite, TYPED, writer=edith, now=NOW)
    keep(sqlite, replace(TYPED, fields={}), writer=bo, now=NOW)
    discard(sqlite, "key", writer=bo)
    assert taken_up(sqlite, "key", writer=bo) is None
    kept = taken_up(sqlite, "key", writer=edith)
    assert kept is not None
    assert kept.fields == TYPED.fields


def test_two_at_once_are_told_of_each_other_for_half_an_hour(database: Database) -> None:
    stored(database, a_summary())
    edith = replace(a_writer(database, "edith"), draft="e")
    bo = replace(a_writer(database, "bo"), draft="b")
    assert keep(database, TYPED, writer=edith, now=NOW).others == []
    assert keep(database, TYPED, writer=bo, now=NOW).others == [("Edith", NOW)]
    assert company(database, TYPED, writer=edith, now=NOW).others == [("Bo", NOW)]
    later = NOW + timedelta(minutes=31)
    assert company(database, TYPED, writer=edith, now=later).others == []


def test_who_types_on_is_told_when_another_has_saved(sqlite: Database) -> None:
    edith, bo = a_writer(sqlite, "edith"), a_writer(sqlite, "bo")
    slug = add(a_newsroom(sqlite), ENTRY, writer=edith, now=NOW).slug
    typed = replace(TYPED, about=slug)
    assert company(sqlite, typed, writer=edith, now=NOW).overtaken is None
    other = replace(ENTRY, body="Other words.")
    change(a_newsroom(sqlite), slug, other, version=1, writer=bo, now=NOW)
    told = company(sqlite, typed, writer=edith, now=NOW).overtaken
    assert told is not None
    assert told.who == "Bo"


def test_what_is_saved_is_no_draft_any_more(sqlite: Database) -> None:
    edith = replace(a_writer(sqlite, "edith"), draft="key")
    keep(sqlite, replace(TYPED, about="", based_on=None), writer=edith, now=NOW)
    assert len(unsaved(sqlite, "", writer=edith)) == 1
    add(a_newsroom(sqlite), ENTRY, writer=edith, now=NOW)
    assert unsaved(sqlite, "", writer=edith) == []


def test_the_text_about_a_summary_that_is_gone_is_offered_for_a_new_one(sqlite: Database) -> None:
    edith = replace(a_writer(sqlite, "edith"), draft="key")
    keep(sqlite, replace(TYPED, about="gone"), writer=edith, now=NOW)
    assert [draft.key for draft in unsaved(sqlite, "", writer=edith)] == ["key"]


def test_what_nobody_comes_back_to_within_ninety_days_is_forgotten(database: Database) -> None:
    edith = replace(a_writer(database, "edith"), draft="old")
    keep(database, replace(TYPED, about=""), writer=edith, now=NOW - timedelta(days=91))
    newer = replace(edith, draft="newer")
    keep(database, replace(TYPED, about=""), writer=newer, now=NOW - timedelta(days=89))
    keeps = Retention.of(unconfirmed_days=0, ended_days=0)
    forget_once_a_night(database, keeps, zone=MASTHEAD.zone, now=NOW)
    assert [draft.key for draft in unsaved(database, "", writer=edith)] == ["newer"]
