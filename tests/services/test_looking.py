from pathlib import Path

import pytest

from making import (
    ALLIANCE,
    EMPATHY,
    MONTH,
    NOW,
    TRAUMA,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    stored,
)
from pprmail.errors import NotFoundError
from pprmail.model.audience import FOLLOWS_ALL, NoMatch
from pprmail.model.difference import Kind
from pprmail.model.subscriber import SubscriberStatus
from pprmail.services.assembly import assemble
from pprmail.services.differing import EditionDifference, difference
from pprmail.services.dispatch.run import Run, send
from pprmail.services.given_reader import found_by_address, found_by_name
from pprmail.services.issue_editing import IssueWords, issue_to_edit, save_words
from pprmail.services.looking import look_at
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import approve
from pprmail.services.ticking import checked
from pprmail.storage.database import Database
from web.visiting import digest_of_rows

WHO = "editor@example.org"


def a_draft(database: Database) -> Newsroom:
    newsroom = a_newsroom(database)
    stored(database, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY]))
    assemble(newsroom, MONTH, who=WHO, now=NOW)
    return newsroom


def write(newsroom: Newsroom, words: IssueWords) -> None:
    version = IssueWords.of(issue_to_edit(newsroom, MONTH)).version
    save_words(newsroom, MONTH, words, version=version, who=WHO, now=NOW)


def compared(newsroom: Newsroom) -> EditionDifference | None:
    seen = look_at(newsroom, MONTH, now=NOW)
    return difference(newsroom, seen.issue, seen.edition(0b11).edition)


def test_looking_stores_nothing(database: Database) -> None:
    newsroom = a_draft(database)
    before = digest_of_rows(database)
    seen = look_at(newsroom, MONTH, now=NOW)
    checked(newsroom, MONTH, now=NOW)
    compared(newsroom)
    assert len(seen.editions) == 4
    assert digest_of_rows(database) == before


def test_every_edition_has_its_readers_and_the_topics_that_lead_to_it(database: Database) -> None:
    newsroom = a_draft(database)
    a_reader(database, "a@example.org")
    a_reader(database, "b@example.org", EMPATHY)
    seen = look_at(newsroom, MONTH, now=NOW)
    assert [(e.name, e.readers, list(e.topics)) for e in seen.editions] == [
        ("edition 1+2", 1, ["Alliance and Therapeutic Relationship", "Empathy"]),
        ("edition 1", 0, ["Alliance and Therapeutic Relationship"]),
        ("edition 2", 1, ["Empathy"]),
        ("edition note", 0, []),
    ]
    assert seen.editions[0].preheader.startswith("Some words about what was found.")


def test_what_was_approved_is_compared_word_by_word(database: Database) -> None:
    newsroom = a_draft(database)
    write(newsroom, IssueWords(None, None, "Good evening to you all.", ""))
    approve(newsroom, MONTH, by=WHO, now=NOW)
    same = compared(newsroom)
    assert same is not None
    assert same.is_same
    write(newsroom, IssueWords("Of my own", None, "Good morning to you all.", ""))
    seen = look_at(newsroom, MONTH, now=NOW)
    assert set(seen.changed) == {"the subject", "the introduction"}
    found = compared(newsroom)
    assert found is not None
    (text,) = found.text
    assert [(p.kind, p.words) for p in text] == [
        (Kind.SAME, "Good"),
        (Kind.GONE, "evening"),
        (Kind.NEW, "morning"),
        (Kind.SAME, "to you all."),
    ]
    assert found.subject


def test_without_an_approval_there_is_nothing_to_compare_with(sqlite: Database) -> None:
    newsroom = a_draft(sqlite)
    assert compared(newsroom) is None


def test_a_given_reader_has_an_edition_and_reasons(sqlite: Database) -> None:
    newsroom = a_draft(sqlite)
    name = a_reader(sqlite, "ada@example.org", EMPATHY, TRAUMA, name="Ada")
    found = found_by_address(newsroom, MONTH, " ADA@example.org", now=NOW)
    assert found.public_id == name
    assert found.reader is not None
    assert (found.reader.selection, found.reader.topic_bits) == (0b10, 0b10)
    assert found_by_name(newsroom, MONTH, name, now=NOW) == found


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("waits@example.org", "has not confirmed"),
        ("left@example.org", "no letters any more"),
        ("skips@example.org", "asked for nothing"),
    ],
)
def test_a_reader_without_a_letter_is_told_why(sqlite: Database, address: str, why: str) -> None:
    newsroom = a_draft(sqlite)
    a_reader(sqlite, "waits@example.org", status=SubscriberStatus.PENDING)
    a_reader(sqlite, "left@example.org", status=SubscriberStatus.ENDED)
    a_reader(sqlite, "skips@example.org", TRAUMA, no_match=NoMatch.SKIP)
    found = found_by_address(newsroom, MONTH, address, now=NOW)
    assert found.reader is None
    assert why in found.why_not


def test_nobody_of_an_address_is_an_error(sqlite: Database) -> None:
    newsroom = a_draft(sqlite)
    with pytest.raises(NotFoundError):
        found_by_address(newsroom, MONTH, "nobody@example.org", now=NOW)
    with pytest.raises(NotFoundError):
        found_by_name(newsroom, MONTH, "A" * 22, now=NOW)


def test_after_the_freeze_a_reader_has_what_was_promised(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_draft(sqlite)
    a_reader(sqlite, "ada@example.org")
    approve(newsroom, MONTH, by=WHO, now=NOW)
    send(a_postroom(newsroom, tmp_path, PaperSender()), MONTH, who=WHO, run=Run())
    a_reader(sqlite, "late@example.org", ALLIANCE)
    found = found_by_address(newsroom, MONTH, "ada@example.org", now=NOW)
    assert found.reader is not None
    assert (found.reader.selection, found.reader.topic_bits) == (0b11, FOLLOWS_ALL)
    late = found_by_address(newsroom, MONTH, "late@example.org", now=NOW)
    assert late.reader is None
    assert look_at(newsroom, MONTH, now=NOW).readers == 1
