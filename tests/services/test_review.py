import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from making import (
    ALLIANCE,
    EMPATHY,
    MASTHEAD,
    NOW,
    a_newsroom,
    a_press,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.errors import ApprovalError, NotFoundError, StateError, StorageError
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month
from pprmail.model.topic import Topics
from pprmail.rendering.letter import Press
from pprmail.rendering.shelf import Shelf
from pprmail.services import review
from pprmail.services.assembly import assemble
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import approve, changed_since_approval, check, refresh_editions, see
from pprmail.services.steering import schedule, skip
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named, latest_approval
from pprmail.storage.summaries import summary_with
from pprmail.storage.tables import AuditEntry, Edition

MONTH = Month("2026-11")


def a_draft(database: Database, *titles: str, **changed: Any) -> Newsroom:
    newsroom = a_newsroom(database)
    topics = [[ALLIANCE], [EMPATHY], ["training"]]
    summaries = [a_summary(t, topics=topics[n % 3], **changed) for n, t in enumerate(titles)]
    stored(database, *summaries)
    assemble(newsroom, MONTH, who="test", now=NOW)
    return newsroom


def test_every_selection_that_topics_can_make_is_seen_with_its_readers(database: Database) -> None:
    newsroom = a_draft(database, "First of Two?", "Second of Two?")
    a_reader(database, "all@example.org")
    a_reader(database, "both@example.org", ALLIANCE, EMPATHY)
    a_reader(database, "one@example.org", EMPATHY)
    seen = see(newsroom, MONTH, now=NOW)
    assert [e.selection for e in seen.editions] == [0b11, 0b01, 0b10, 0]
    assert [seen.readers_of(e) for e in seen.editions] == [2, 0, 1, 0]


def test_an_edition_is_rendered_once_as_long_as_nothing_changes(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom = a_draft(sqlite, "First of Two?", "Second of Two?")
    rendered: list[int] = []
    real = Press.edition

    def counting(press: Press, issue: Issue, selection: int) -> Any:
        rendered.append(selection)
        return real(press, issue, selection)

    monkeypatch.setattr(Press, "edition", counting)
    for _ in range(3):
        see(newsroom, MONTH, now=NOW)
        check(newsroom, MONTH, now=NOW)
    approve(newsroom, MONTH, by="editor@example.org", now=NOW)
    assert sorted(rendered) == [0, 1, 2, 3]


def test_a_changed_summary_gives_new_editions_and_forgets_unapproved_old_ones(
    database: Database,
) -> None:
    newsroom = a_draft(database, "A Title?")
    before = {e.fingerprint for e in see(newsroom, MONTH, now=NOW).editions}
    _change(database, body="Other words.")
    after = {e.fingerprint for e in see(newsroom, MONTH, now=NOW).editions}
    assert len(before - after) == 1  # the note says nothing of the body
    with database.read() as session:
        assert len(session.scalars(select(Edition)).all()) == 2


def test_editions_that_were_approved_are_kept_when_others_take_their_place(
    database: Database,
) -> None:
    newsroom = a_newsroom(database)
    an_approved_issue(newsroom, a_summary("A Title?"))
    approved = {e.fingerprint for e in see(newsroom, MONTH, now=NOW).editions}
    _change(database, body="Other words.")
    see(newsroom, MONTH, now=NOW)
    with database.read() as session:
        assert approved <= set(session.scalars(select(Edition.fingerprint)))
    _change(database, body=a_summary().body)
    back = see(newsroom, MONTH, now=NOW)
    assert {e.fingerprint for e in back.editions} == approved


def test_an_approval_names_who_when_what_and_the_warnings(database: Database) -> None:
    newsroom = a_draft(database, "A Title?", doi=None)
    approval = approve(newsroom, MONTH, by="editor@example.org", now=NOW)
    assert (approval.approved_by, approval.approved_at) == ("editor@example.org", NOW)
    assert approval.warnings_accepted == [
        "unusual_number: issue 2026-11",
        "no_doi: summary a-title",
    ]
    with database.read() as session:
        issue = issue_named(session, MONTH)
        assert issue.state is IssueState.APPROVED
        assert changed_since_approval(newsroom, session, issue) == []
        line = session.scalars(select(AuditEntry).where(AuditEntry.what == "issue approved")).one()
        assert (line.who, line.detail["fingerprint"]) == (
            "editor@example.org",
            approval.fingerprint,
        )


def test_errors_block_an_approval_and_are_listed(database: Database) -> None:
    newsroom = a_draft(database, "A Title?", implications="")
    with pytest.raises(ApprovalError, match="it has no Practice Implications"):
        approve(newsroom, MONTH, by="editor@example.org", now=NOW)
    with database.read() as session:
        issue = issue_named(session, MONTH)
        assert issue.state is IssueState.DRAFT
        assert latest_approval(session, issue) is None


def test_an_issue_that_was_changed_can_be_approved_anew_and_loses_its_schedule(
    database: Database,
) -> None:
    newsroom = a_newsroom(database)
    an_approved_issue(newsroom, a_summary("A Title?"))
    schedule(newsroom, MONTH, at=NOW.replace(month=12), who="test", now=NOW)
    _change(database, title="Another Title?")
    approve(newsroom, MONTH, by="second@example.org", now=NOW)
    with database.read() as session:
        issue = issue_named(session, MONTH)
        assert changed_since_approval(newsroom, session, issue) == []
        assert issue.send_at is None


def test_approving_the_same_again_keeps_the_yes_and_the_schedule(database: Database) -> None:
    newsroom, later = a_newsroom(database), NOW.replace(month=12)
    an_approved_issue(newsroom, a_summary("A Title?"))
    schedule(newsroom, MONTH, at=later, who="test", now=NOW)
    again = approve(newsroom, MONTH, by="second@example.org", now=later)
    assert (again.approved_by, again.approved_at) == ("editor@example.org", NOW)
    with database.read() as session:
        assert issue_named(session, MONTH).send_at == later
        lines = select(AuditEntry).where(AuditEntry.what == "issue approved")
        assert len(session.scalars(lines).all()) == 1


def test_what_was_reopened_without_a_change_needs_a_new_yes(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    an_approved_issue(newsroom, a_summary("A Title?"))
    with sqlite.write() as session:
        issue_named(session, MONTH).reopen()
    again = approve(newsroom, MONTH, by="second@example.org", now=NOW)
    assert again.approved_by == "second@example.org"
    with sqlite.read() as session:
        assert issue_named(session, MONTH).state is IssueState.APPROVED


def test_what_differs_is_named(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(sqlite)
    an_approved_issue(newsroom, a_summary("A Title?"))
    _change(sqlite, title="Another Title?", topics=[ALLIANCE, EMPATHY])
    with sqlite.write() as session:
        issue_named(session, MONTH).notices = "A workshop."
    own = tmp_path / "templates" / "email" / "letter" / "words.toml"
    own.parent.mkdir(parents=True)
    own.write_text((shipped("templates") / "email/letter/words.toml").read_text() + "\n")
    shelf = Shelf([tmp_path / "templates", shipped("templates")])
    masthead = replace(MASTHEAD, brand=replace(MASTHEAD.brand, accent="#123456"))
    other = replace(newsroom, press=replace(a_press(masthead), shelf=shelf))
    with sqlite.read() as session:
        changed = changed_since_approval(other, session, issue_named(session, MONTH))
    assert changed == [
        "audience.matching",
        "issue.notices",
        "masthead.brand.accent",
        "summary a-title.title",
        "summary a-title.topics",
        "template email/letter/words.toml",
        "topics.names",
    ]


def test_a_topic_that_is_called_otherwise_voids_the_approval(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    an_approved_issue(newsroom, a_summary())
    listed = tuple(replace(t, name=f"{t.name}, Renamed") for t in newsroom.topics.listed)
    renamed = replace(newsroom, topics=Topics(listed))
    with sqlite.read() as session:
        changed = changed_since_approval(renamed, session, issue_named(session, MONTH))
    assert changed == ["topics.names"]


def test_an_edit_while_editions_are_rendered_is_not_overwritten_by_them(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom = a_draft(sqlite, "A Title?")
    real, edited = Press.edition, threading.Event()

    def edit_meanwhile(press: Press, issue: Issue, selection: int) -> Any:
        if not edited.is_set():
            edited.set()
            _change(sqlite, body="Changed at the same moment.")
        return real(press, issue, selection)

    monkeypatch.setattr(Press, "edition", edit_meanwhile)
    with pytest.raises(StorageError, match="at this very moment"):
        see(newsroom, MONTH, now=NOW)
    seen = see(newsroom, MONTH, now=NOW)
    assert "Changed at the same moment." in seen.editions[0].text


def test_a_month_without_an_issue_is_said(sqlite: Database) -> None:
    for verb in (see, check, refresh_editions):
        with pytest.raises(NotFoundError, match="no issue of 2026-11"):
            verb(a_newsroom(sqlite), MONTH, now=NOW)


def test_a_skipped_month_can_be_neither_approved_nor_rendered_anew(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    skip(newsroom, MONTH, who="test", now=NOW)
    with pytest.raises(StateError, match="is skipped"):
        review.approve(newsroom, MONTH, by="editor@example.org", now=NOW)


def _change(database: Database, **fields: Any) -> None:
    with database.write() as session:
        summary = summary_with(session, "a-title")
        assert summary is not None
        for name, value in fields.items():
            setattr(summary, name, value)
