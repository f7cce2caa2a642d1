"""A whole sending through a real mail server that fails in many ways, held against its book."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from making import (
    MONTH,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.bootstrap import open_app
from pprmail.model.issue import Issue, IssueState
from pprmail.sending.smtp import SmtpSender
from pprmail.services import steering
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.run import Run, send
from pprmail.services.reports import IssueStatus, status
from pprmail.storage.database import Database
from sending.mail_servers import Ledger, a_real_server, a_sender

READERS = [f"r{number:02}@example.org" for number in range(30)]
REFUSED = {READERS[3], READERS[17]}
NOT_NOW = {READERS[5], READERS[6], READERS[22]}
CUT_BEFORE = {READERS[8], READERS[19]}
NOT_NOW_AT_THE_END = {READERS[10]}
NO_AT_THE_END = {READERS[12]}
LOST_AND_NOT_TAKEN = {READERS[14], READERS[27]}
LOST_AND_TAKEN = {READERS[15], READERS[25]}
GARBLED_AND_TAKEN = {READERS[21]}
DOUBTS = LOST_AND_NOT_TAKEN | LOST_AND_TAKEN | GARBLED_AND_TAKEN


class Moods:
    """A server's rules: some readers are never taken, most that fail do so once."""

    def __init__(self) -> None:
        self.asked = Counter[str]()
        self.senders = 0

    def at_sender(self) -> str | None:
        """Every ninth conversation ends at its sender."""
        self.senders += 1
        return "451 4.3.0 not now" if self.senders % 9 == 0 else None

    def at_recipient(self, address: str) -> str | None:
        """Refuse some for good, and some at first."""
        self.asked[address] += 1
        is_first = self.asked[address] == 1
        if address in REFUSED:
            return "550 5.1.1 no such user"
        if address in NOT_NOW and is_first:
            return "450 4.2.0 greylisted"
        return "drop" if address in CUT_BEFORE and is_first else None

    def at_letter(self, address: str) -> str | None:
        """Take no letter of some, and say so or not."""
        is_first = self.asked[address] == 1
        if address in NOT_NOW_AT_THE_END and is_first:
            return "452 4.3.1 no room"
        if address in NO_AT_THE_END and is_first:
            return "554 5.6.0 not like this"
        return "drop" if address in LOST_AND_NOT_TAKEN else None

    def after_letter(self, address: str) -> str | None:
        """Take the letter, and say so badly."""
        if address in GARBLED_AND_TAKEN:
            return "2500 whatever"
        return "drop" if address in LOST_AND_TAKEN else None


def test_nobody_gets_two_letters_nobody_is_lost_and_every_doubt_is_listed(
    sqlite: Database, tmp_path: Path
) -> None:
    moods = Moods()
    ledger = Ledger([], moods.at_sender, moods.at_recipient, moods.at_letter, moods.after_letter)
    with a_real_server(ledger) as port:
        postroom = _postroom(sqlite, tmp_path, a_sender(port))
        issue = _sent_to_the_end(postroom)
    found = _status(postroom)
    taken = set(READERS) - REFUSED - LOST_AND_NOT_TAKEN
    assert Counter(ledger.addresses) == Counter(taken)
    assert {moods.asked[address] for address in DOUBTS} == {1}
    assert found.balanced
    assert (found.equation.accepted, found.equation.held) == (23, 5)
    assert (found.equation.rejected, found.equation.pending) == (2, 0)
    assert _letters_of(ledger) < _named(found)
    assert (issue.state, len(found.doubts)) == (IssueState.SENDING, 5)
    assert {doubt.size for doubt in found.doubts} == {1}


def _letters_of(ledger: Ledger) -> set[str]:
    doubted = LOST_AND_TAKEN | GARBLED_AND_TAKEN
    letters = [taken.message for taken in ledger.taken if taken.recipient in doubted]
    return {letter["Message-ID"].strip("<>").partition("@")[0] for letter in letters}


def _named(found: IssueStatus) -> set[str]:
    return {str(doubt.detail).rpartition(" ")[2] for doubt in found.doubts}


def test_a_server_that_is_not_there_pauses_and_promises_everybody_still(
    sqlite: Database, tmp_path: Path
) -> None:
    postroom = _postroom(sqlite, tmp_path, a_sender(1))
    issue = send(postroom, MONTH, who="test", run=Run())
    assert issue.paused_at is not None
    found = _status(postroom)
    assert (found.equation.pending, found.equation.held, found.balanced) == (30, 0, True)


def _postroom(database: Database, folder: Path, sender: SmtpSender) -> Postroom:
    newsroom = a_newsroom(database, sender="smtp")
    for address in READERS:
        a_reader(database, address)
    an_approved_issue(newsroom, a_summary())
    postroom = a_postroom(newsroom, folder, PaperSender(), batch_size=1, concurrency=4)
    return replace(postroom, sender=sender)


def _sent_to_the_end(postroom: Postroom) -> Issue:
    """Send, and let it go on whenever it rests, as a person would."""
    for _ in range(20):
        issue = send(postroom, MONTH, who="test", run=Run())
        if issue.paused_at is None:
            return issue
        steering.resume(postroom.newsroom, MONTH, who="test", now=NOW)
    raise AssertionError(issue.pause_reason)


def _status(postroom: Postroom) -> IssueStatus:
    return status(postroom.newsroom, MONTH, now=NOW)


def test_the_settings_give_one_letter_a_request_and_a_lease_that_outlasts_it(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[delivery]\nsender = "smtp"\nbatch_size = 500\n'
        f'[smtp]\ntimeout_seconds = 300\n[web]\nsecret_key = "{"k" * 40}"\n'
    )
    app = open_app(config)
    try:
        sender, rules = app.postroom.sender, app.postroom.rules
        assert isinstance(sender, SmtpSender)
        assert (rules.batch_size, app.postroom.recaller) == (1, None)
        assert rules.lease > timedelta(seconds=sender.server.deadline)
        assert (app.newsroom.sender, app.postroom.is_rehearsal) == ("smtp", False)
        assert sender.server.tls.check_hostname
    finally:
        app.close()
