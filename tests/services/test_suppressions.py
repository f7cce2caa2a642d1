"""What the provider's own lists say of readers, against a local SendGrid."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from making import MASTHEAD, MONTH, PaperSender, a_newsroom, a_postroom, a_reader
from pprmail.bootstrap import open_app
from pprmail.model.calendar import MonthlyTime
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.sandbox import Fault, Sandbox, SandboxOptions
from pprmail.sending.envelope import Answer
from pprmail.sending.sendgrid import SendGridSender
from pprmail.sending.suppressions import (
    LISTS,
    ListUnreadError,
    SendGridSuppressions,
    Suppressions,
)
from pprmail.services.announcing import Announcer
from pprmail.services.dispatch.run import Run
from pprmail.services.subscriptions import end
from pprmail.services.suppressions import OVERLAP, pull
from pprmail.services.tick import Clockwork, Timetable, tick
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.storage.chores import last_done
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Chore, Subscriber
from sending.wire import Call, Provider, a_recipient, an_envelope, answer

KEY = "SG.test"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FATES = {
    "bounce@example.org": EndReason.BOUNCED,
    "complaint@example.org": EndReason.COMPLAINED,
    "invalid@example.org": EndReason.BOUNCED,
    "blocked@example.org": None,
    "fine@example.org": None,
}


@dataclass
class Watched:
    """Lists that are empty, and remember that they were asked for."""

    asked: list[str] = field(default_factory=list)

    def pages(self, name: str, **_: Any) -> Iterator[list[str]]:
        self.asked.append(name)
        return iter(())


class Clock:
    """A clock of both sides that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    options = SandboxOptions(ledger_path=tmp_path / "ledger.jsonl", api_key=KEY, clock=clock)
    with Sandbox(options) as sandbox:
        yield sandbox


def test_each_list_ends_its_readers_for_its_reason_and_blocks_end_nobody(
    database: Database, sandbox: Sandbox
) -> None:
    for address in FATES:
        a_reader(database, address)
    write_to(sandbox, *FATES)
    assert pull(database, lists(sandbox), now=NOON) == 3
    assert reasons(database) == FATES
    with database.read() as session:
        found = session.scalars(select(Subscriber).where(Subscriber.end_reason.is_not(None))).all()
    assert {(r.status, r.ended_at, r.updated_at) for r in found} == {
        (SubscriberStatus.ENDED, NOON, NOON)
    }


def test_an_ending_is_noted_with_its_list_and_without_the_address(
    database: Database, sandbox: Sandbox
) -> None:
    public_id = a_reader(database, "bounce@example.org")
    write_to(sandbox, "bounce@example.org")
    pull(database, lists(sandbox), now=NOON)
    (line,) = audit(database)
    assert (line.who, line.what, line.subject) == ("provider", "subscriber ended", public_id)
    assert line.detail == {"why": "bounced", "list": "bounces"}


def test_pulling_again_changes_nothing(database: Database, sandbox: Sandbox) -> None:
    a_reader(database, "complaint@example.org")
    write_to(sandbox, "complaint@example.org")
    assert pull(database, lists(sandbox), now=NOON) == 1
    later = NOON + timedelta(hours=1)
    assert pull(database, lists(sandbox), now=later) == 0
    assert len(audit(database)) == 1


def test_an_address_is_found_however_it_is_spelled_and_strangers_are_passed_over(
    database: Database, sandbox: Sandbox
) -> None:
    a_reader(database, "Bounce.Ada@Example.org")
    write_to(sandbox, "bounce.ada@EXAMPLE.org", "bounce.stranger@example.org")
    assert pull(database, lists(sandbox), now=NOON) == 1
    assert reasons(database) == {"Bounce.Ada@Example.org": EndReason.BOUNCED}


def test_who_ended_already_stays_ended_but_for_a_graver_reason(
    database: Database, sandbox: Sandbox
) -> None:
    addresses = ["bounce.left@example.org", "complaint.left@example.org", "bounce.c@example.org"]
    for address in addresses:
        a_reader(database, address)
        end(database, address, who="test", now=NOON - timedelta(days=3))
    with database.write() as session:
        last = select(Subscriber).where(Subscriber.email == addresses[2])
        session.scalars(last).one().end(EndReason.COMPLAINED, now=NOON)
    write_to(sandbox, *addresses)
    pull(database, lists(sandbox), now=NOON)
    assert list(reasons(database).values()) == [
        EndReason.BOUNCED,
        EndReason.COMPLAINED,
        EndReason.COMPLAINED,
    ]
    with database.read() as session:
        assert set(session.scalars(select(Subscriber.ended_at))) == {NOON - timedelta(days=3)}


def test_a_long_list_is_read_to_its_end(database: Database, sandbox: Sandbox) -> None:
    everybody = [f"bounce{number}@example.org" for number in range(1001)]
    for address in (everybody[0], everybody[500], everybody[1000]):
        a_reader(database, address)
    write_to(sandbox, *everybody[:1000])
    write_to(sandbox, everybody[1000])
    assert pull(database, lists(sandbox), now=NOON) == 3


def test_the_next_pull_begins_a_day_before_the_last_one(
    database: Database, sandbox: Sandbox, clock: Clock
) -> None:
    pull(database, lists(sandbox), now=NOON)
    moments = {
        "bounce.old@example.org": OVERLAP + timedelta(hours=1),
        "bounce.new@example.org": OVERLAP,
    }
    for address, before in moments.items():
        a_reader(database, address)
        clock.now = NOON - before
        write_to(sandbox, address)
    clock.now = NOON
    assert pull(database, lists(sandbox), now=NOON + timedelta(hours=1)) == 1
    assert reasons(database)["bounce.old@example.org"] is None


def test_a_list_that_can_t_be_read_is_named_and_the_others_are_read(
    database: Database, sandbox: Sandbox
) -> None:
    for address in FATES:
        a_reader(database, address)
    write_to(sandbox, *FATES)
    # The first list takes two calls, its page and an empty one; so the third asks for bounces.
    sandbox.misbehave([Fault(on="suppression", requests=3, answer=503)])
    with pytest.raises(ListUnreadError, match="not read: bounces;"):
        pull(database, lists(sandbox), now=NOON)
    found = reasons(database)
    assert found["bounce@example.org"] is None
    assert found["complaint@example.org"] is EndReason.COMPLAINED
    assert found["invalid@example.org"] is EndReason.BOUNCED
    with database.read() as session:
        assert last_done(session, "suppressions bounces") is None
        assert last_done(session, "suppressions spam_reports") == NOON
    sandbox.misbehave([])
    assert pull(database, lists(sandbox), now=NOON + timedelta(days=1)) == 1
    assert reasons(database) == FATES


def test_a_list_that_breaks_off_keeps_what_it_told_and_is_read_again(
    database: Database, sandbox: Sandbox
) -> None:
    everybody = [f"bounce{number}@example.org" for number in range(600)]
    for address in (everybody[0], everybody[599]):
        a_reader(database, address)
    write_to(sandbox, *everybody)
    sandbox.misbehave([Fault(on="suppression", requests=3, answer="reset")])
    with pytest.raises(ListUnreadError, match="bounces"):
        pull(database, lists(sandbox), now=NOON)
    assert list(reasons(database).values()) == [EndReason.BOUNCED, None]
    sandbox.misbehave([])
    assert pull(database, lists(sandbox), now=NOON) == 1


FAILURES: dict[str, tuple[Fault, str]] = {
    "refused": (Fault(on="suppression", answer=403), "SendGrid answered 403"),
    "busy": (Fault(on="suppression", answer=429), "SendGrid answered 429"),
    "dropped": (Fault(on="suppression", answer="drop"), "RemoteDisconnected"),
    "silent": (Fault(on="suppression", answer="hang"), "timed out"),
    "no JSON": (Fault(on="suppression", answer=200, body="<html>"), "not JSON"),
    "no list": (Fault(on="suppression", answer=200, body='{"result": []}'), "no list"),
    "cut off": (Fault(on="suppression", cut="body"), "IncompleteRead"),
}


@pytest.mark.parametrize("why", FAILURES)
def test_every_way_to_fail_is_said_and_ends_nobody(
    sqlite: Database, sandbox: Sandbox, why: str
) -> None:
    a_reader(sqlite, "bounce@example.org")
    write_to(sandbox, "bounce@example.org")
    fault, said = FAILURES[why]
    sandbox.misbehave([fault])
    with pytest.raises(ListUnreadError, match=said):
        list(lists(sandbox, timeout=0.3).pages("bounces", since=None, until=NOON))
    with pytest.raises(ListUnreadError, match=", ".join(LISTS)):
        pull(sqlite, lists(sandbox, timeout=0.3), now=NOON)
    assert reasons(sqlite) == {"bounce@example.org": None}


def test_a_provider_that_is_not_there_is_a_failure_like_others(sqlite: Database) -> None:
    gone = SendGridSuppressions(KEY, "http://127.0.0.1:1", 1)
    with pytest.raises(ListUnreadError, match="ConnectionRefusedError"):
        list(gone.pages("bounces", since=None, until=NOON))


def test_what_is_odd_in_a_list_is_passed_over(sqlite: Database) -> None:
    a_reader(sqlite, "ada@example.org")
    odd = [None, 7, {}, {"email": None}, {"email": "@"}, {"email": "x@-.-"}, {"email": ""}]
    with a_provider([*odd, {"email": "ada@example.org"}]) as provider:
        assert pull(sqlite, SendGridSuppressions(KEY, provider.url, 5), now=NOON) == 1
    assert reasons(sqlite) == {"ada@example.org": EndReason.COMPLAINED}


def test_who_unsubscribed_at_the_provider_is_unsubscribed_here(sqlite: Database) -> None:
    a_reader(sqlite, "ada@example.org")
    three_empty_lists: list[list[Any]] = [[], [], []]
    with a_provider(*three_empty_lists, [{"created": 1, "email": "ada@example.org"}]) as provider:
        pull(sqlite, SendGridSuppressions(KEY, provider.url, 5), now=NOON)
    assert reasons(sqlite) == {"ada@example.org": EndReason.UNSUBSCRIBED}


def test_the_clock_pulls_once_a_night_after_three(
    database: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    clockwork = a_clockwork(database, tmp_path, lists(sandbox))
    a_reader(database, "bounce@example.org")
    write_to(sandbox, "bounce@example.org")
    # Toronto is five hours behind: three o'clock is eight in UTC.
    moments = ["24 07:59", "24 08:00", "24 20:00", "25 07:59", "25 08:01", "25 08:02"]
    pulled = [did_pull(clockwork, database, moment) for moment in moments]
    assert pulled == [True, True, False, False, True, False]


def test_a_failing_list_is_a_failing_step_and_waits_for_the_next_night(
    database: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    clockwork = a_clockwork(database, tmp_path, lists(sandbox))
    sandbox.misbehave([Fault(on="suppression", answer=500, times=1)])
    assert tick(at(clockwork, "24 12:00")) == ["suppressions"]
    assert tick(at(clockwork, "24 12:01")) == []
    assert tick(at(clockwork, "25 12:00")) == []
    with database.read() as session:
        moments = session.scalars(select(Chore.done_at).where(Chore.name != "suppressions"))
        assert {moment.day for moment in moments} == {25}


def test_a_rehearsal_asks_no_provider(sqlite: Database, tmp_path: Path) -> None:
    watched = Watched()
    clockwork = a_clockwork(sqlite, tmp_path, watched)
    rehearsing = replace(clockwork.postroom, sender=clockwork.postroom.outbox)
    assert tick(at(replace(clockwork, postroom=rehearsing), "24 12:00")) == []
    assert watched.asked == []
    assert tick(at(clockwork, "24 12:00")) == []
    assert watched.asked == list(LISTS)


def test_whoever_was_told_to_end_asks_no_more(sqlite: Database, tmp_path: Path) -> None:
    watched, ended = Watched(), Event()
    ended.set()
    clockwork = a_clockwork(sqlite, tmp_path, watched)
    ending = replace(clockwork, run=lambda: Run(stop=ended))
    assert tick(at(ending, "24 12:00")) == []
    assert watched.asked == []
    assert tick(at(clockwork, "24 12:01")) == []
    assert watched.asked == list(LISTS)


@pytest.mark.parametrize(("sender", "is_asked"), [("sendgrid", True), ("outbox", False)])
def test_only_where_sendgrid_sends_are_its_lists_read(
    tmp_path: Path, sender: str, *, is_asked: bool
) -> None:
    settings: dict[tuple[str, str], str | int | list[str]] = {
        ("delivery", "sender"): sender,
        ("delivery", "recall_window_minutes"): 0,
        ("sendgrid", "api_key"): KEY,
    }
    app = open_app(make_workspace(tmp_path / "letter", MONTH, settings))
    app.close()
    assert isinstance(app.clockwork.suppressions, SendGridSuppressions) == is_asked


def write_to(sandbox: Sandbox, *addresses: str) -> None:
    """Let letters to these addresses meet with what they meet with."""
    sender = SendGridSender(KEY, sandbox.url, 10)
    for start in range(0, len(addresses), 1000):
        some = addresses[start : start + 1000]
        recipients = [a_recipient(address, n) for n, address in enumerate(some)]
        assert sender.send(an_envelope(recipients=recipients)).answer is Answer.ACCEPTED
    assert sandbox.wait_for_events(10)


def lists(sandbox: Sandbox, *, timeout: float = 10) -> SendGridSuppressions:
    return SendGridSuppressions(KEY, sandbox.url, timeout)


def a_provider(*pages: list[Any]) -> Provider:
    """Make a provider that gives these pages in turn, and empty ones ever after."""
    left = list(pages)

    def tell(call: Call) -> None:
        call.read().say(answer("200 OK", left.pop(0) if left else []))

    return Provider(tell)


def a_clockwork(database: Database, folder: Path, suppressions: Suppressions) -> Clockwork:
    newsroom = a_newsroom(database)
    usual = MonthlyTime.parse("2nd tue 09:00")
    mails = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
    return Clockwork(
        postroom=a_postroom(newsroom, folder, PaperSender()),
        announcer=Announcer(newsroom, mails, "", usual),
        timetable=Timetable("", usual, usual, latest=timedelta(days=7)),
        suppressions=suppressions,
    )


def at(clockwork: Clockwork, moment: str) -> Clockwork:
    """Set the clock: "24 08:00" is in November 2026, in UTC."""
    now = datetime.strptime(f"2026-11-{moment}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return replace(clockwork, postroom=replace(clockwork.postroom, clock=lambda: now))


def did_pull(clockwork: Clockwork, database: Database, moment: str) -> bool:
    """Tick once; tell whether the lists were pulled then."""
    set_clock = at(clockwork, moment)
    assert tick(set_clock) == []
    with database.read() as session:
        return last_done(session, "suppressions bounces") == set_clock.postroom.clock()


def reasons(database: Database) -> dict[str | None, EndReason | None]:
    with database.read() as session:
        found = session.scalars(select(Subscriber).order_by(Subscriber.id))
        return {reader.email: reader.end_reason for reader in found}


def audit(database: Database) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
