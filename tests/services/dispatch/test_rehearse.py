import email
from email import policy
from pathlib import Path

import pytest
from sqlalchemy import func, select

from making import (
    ALLIANCE,
    NOW,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.errors import ApprovalError
from pprmail.model.audience import NoMatch
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.services.assembly import assemble
from pprmail.services.dispatch import rehearse as rehearsing
from pprmail.services.dispatch.rehearse import rehearse
from pprmail.services.dispatch.run import nobody_watches
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Delivery, Request


def test_a_rehearsal_writes_a_letter_for_each_reader_and_promises_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsing, "PAGE", 2)
    newsroom = a_newsroom(database)
    for number in range(5):
        a_reader(database, f"r{number}@example.org", ALLIANCE)
    a_reader(database, "skips@example.org", "training", no_match=NoMatch.SKIP)
    name = an_approved_issue(newsroom, a_summary())
    seen: list[tuple[int, int]] = []
    result = rehearse(a_postroom(newsroom, tmp_path), name, watch=lambda *at: seen.append(at))
    assert result.letters == 5
    assert sorted(path.name for path in result.folder.iterdir()) == [
        f"r{number}@example.org.eml" for number in range(5)
    ]
    assert seen == [(n, 5) for n in range(1, 6)]
    with database.read() as session:
        assert issue_named(session, name).state is IssueState.APPROVED
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        assert session.scalar(select(func.count()).select_from(Request)) == 0


def test_a_rehearsed_letter_is_one_readers_whole_letter(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "r@example.org", ALLIANCE, name="Zoë Ünal")
    name = an_approved_issue(newsroom, a_summary("Does It Help?"))
    folder = rehearse(a_postroom(newsroom, tmp_path), name, watch=nobody_watches).folder
    data = (folder / "r@example.org.eml").read_bytes()
    message = email.message_from_bytes(data, policy=policy.default)
    assert message["To"] == "Zoë Ünal <r@example.org>"
    assert message["Subject"] == "Does It Help?"
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for part in (html, text):
        assert "Dear Zoë Ünal," in part
        assert "because you follow Alliance and Therapeutic Relationship." in part
        assert "-pm." not in part
    leave = message["List-Unsubscribe"].strip("<>")
    assert leave in html
    assert leave in text


def test_a_second_rehearsal_takes_the_letters_of_the_first_away(
    sqlite: Database, tmp_path: Path
) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "r@example.org")
    name = an_approved_issue(newsroom, a_summary())
    postroom = a_postroom(newsroom, tmp_path)
    stale = rehearse(postroom, name, watch=nobody_watches).folder / "gone@example.org.eml"
    stale.write_text("an old letter")
    rehearse(postroom, name, watch=nobody_watches)
    assert not stale.exists()


def test_only_what_is_approved_is_rehearsed(sqlite: Database, tmp_path: Path) -> None:
    newsroom = a_newsroom(sqlite)
    stored(sqlite, a_summary())
    assemble(newsroom, Month("2026-11"), who="test", now=NOW)
    with pytest.raises(ApprovalError, match="not approved"):
        rehearse(a_postroom(newsroom, tmp_path), "2026-11", watch=nobody_watches)
    assert not (tmp_path / "outbox").exists()
