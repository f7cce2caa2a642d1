"""A letter's way out, as an editor goes it: approved, scheduled, stopped, gone on with, corrected."""

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from making import EMPATHY, MONTH, TRAINING, a_reader, a_summary, stored
from pprmail.bootstrap import App, open_app, utc_now
from pprmail.model.calendar import in_words
from pprmail.model.request import RequestState
from pprmail.sandbox import Fault, Sandbox, SandboxOptions, read_ledger
from pprmail.services import steering
from pprmail.services.assembly import assemble
from pprmail.services.leaving import leave
from pprmail.services.review import refresh_editions
from pprmail.services.tick import tick
from pprmail.storage.tables import Approval, Issue, Request, Subscriber, Summary
from web.editor.at_the_desk import EDITOR, DeskVisitor, an_editor
from web.visiting import FIRST_MONTH, an_app, page_of

AT = f"/editor/issues/{MONTH}"


@dataclass(frozen=True)
class Office:
    """An editor at the desk, and the provider that letters go to."""

    app: App
    editor: DeskVisitor
    sandbox: Sandbox
    ahead: list[timedelta]

    def words(self, path: str) -> str:
        """Give what a page says."""
        answer = self.editor.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.headers)
        return said_on(answer)

    def press(self, path: str, **fields: Any) -> str:
        """Send a form; give what the page that it leads to says."""
        return said_on(self.editor.follow(self.editor.post(path, **fields)))

    def approve(self, path: str = AT) -> str:
        """Approve what the page shows, with every warning ticked."""
        page = page_of(self.editor.get(f"{path}/approve"))
        names = ("fingerprint", "shown")
        fields = {name: page.xpath(f"//input[@name='{name}']/@value")[0] for name in names}
        ticked = page.xpath("//input[@name='ticked']/@value")
        return self.press(f"{path}/approve", **fields, ticked=ticked)

    def tick(self) -> None:
        """Let the clock be looked at."""
        assert tick(self.app.clockwork) == []

    def got(self) -> Counter[str]:
        """Count who gets how many letters in the end, by the provider's own ledger."""
        self.ahead[0] = timedelta(minutes=30)
        assert self.sandbox.wait_for_events(10)
        return Counter(each.address for each in read_ledger(self.sandbox.ledger_path).kept())

    def row(self, name: str = MONTH) -> Issue:
        """Give an issue as it is now."""
        with self.app.database.read() as session:
            return session.scalars(select(Issue).where(Issue.name == name)).one()


def said_on(answer: Any) -> str:
    return " ".join(" ".join(page_of(answer).itertext()).split())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace where November is assembled: readers of both summaries, of one, and of none."""
    folder = tmp_path_factory.mktemp("prepared")
    changes: Any = {
        "delivery__sender": "sendgrid",
        "delivery__allowed_recipients": ["*"],
        "delivery__batch_size": 2,
        "delivery__concurrency": 1,
        "sendgrid__api_key": "SG.test",
        "schedule__send": "1st tue 09:00",
    }
    with an_app(folder, "sqlite:///pprmail.db", **changes) as app:
        for name in ("all", "both", "leaves"):
            a_reader(app.database, f"{name}@example.org")
        a_reader(app.database, "second@example.org", EMPATHY)
        a_reader(app.database, "note@example.org", TRAINING)
        second = a_summary("Second of Two?", topics=[EMPATHY])
        stored(app.database, a_summary("First of Two?"), second)
        # Else every tick would begin with October.
        steering.skip(app.newsroom, FIRST_MONTH, who="test", now=utc_now())
        assemble(app.newsroom, MONTH, who="test", now=utc_now())
        refresh_editions(app.newsroom, MONTH, now=utc_now())
    return folder / "workspace"


@pytest.fixture
def office(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An editor there, and a provider whose clock can go ahead."""
    folder, ahead = shutil.copytree(prepared, tmp_path / "workspace"), [timedelta(0)]
    options = SandboxOptions(
        ledger_path=tmp_path / "ledger.jsonl", clock=lambda: utc_now() + ahead[0]
    )
    with Sandbox(options) as sandbox:
        monkeypatch.setenv("PPRMAIL_SENDGRID__HOST", sandbox.url)
        app = open_app(folder / "config.toml")
        app.newsroom.kept.patience = 20.0
        yield Office(app, an_editor(app).fresh(), sandbox, ahead)
        app.close()


def test_the_page_of_the_yes_shows_all_that_it_is_said_to(office: Office) -> None:
    page = office.words(f"{AT}/approve")
    for part in ("letter@example.org", "5 readers today", "First of Two?", "The titles only"):
        assert part in page
    assert "Approved. Nothing is sent yet" in office.approve()
    assert office.row().send_at is None
    assert office.got() == {}
    assert f"Approved by {EDITOR}" in office.words(f"{AT}/approve")


def test_whoever_proved_nothing_lately_is_asked_who_it_is(office: Office) -> None:
    stranger = an_editor(office.app, email="other@example.org")
    assert stranger.get(f"{AT}/approve").headers["location"].startswith("/editor/again")
    late = stranger.post(f"{AT}/approve", fingerprint="f", ticked=["one", "two"])
    assert late.status_code == 403
    kept = page_of(late).xpath("//main//textarea")
    assert [(area.get("name"), area.text.strip()) for area in kept] == [
        ("fingerprint", "f"),
        ("ticked", "one"),
        ("ticked", "two"),
    ]
    assert office.row().state == "draft"


def test_what_changed_while_one_looked_is_not_approved_and_is_named(office: Office) -> None:
    page = page_of(office.editor.get(f"{AT}/approve"))
    fields = {n: page.xpath(f"//input[@name='{n}']/@value")[0] for n in ("fingerprint", "shown")}
    with office.app.database.write() as session:
        session.execute(update(Issue).values(subject="Other words"))
        session.execute(update(Summary).values(body="Other words. " * 60))
    answer = office.editor.post(f"{AT}/approve", **fields)
    assert answer.status_code == 422
    alert = page_of(answer).xpath("//*[@role='alert']")[0].text_content()
    assert "Something changed while you were looking" in alert
    assert "the subject" in alert
    assert "the text of “Second of Two?”" in alert
    assert office.row().state == "draft"


def test_a_warning_that_nobody_ticked_keeps_it_from_being_approved(office: Office) -> None:
    with office.app.database.write() as session:
        session.execute(update(Summary).values(doi=None))
    page = page_of(office.editor.get(f"{AT}/approve"))
    fields = {n: page.xpath(f"//input[@name='{n}']/@value")[0] for n in ("fingerprint", "shown")}
    names = page.xpath("//input[@name='ticked']/@value")
    assert len(names) == 2
    answer = office.editor.post(f"{AT}/approve", **fields, ticked=names[:1])
    assert answer.status_code == 422
    assert "Tick every warning" in said_on(answer)
    assert len(page_of(answer).xpath("//input[@name='ticked'][@checked]")) == 1
    office.approve()
    with office.app.database.read() as session:
        assert session.scalars(select(Approval)).one().warnings_accepted == names


def test_an_error_leaves_no_button_and_a_form_that_comes_anyway_is_refused(office: Office) -> None:
    with office.app.database.write() as session:
        session.execute(update(Summary).values(implications=""))
    page = office.editor.get(f"{AT}/approve")
    assert "This must be mended first" in said_on(page)
    assert page_of(page).xpath("//input[@name='fingerprint']") == []
    assert office.editor.post(f"{AT}/approve").status_code == 422


def test_a_change_after_the_yes_is_told_with_what_changed(office: Office) -> None:
    office.approve()
    with office.app.database.write() as session:
        session.execute(update(Issue).values(subject="Other words"))
    page = office.words(f"{AT}/approve")
    assert "holds no longer, because these changed: the subject" in page
    assert "not approved as it is now" in office.words(f"{AT}/schedule")
    assert office.editor.post(f"{AT}/send").status_code == 422


def test_what_is_approved_already_offers_no_second_yes_and_stays_on_its_schedule(
    office: Office,
) -> None:
    page = page_of(office.editor.get(f"{AT}/approve"))
    fields = {n: page.xpath(f"//input[@name='{n}']/@value")[0] for n in ("fingerprint", "shown")}
    office.approve()
    office.press(f"{AT}/schedule", day="2099-12-01", hour="09:00")
    when = office.row().send_at
    shown = office.editor.get(f"{AT}/approve")
    assert page_of(shown).xpath("//input[@name='fingerprint']") == []
    assert "It goes out Tue 1 December 2099, 09:00 EST . Choose another time" in said_on(shown)
    said = office.press(f"{AT}/approve", **fields)
    assert f"{EDITOR} had approved exactly this already. Nothing was changed." in said
    assert office.row().send_at == when is not None


def test_the_button_says_when_and_to_how_many(office: Office) -> None:
    office.approve()
    page = page_of(office.editor.get(f"{AT}/schedule"))
    words = [" ".join(b.text_content().split()) for b in page.xpath("//main//button")]
    zone = office.app.newsroom.masthead.zone
    usual = office.app.clockwork.timetable.send.next_after(utc_now(), zone)
    assert words[0].startswith(f"Send {in_words(usual, zone)}, to about 5 readers")
    day, _, hour = usual.astimezone(zone).strftime("%Y-%m-%d %H:%M").partition(" ")
    said = office.press(f"{AT}/schedule", day=day, hour=hour)
    assert f"It goes out on {in_words(usual, zone)}" in said
    office.tick()
    assert office.got() == {}
    assert "It stays approved" in office.press(f"{AT}/schedule/cancel")
    assert (office.row().state, office.row().send_at) == ("approved", None)


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("2025-12-01", "09:00", "has passed"),
        ("2099-03-08", "02:30", "clocks go forward"),
        ("9999-12-31", "23:00", "too far off"),
        ("soon", "09:00", "Give the day"),
        ("2099-12-01", "", "Give the time"),
    ],
)
def test_a_time_that_can_t_be_is_refused_beside_its_field(
    office: Office, day: str, hour: str, words: str
) -> None:
    office.approve()
    answer = office.editor.post(f"{AT}/schedule", day=day, hour=hour)
    assert answer.status_code == 422
    assert words in page_of(answer).xpath("//*[@id='time-wrong']")[0].text_content()
    assert office.row().send_at is None


def test_a_time_that_comes_twice_is_taken_with_a_remark(office: Office) -> None:
    office.approve()
    assert "comes twice" in office.press(f"{AT}/schedule", day="2027-11-07", hour="01:30")


def test_sending_now_asks_once_more_and_keeps_nobody_waiting(office: Office) -> None:
    office.approve()
    assert "About 5 readers get this letter" in office.words(f"{AT}/send")
    assert "within half a minute" in office.press(f"{AT}/send")
    assert read_ledger(office.sandbox.ledger_path).acceptances() == []
    assert "about to begin" in office.words(f"{AT}/progress")
    office.tick()
    page = office.words(f"{AT}/progress")
    assert "These add up to 5." in page
    assert "still keeps 5 letters that can be taken back" in page
    assert sorted(office.got().values()) == [1, 1, 1, 1, 1]


def test_stop_takes_back_all_that_is_kept_and_resume_sends_it_once(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    said = office.press(f"{AT}/stop")
    assert "Stopped: no further letter is handed over." in said
    page = office.words(f"{AT}/progress")
    assert f"{EDITOR} stopped it." in page
    assert "5 letters taken back." in page
    office.press(f"{AT}/resume")
    office.tick()
    assert sorted(office.got().values()) == [1, 1, 1, 1, 1]
    assert office.row().state == "sent"


def test_stop_says_what_it_could_not_stop(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    with office.app.database.write() as session:
        first = select(Request.id).order_by(Request.id).limit(1).scalar_subquery()
        gone = {"release_at": utc_now() + timedelta(minutes=9)}
        session.execute(update(Request).where(Request.id == first).values(gone))
    assert "2 letters have left and can’t be." in office.words(f"{AT}/progress")
    office.press(f"{AT}/stop")
    assert "2 letters have left and can’t be taken back." in office.words(f"{AT}/progress")
    assert len(office.got()) == 2
    assert "Stopped for good." in office.press(f"{AT}/cancel")
    assert office.row().state == "cancelled"


def test_nothing_is_stopped_when_all_has_left(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    with office.app.database.write() as session:
        session.execute(update(Request).values(release_at=utc_now()))
    assert "button" not in str(
        page_of(office.editor.get(f"{AT}/progress")).xpath("//*[@class='stop']")
    )
    assert "nothing to stop any more" in office.press(f"{AT}/stop")
    assert office.row().state == "sent"


def test_a_letter_that_was_stopped_for_good_has_no_stop_any_more(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    with office.app.database.write() as session:
        stopped = update(Issue).where(Issue.name == MONTH)
        session.execute(stopped.values(state="cancelled", sent_at=None))
        doubt = {"state": RequestState.UNKNOWN, "batch_id": None}
        session.execute(update(Request).where(Request.id == 1).values(doubt))
    page = office.editor.get(f"{AT}/progress")
    orders = page_of(page).xpath("//form[@class='orders']//button/@value")
    assert orders == ["accepted", "skip"]
    assert page_of(page).xpath("//form[@action='/editor/issues/2026-11/stop']") == []
    assert "can be taken back" not in said_on(page)


def test_stop_before_it_begins_takes_it_off_the_schedule(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    assert "Stopped before it began" in office.press(f"{AT}/stop")
    office.tick()
    assert office.got() == {}


def test_an_account_without_credits_is_no_bad_key(office: Office) -> None:
    office.sandbox.misbehave([Fault(answer=401, message="Maximum credits exceeded")])
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    page = office.words(f"{AT}/progress")
    assert "The SendGrid account is out of credits. Buy credits" in page
    assert "Resume: hand over the 5 letters that wait" in page


@pytest.mark.parametrize(
    ("order", "state", "held"),
    [("accepted", "accepted", 0), ("skip", "skipped", 2), ("resend", "reordered", 0)],
)
def test_a_doubt_is_shown_with_three_buttons_and_settled_by_one(
    office: Office, order: str, state: str, held: int
) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    with office.app.database.write() as session:
        doubt = {"state": RequestState.UNKNOWN, "detail": "no whole answer within 20 s"}
        first = select(Request.id).order_by(Request.id).limit(1).scalar_subquery()
        mine = update(Request).where(Request.id == first)
        session.execute(mine.values(doubt | {"batch_id": None, "http_status": None}))
    page = office.words(f"{AT}/progress")
    for words in ("Request 1: 2 letters", "no answer came in time", "get the letter twice"):
        assert words in page
    assert "Choose one" in office.press(f"{AT}/requests/1", order="burn")
    office.press(f"{AT}/requests/1", order=order)
    with office.app.database.read() as session:
        assert session.get_one(Request, 1).state == state
    page = office.words(f"{AT}/progress")
    assert f"In doubt, or given up by name {held}" in page


def test_a_rehearsal_says_that_it_is_one(app: App) -> None:
    stored(app.database, a_summary())
    a_reader(app.database, "all@example.org")
    assemble(app.newsroom, MONTH, who="test", now=utc_now())
    alone = Office(app, an_editor(app).fresh(), None, [])  # type: ignore[arg-type]
    alone.approve()
    assert "nothing leaves this machine" in alone.words(f"{AT}/send")
    alone.press(f"{AT}/send")
    alone.tick()
    page = alone.words(f"{AT}/progress")
    assert "This was a rehearsal: the letters were written to files" in page
    assert (alone.row().state, alone.row().send_at) == ("approved", None)


def test_the_fragment_holds_the_figures_and_no_form(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    answer = office.editor.get(f"{AT}/progress/now")
    assert page_of(answer).get("data-said") == "Sent: every letter has been handed over."
    assert "<form" not in answer.text
    policy = office.editor.get(f"{AT}/progress").headers["content-security-policy"]
    assert "connect-src 'self'" in policy


def test_the_report_tells_every_figure_on_the_page_and_as_a_table(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    page = office.words(f"{AT}/report")
    assert "This adds up." in page
    assert "None: the titles only" in page
    rows = list(csv.DictReader(StringIO(office.editor.get(f"{AT}/report.csv").text)))
    told = {(row["part"], row["name"]): (row["readers"], row["accepted"]) for row in rows}
    assert told["issue", MONTH] == ("5", "5")
    assert told["edition", "First of Two?; Second of Two?"] == ("3", "3")
    assert told["topic", "Empathy"] == ("1", "1")
    assert "November 2026" in office.words("/editor/reports")


def test_a_correction_goes_to_exactly_those_who_got_the_summary_and_once(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    with office.app.database.read() as session:
        named = select(Subscriber.public_id).where(Subscriber.email == "leaves@example.org")
        gone = session.scalars(named).one()
    leave(office.app.database, gone, how="test", now=utc_now())
    note = {"about": "second-of-two", "kind": "correction", "text": "It was 0.27, not 0.72."}
    assert "stands in the archive" in office.press(f"{AT}/corrections", **note)
    assert "Draft a letter to the 3 readers who got this summary" in office.words(
        f"{AT}/corrections"
    )
    drafted = office.press(f"{AT}/corrections/1/letter")
    assert "To those who got the summary 3 readers today" in drafted
    letter = f"/editor/issues/{MONTH}-c1"
    asked = {"addresses": "nobody@example.net", "reader": "second@example.org"}
    refused = said_on(office.editor.post(f"{letter}/test", **asked))
    assert "gets no letter" not in refused
    refused = said_on(
        office.editor.post(f"{letter}/test", **asked | {"reader": "note@example.org"})
    )
    assert "This reader gets no letter: holds no letter with this summary in full." in refused
    office.approve(letter)
    office.press(f"{letter}/send")
    office.tick()
    twice = ("all", "both", "second")
    once = ("leaves", "note")
    expected = {f"{n}@example.org": 2 for n in twice} | {f"{n}@example.org": 1 for n in once}
    assert office.got() == expected
    assert office.row(f"{MONTH}-c1").state == "sent"
    assert "Correction 1 to November 2026" in office.words(f"{letter}/report")


def test_a_note_stands_on_the_archive_s_pages_and_in_both_records(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    note = {"about": "second-of-two", "kind": "retraction", "text": "Withdrawn for *made-up* data."}
    office.press(f"{AT}/corrections", **note)
    for path in ("/summaries/second-of-two", f"/archive/{MONTH}", "/"):
        page = said_on(office.editor.get(path))
        assert "Article retracted, " in page
        assert "Withdrawn for made-up data." in page
    for end in ("ris", "bib"):
        told = office.editor.get(f"/summaries/second-of-two.{end}").text
        assert "Withdrawn for made-up data." in told
    office.press(f"{AT}/corrections/1/take-down")
    assert "Withdrawn" not in office.editor.get("/summaries/second-of-two").text


def test_a_letter_about_a_note_is_given_up_and_drafted_anew(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    office.press(f"{AT}/corrections", about="first-of-two", kind="correction", text="One.")
    office.press(f"{AT}/corrections/1/letter")
    assert "where its note stands" in office.press(f"{AT}-c1/skip", sure="yes")
    assert "The note stays" in office.press(f"{AT}/corrections/1/letter/give-up")
    assert office.row(f"{MONTH}-c1").state == "skipped"
    assert "given up already" in office.press(f"{AT}/corrections/1/letter/give-up")
    office.press(f"{AT}/corrections/1/letter")
    assert office.row(f"{MONTH}-c2").state == "draft"


def test_saving_a_note_says_what_became_of_its_letter(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    office.press(f"{AT}/corrections", about="first-of-two", kind="correction", text="One.")
    office.press(f"{AT}/corrections/1/letter")
    office.approve(f"{AT}-c1")
    same = office.press(f"{AT}/corrections/1", text="One.", version="1")
    assert "Nothing was changed" in same
    assert office.row(f"{MONTH}-c1").state == "approved"
    note = page_of(office.editor.get(f"{AT}/corrections"))
    version = str(note.xpath("//article//input[@name='version']/@value")[0])
    ended = office.press(f"{AT}/corrections/1", text="Two.", version=version)
    assert "This ended the approval of its letter" in ended
    with office.app.database.write() as session:
        letter = update(Issue).where(Issue.name == f"{MONTH}-c1")
        session.execute(letter.values(introduction="My own words."))
    note = page_of(office.editor.get(f"{AT}/corrections"))
    version = str(note.xpath("//article//input[@name='version']/@value")[0])
    kept = office.press(f"{AT}/corrections/1", text="Three.", version=version)
    assert "Correction 1 to November 2026 has an introduction of its own" in kept


def test_two_who_reword_one_note_are_told_and_lose_nothing(office: Office) -> None:
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    office.press(f"{AT}/corrections", about="first-of-two", kind="correction", text="One.")
    assert "was saved" in office.press(f"{AT}/corrections/1", text="Hers.", version="1")
    answer = office.editor.post(f"{AT}/corrections/1", text="His.", version="1")
    assert answer.status_code == 422
    assert "Hers." in said_on(answer)
    assert page_of(answer).xpath("//textarea[@id='text-1']")[0].text.strip() == "His."


def test_a_note_needs_words_a_kind_and_a_letter_that_was_sent(office: Office) -> None:
    answer = office.editor.get(f"{AT}/corrections")
    assert "Nothing is being sent" in said_on(office.editor.follow(answer))
    office.approve()
    office.press(f"{AT}/send")
    office.tick()
    for fields in ({"kind": "correction", "text": " "}, {"kind": "rumour", "text": "x"}):
        answer = office.editor.post(f"{AT}/corrections", about="first-of-two", **fields)
        assert answer.status_code == 422
        assert page_of(answer).xpath("//*[@role='alert']")
