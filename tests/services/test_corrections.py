from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from making import (
    EMPATHY,
    MONTH,
    NOW,
    TRAINING,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.errors import NotFoundError, StaleError, StateError
from pprmail.model.correction import CorrectionKind
from pprmail.model.issue import IssueState
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services import reports, review
from pprmail.services.archive import Archive
from pprmail.services.assembly import month_in_hand
from pprmail.services.corrections import (
    GivenUp,
    add_note,
    corrections_of,
    draft_letter,
    give_letter_up,
    reword_note,
    take_note_down,
)
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.rehearse import rehearse
from pprmail.services.dispatch.run import Run, nobody_watches, send
from pprmail.services.given_reader import found_by_address
from pprmail.services.issue_editing import IssueWords, save_words
from pprmail.services.leaving import leave
from pprmail.services.steering import schedule
from pprmail.services.testing import Trial, send_test
from pprmail.services.why import why
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Issue, Subscriber, Summary

EDITOR = "editor@example.org"
WRONG = CorrectionKind.CORRECTION, "The estimate was 0.27, **not** 0.72."
ABOUT: dict[str, Any] = {"about": "second-of-two", "said": WRONG, "by": EDITOR, "now": NOW}


@pytest.fixture
def postroom(sqlite: Database, tmp_path: Path) -> Postroom:
    """Where November was sent."""
    return november(sqlite, tmp_path)


def november(database: Database, tmp_path: Path) -> Postroom:
    """Send November to readers of everything, of one of two summaries, and of neither."""
    newsroom = a_newsroom(database)
    for name in ("all", "moves", "leaves", "pauses"):
        a_reader(database, f"{name}@example.org")
    a_reader(database, "second@example.org", EMPATHY)
    a_reader(database, "note@example.org", TRAINING)
    an_approved_issue(
        newsroom, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY])
    )
    postroom = a_postroom(newsroom, tmp_path, PaperSender())
    send(postroom, MONTH, who="test", run=Run())
    return postroom


def drafted(postroom: Postroom) -> Issue:
    noted = add_note(postroom.newsroom, MONTH, **ABOUT)
    return draft_letter(postroom.newsroom, noted.id, by=EDITOR, now=NOW)


def sent(postroom: Postroom, letter: Issue) -> PaperSender:
    sender = PaperSender()
    review.approve(postroom.newsroom, letter.name, by=EDITOR, now=NOW)
    again = a_postroom(postroom.newsroom, postroom.outbox.folder.parent, sender)
    send(again, letter.name, who="test", run=Run())
    return sender


def test_a_correction_goes_to_exactly_those_who_got_the_summary_and_have_not_left(
    database: Database, tmp_path: Path
) -> None:
    postroom, readers = november(database, tmp_path), {}
    with postroom.database.write() as session:
        for reader in session.scalars(select(Subscriber)):
            readers[str(reader.email).split("@")[0]] = reader.public_id
            if reader.email == "moves@example.org":
                reader.move_to("moved@example.org")
            if reader.email == "pauses@example.org":
                reader.paused_until = "2027-05"
    leave(postroom.database, readers["leaves"], how="test", now=NOW)
    a_reader(postroom.database, "later@example.org", EMPATHY)
    letter = drafted(postroom)
    sender = sent(postroom, letter)
    assert sorted(sender.addresses) == [
        "all@example.org",
        "moved@example.org",
        "pauses@example.org",
        "second@example.org",
    ]
    found = reports.status(postroom.newsroom, letter.name, now=NOW)
    assert (found.issue.state, found.equation.frozen, found.balanced) == ("sent", 4, True)
    assert sender.envelopes[0].subject == "Correction: Second of Two?"
    assert "not</strong> 0.72" in sender.envelopes[0].html


def test_whoever_is_in_doubt_about_the_letter_is_not_told_of_its_mistake(
    database: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(database)
    a_reader(database, "sure@example.org")
    a_reader(database, "doubt@example.org")
    an_approved_issue(newsroom, a_summary("Second of Two?"))
    sender = PaperSender([Receipt(Answer.ACCEPTED, "", 202, "id"), Receipt(Answer.UNKNOWN, "?")])
    postroom = a_postroom(newsroom, tmp_path, sender, batch_size=1)
    send(postroom, MONTH, who="test", run=Run())
    assert sent(postroom, drafted(postroom)).addresses == ["sure@example.org"]


def test_a_rehearsal_writes_a_correction_to_the_same_readers(
    postroom: Postroom, tmp_path: Path
) -> None:
    letter = drafted(postroom)
    review.approve(postroom.newsroom, letter.name, by=EDITOR, now=NOW)
    alone = a_postroom(postroom.newsroom, tmp_path)
    assert rehearse(alone, letter.name, watch=nobody_watches).letters == 5


def test_a_correction_is_checked_as_such_and_has_one_edition_with_its_head_count(
    postroom: Postroom,
) -> None:
    letter = drafted(postroom)
    assert letter.name == "2026-11-c1"
    assert review.check(postroom.newsroom, letter.name, now=NOW).errors == []
    warned = review.check(postroom.newsroom, letter.name, now=NOW).warnings
    assert [warning.code for warning in warned] == ["not_mended"]
    with postroom.database.write() as session:
        session.execute(update(Summary).values(updated_at=NOW + timedelta(hours=1)))
    assert review.check(postroom.newsroom, letter.name, now=NOW).warnings == []
    seen = review.see(postroom.newsroom, letter.name, now=NOW)
    assert [(e.selection, seen.readers_of(e)) for e in seen.editions] == [(1, 5)]


def test_a_retraction_has_words_of_its_own_and_repeats_no_finding(postroom: Postroom) -> None:
    said = CorrectionKind.RETRACTION, "The journal withdrew it for made-up data."
    noted = add_note(postroom.newsroom, MONTH, about="first-of-two", said=said, by="e", now=NOW)
    letter = draft_letter(postroom.newsroom, noted.id, by="e", now=NOW)
    (envelope,) = sent(postroom, letter).envelopes
    assert envelope.subject == "Retracted article: First of Two?"
    assert "The journal withdrew it" in envelope.text
    assert "Some words about what was found" not in envelope.text + envelope.html


def test_a_note_has_one_letter_and_the_next_note_the_next_name(postroom: Postroom) -> None:
    newsroom = postroom.newsroom
    noted = add_note(newsroom, MONTH, **ABOUT)
    names = [draft_letter(newsroom, noted.id, by="e", now=NOW).name for _ in range(2)]
    assert [*names, drafted(postroom).name] == ["2026-11-c1", "2026-11-c1", "2026-11-c2"]


def test_rewording_a_note_changes_its_letter_and_ends_the_approval(postroom: Postroom) -> None:
    newsroom, letter = postroom.newsroom, drafted(postroom)
    review.approve(newsroom, letter.name, by=EDITOR, now=NOW)
    _, (_, second) = corrections_of(newsroom, MONTH, now=NOW)
    note = second.notes[0].note
    edited: dict[str, Any] = {
        "text": "It was 0.26.",
        "version": note.version,
        "by": "e",
        "now": NOW,
    }
    assert reword_note(newsroom, note.id, **edited).ended_approval
    with newsroom.database.read() as session:
        fresh = session.get_one(Issue, letter.id)
        assert (fresh.state, fresh.introduction) == (IssueState.DRAFT, "It was 0.26.")
    with pytest.raises(StaleError) as stale:
        reword_note(newsroom, note.id, **(edited | {"text": "Mine."}))
    assert stale.value.present == "It was 0.26."


def test_saving_a_note_unchanged_leaves_its_letter_approved_and_scheduled(
    postroom: Postroom,
) -> None:
    newsroom, later = postroom.newsroom, NOW + timedelta(days=1)
    said = CorrectionKind.CORRECTION, "It was wrong.\n\nIt is right now."
    noted = add_note(newsroom, MONTH, **(ABOUT | {"said": said}))
    letter = draft_letter(newsroom, noted.id, by=EDITOR, now=NOW)
    review.approve(newsroom, letter.name, by=EDITOR, now=NOW)
    schedule(newsroom, letter.name, at=later, who=EDITOR, now=NOW)
    as_sent = "It was wrong.\r\n\r\nIt is right now.\r\n"
    again = reword_note(newsroom, noted.id, text=as_sent, version=1, by="e", now=NOW)
    assert not again.is_new
    with newsroom.database.read() as session:
        fresh = session.get_one(Issue, letter.id)
        assert (fresh.state, fresh.send_at) == (IssueState.APPROVED, later)
        lines = select(AuditEntry).where(AuditEntry.what == "note reworded")
        assert session.scalars(lines).all() == []


def test_an_introduction_that_an_editor_wrote_for_the_letter_outlasts_a_reworded_note(
    postroom: Postroom,
) -> None:
    newsroom, letter = postroom.newsroom, drafted(postroom)
    version = IssueWords.of(letter).version
    words = IssueWords(None, None, "A careful introduction.", "")
    save_words(newsroom, letter.name, words, version=version, who=EDITOR, now=NOW)
    review.approve(newsroom, letter.name, by=EDITOR, now=NOW)
    _, (_, second) = corrections_of(newsroom, MONTH, now=NOW)
    number, version_now = second.notes[0].note.id, second.notes[0].note.version
    saved = reword_note(newsroom, number, text="0.26.", version=version_now, by="e", now=NOW)
    assert saved.kept_letter is not None
    assert (saved.note.text, saved.kept_letter.name) == ("0.26.", letter.name)
    with newsroom.database.read() as session:
        fresh = session.get_one(Issue, letter.id)
        assert fresh.introduction == "A careful introduction."
        assert fresh.state is IssueState.APPROVED


def test_giving_up_a_letter_tells_whether_it_was_given_up_before_or_has_begun(
    postroom: Postroom,
) -> None:
    newsroom = postroom.newsroom
    drafted(postroom)
    _, (_, second) = corrections_of(newsroom, MONTH, now=NOW)
    number = second.notes[0].note.id
    found = [give_letter_up(newsroom, number, by="e", now=NOW) for _ in range(2)]
    sent(postroom, draft_letter(newsroom, number, by="e", now=NOW))
    found.append(give_letter_up(newsroom, number, by="e", now=NOW))
    assert found == [GivenUp.NOW, GivenUp.BEFORE, GivenUp.TOO_LATE]


def test_a_letter_that_was_sent_stays_as_it_was_when_its_note_changes(postroom: Postroom) -> None:
    newsroom, letter = postroom.newsroom, drafted(postroom)
    sent(postroom, letter)
    _, (_, second) = corrections_of(newsroom, MONTH, now=NOW)
    reword_note(newsroom, second.notes[0].note.id, text="Other.", version=2, by="e", now=NOW)
    with newsroom.database.read() as session:
        assert session.get_one(Issue, letter.id).introduction == WRONG[1]


def test_a_note_that_is_taken_down_takes_its_unsent_letter_with_it(postroom: Postroom) -> None:
    newsroom, letter = postroom.newsroom, drafted(postroom)
    _, (_, second) = corrections_of(newsroom, MONTH, now=NOW)
    take_note_down(newsroom, second.notes[0].note.id, by="e", now=NOW)
    with newsroom.database.read() as session:
        fresh = session.get_one(Issue, letter.id)
        assert fresh.state is IssueState.SKIPPED
        assert fresh.summaries[0].corrections == []


def test_nothing_is_corrected_before_it_was_sent_and_no_summary_of_another_month(
    postroom: Postroom,
) -> None:
    newsroom = postroom.newsroom
    with pytest.raises(NotFoundError):
        add_note(newsroom, MONTH, **(ABOUT | {"about": "third"}))
    with pytest.raises(StateError, match="empty"):
        add_note(newsroom, MONTH, **(ABOUT | {"said": (CorrectionKind.CORRECTION, "  ")}))
    an_approved_issue(newsroom, a_summary("Later?", month="2026-12"))
    with pytest.raises(StateError, match="not been sent"):
        add_note(newsroom, "2026-12", **(ABOUT | {"about": "later"}))


def test_the_log_says_who_noted_what(postroom: Postroom) -> None:
    drafted(postroom)
    with postroom.database.read() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.who == EDITOR)).all()
    told = {line.what: line.detail for line in lines}
    assert told["correction noted"]["after"]["text"] == WRONG[1]
    assert told["correction letter drafted"] == {"about": "second-of-two"}


def test_a_reader_is_told_why_a_correction_came_and_why_none_did(postroom: Postroom) -> None:
    letter = drafted(postroom)
    sent(postroom, letter)
    newsroom = postroom.newsroom
    got, none = (why(newsroom, letter.name, f"{n}@example.org") for n in ("second", "note"))
    assert got.reason == "You get this because a letter with this summary went to you."
    assert "holds no accepted letter" in none.reason


def test_a_correction_is_shown_as_a_given_reader_gets_it_and_says_who_gets_none(
    database: Database, tmp_path: Path
) -> None:
    postroom = november(database, tmp_path)
    newsroom, letter, readers = postroom.newsroom, drafted(postroom), {}
    with database.write() as session:
        for reader in session.scalars(select(Subscriber)):
            readers[str(reader.email).split("@")[0]] = reader.public_id
            if reader.email == "pauses@example.org":
                reader.paused_until = "2027-05"
    leave(database, readers["leaves"], how="test", now=NOW)
    names = ("all", "second", "pauses", "note", "leaves")
    found = [
        found_by_address(newsroom, letter.name, f"{name}@example.org", now=NOW) for name in names
    ]
    assert [(given.reader and given.reader.selection, given.why_not) for given in found] == [
        (1, ""),
        (1, ""),
        (1, ""),
        (None, "holds no letter with this summary in full"),
        (None, "gets no letters any more"),
    ]


def test_a_test_of_a_correction_goes_as_a_reader_who_gets_it_and_as_no_other(
    postroom: Postroom,
) -> None:
    newsroom, letter, sender = postroom.newsroom, drafted(postroom), PaperSender()
    room = replace(postroom, sender=sender)
    got, none = (
        found_by_address(newsroom, letter.name, f"{name}@example.org", now=NOW)
        for name in ("second", "note")
    )
    send_test(room, letter.name, Trial([EDITOR], [EDITOR], given=got), who=EDITOR)
    assert sender.addresses == [EDITOR]
    assert sender.envelopes[0].subject == "[TEST] Correction: Second of Two?"
    with pytest.raises(StateError, match="gets no letter: holds no letter with this summary"):
        send_test(room, letter.name, Trial([EDITOR], [EDITOR], given=none), who=EDITOR)
    assert len(sender.envelopes) == 1


def test_a_correction_is_no_month_in_hand_and_no_letter_of_the_archive(
    postroom: Postroom,
) -> None:
    sent(postroom, drafted(postroom))
    drafted(postroom)
    assert month_in_hand(postroom.newsroom, now=NOW) == MONTH
    assert Archive(postroom.newsroom, "2026-10").months() == [MONTH]
