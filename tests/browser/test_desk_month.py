"""A whole month at the desk: by the keyboard alone, and by touch on a phone; the ledger is the judge."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsing import free_port
from browser.measuring import OVER_THE_EDGE
from making import a_reader
from pprmail.bootstrap import App, utc_now
from pprmail.cli.serve import served
from pprmail.model.editor import Role
from pprmail.model.month import month_at
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.services.people import Act
from pprmail.services.tick import tick
from web.visiting import an_app

EDITOR, PASSWORD = "edith@example.org", "four words of mine alone"
CITED = "Flückiger, C. (2020). A study of it. Journal of Studies, 5(2), 10–20."
TEXT = "Clients spoke of warmth, and of being understood. " * 12
IMPLICATIONS = "Ask for it at the end of every session."
CLIENTS, TRAINING = "What Do Clients Remember?", "What Does Training Change?"
CHOICES = {
    "all": [],
    "empathy": ["empathy"],
    "training": ["training"],
    "both": ["empathy", "training"],
    "neither": ["placebo-effect"],
}
READERS = [f"{name}@example.org" for name in CHOICES]
LIST = "email,topics,consent_source\n" + "".join(
    f'{name}@example.org,"{"; ".join(topics)}",our stand\n' for name, topics in CHOICES.items()
)

STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e.tagName === 'IFRAME') return null;
  const by = (e.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean)
    .map(id => document.getElementById(id)?.innerText ?? '').join(' ');
  const words = e.ariaLabel || by || [...(e.labels ?? [])].map(l => l.innerText).join(' ') || e.innerText;
  const {outlineStyle, outlineWidth} = getComputedStyle(e);
  const points = [...e.getClientRects()].flatMap(r =>
    [[(r.left + r.right) / 2, (r.top + r.bottom) / 2], [r.left + 4, r.top + 4], [r.right - 4, r.bottom - 4]]);
  const hit = ([x, y]) => { const f = document.elementFromPoint(x, y); return f === e || e.contains(f); };
  return {
    name: words.replace(/\\s+/g, ' ').trim(),
    marked: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    inSight: points.some(hit),
    html: e.outerHTML.slice(0, 120),
  };
}"""
"""What has the focus: its name, whether that is marked, and whether it can be seen."""

CONTROLS = "button|link|textbox|searchbox|checkbox|radio|combobox|listbox|progressbar|img|region"
NAMELESS = re.compile(rf"^\s*- '?(?:{CONTROLS})\b(?! [\"/]).*", re.MULTILINE)
LANDMARKS = ("banner", 'navigation "The desk"', "main", "contentinfo")


@dataclass(frozen=True)
class Office:
    """A desk that is served, its clock in our hands, with a SendGrid of its own."""

    app: App
    sandbox: Sandbox
    days: list[int]
    invitation: str

    @property
    def month(self) -> str:
        """The month that is written."""
        return month_at(utc_now(), self.app.newsroom.masthead.zone)

    def tick(self) -> None:
        """Let the clock do what is due."""
        assert tick(self.app.clockwork) == []

    def letters(self, category: str) -> Counter[str]:
        """Count, by the provider's ledger, the letters that each address gets, now or later."""
        self.days.append(1)  # What was taken back is let go of when its time would have come.
        assert self.sandbox.wait_for_events(10.0)
        ledger = read_ledger(self.sandbox.ledger_path)
        mine = {e["request"] for e in ledger.accepted if category in e.get("categories", ())}
        return Counter(each.address for each in ledger.kept() if each.request in mine)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    port, path = free_port(), tmp_path / "ledger.jsonl"
    base = f"http://127.0.0.1:{port}"
    days: list[int] = []
    options = SandboxOptions(
        ledger_path=path,
        webhook_url=f"{base}/hooks/sendgrid",
        clock=lambda: utc_now() + timedelta(days=sum(days)),
    )
    with Sandbox(options) as sandbox:
        settings: dict[str, Any] = {
            "newsletter__base_url": base,
            "web__port": port,
            "delivery__sender": "sendgrid",
            "delivery__allowed_recipients": ["*@example.org"],
            "sendgrid__api_key": "SG.test",
            "sendgrid__host": sandbox.url,
            "sendgrid__webhook_public_key": sandbox.public_key,
        }
        url = f"sqlite:///{tmp_path / 'pprmail.db'}"
        with an_app(tmp_path, url, **settings) as app, served(app):
            act = Act("adam@example.org", "Adam", utc_now())
            invited = app.staff.people.invite(EDITOR, Role.ADMIN, act=act)
            yield Office(app, sandbox, days, invited.url)


def is_fit_to_be_heard(page: Page) -> None:
    """Hold the tree of a screen reader against what each page promises."""
    tree = page.locator("body").aria_snapshot()
    levels = [int(level) for level in re.findall(r"- '?heading .*\[level=(\d)\]", tree)]
    assert levels.count(1) == 1, (page.url, levels)
    assert levels[0] == 1, (page.url, levels)
    assert all(below <= above + 1 for above, below in pairwise(levels)), (page.url, levels)
    for landmark in LANDMARKS:
        found = re.findall(rf"^ *- {landmark}:", tree, re.MULTILINE)
        assert len(found) == 1, (page.url, landmark)
    assert NAMELESS.findall(tree) == [], page.url
    assert page.title(), page.url


@dataclass(frozen=True)
class Keys:
    """A person without a mouse."""

    page: Page

    def to(self, name: str) -> None:
        """Press Tab until something of this name has the focus; every stop has a name and is seen."""
        for _ in range(120):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(STOP)
            if stop is None:
                continue
            assert stop["name"], stop
            assert stop["marked"], stop
            assert stop["inSight"], stop
            if re.match(rf"{re.escape(name)}(?!\w)", stop["name"]):
                return
        raise AssertionError(f"no way to “{name}” with the Tab key on {self.page.url}")

    def press(self, name: str, *, key: str = "Enter") -> None:
        """Go to a control and press a key there."""
        self.to(name)
        self.page.keyboard.press(key)

    def write(self, name: str, words: str) -> None:
        """Go to a field and write."""
        self.to(name)
        self.page.keyboard.insert_text(words)

    def go(self, name: str, heading: str) -> None:
        """Follow a link or press a button that leads to another page."""
        self.press(name)
        self.sees(heading)

    def sees(self, heading: str) -> None:
        """Be on the page of this heading, which is fit to be heard."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        is_fit_to_be_heard(self.page)

    def is_told(self, words: str) -> None:
        """Be told by the page what has happened."""
        expect(self.page.get_by_role("status").first).to_contain_text(words)
        is_fit_to_be_heard(self.page)


def test_a_whole_month_is_done_with_the_keyboard_alone(browser: Browser, office: Office) -> None:
    for name, topics in CHOICES.items():
        a_reader(office.app.database, f"{name}@example.org", *topics)
    with browser.new_context(viewport={"width": 1280, "height": 700}) as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        keys = Keys(page)
        page.goto(office.invitation)
        keys.write("Your name", "Edith")
        keys.write("Your new password", PASSWORD)
        page.keyboard.press("Enter")
        keys.sees("This month")
        keys.go("Write the first summary", "Write a summary")
        _written_with(keys, CLIENTS, "Empathy")
        keys.go("Summaries", "Summaries")
        keys.go("Write a summary", "Write a summary")
        _written_with(keys, TRAINING, "Training")
        keys.go("This month", "This month")
        keys.go("Assemble now", "The letter of")
        keys.press(f"Move “{TRAINING}” up")
        keys.is_told("is number 1 of 2 now")
        keys.write("Subject", "Of my own")
        page.keyboard.press("Enter")
        keys.is_told("Saved: subject.")
        keys.go("Every edition", "Every edition")
        keys.go("Edition 1+2", "Edition 1+2")
        keys.go("Plain text", "Edition 1+2")
        keys.go("Check", "Check")
        _ticked_with(keys)
        keys.press("Save the ticks")
        keys.is_told("Every warning is ticked off")
        keys.go("Go on to approve", "Approve")
        keys.go("Approve exactly this", "Send")
        _sent_with(keys, office)
        keys.press("Stop")
        keys.is_told("Stopped")
        _until(office, page, f"{len(READERS)} letters taken back")
        keys.press("Resume")
        keys.is_told("It goes on")
        _until(office, page, "Sent ")
        keys.go("Report", "Report")
        _corrected_with(keys, office)
    assert office.letters(f"letter-{office.month}") == Counter(READERS)
    told = {"all@example.org", "both@example.org", "empathy@example.org"}
    assert office.letters(f"letter-{office.month}-c1") == Counter(told)


def _written_with(keys: Keys, title: str, topic: str) -> None:
    keys.write("Title", title)
    keys.write("Citation of the study", CITED)
    keys.press("Choose topics")
    keys.write("Find a topic", topic)
    keys.press(topic, key="Space")
    keys.write("Text", TEXT)
    keys.write("Practice Implications", IMPLICATIONS)
    keys.press("Save")
    keys.is_told("Saved.")
    expect(keys.page).to_have_title(re.compile(re.escape(title)))


def _corrected_with(keys: Keys, office: Office) -> None:
    keys.go("Corrections", "Corrections")
    keys.to(TRAINING)
    keys.page.keyboard.press("ArrowDown")
    keys.to("Something in the summary was wrong")
    for arrow in ("ArrowDown", "ArrowUp"):
        keys.page.keyboard.press(arrow)
    keys.write("What the note says", "It was .15, not .51.")
    keys.press("Put the note on the summary")
    keys.is_told("The correction stands")
    keys.go("Draft a letter to the 3 readers", "Approve: Correction 1")
    _ticked_with(keys)
    keys.go("Approve exactly this", "Send: Correction 1")
    _sent_with(keys, office)


def _ticked_with(keys: Keys) -> None:
    """Tick every warning that is not ticked yet."""
    boxes = keys.page.locator("main input[type=checkbox]")
    for place in range(boxes.count()):
        if not boxes.nth(place).is_checked():
            name = boxes.nth(place).evaluate("e => e.labels[0].innerText")
            keys.press(" ".join(name.split()), key="Space")


def _sent_with(keys: Keys, office: Office) -> None:
    keys.go("Send it now", "Send now")
    keys.go("Yes, send it now", "Progress")
    _until(office, keys.page, "Sent ")


def _until(office: Office, page: Page, words: str) -> None:
    """Let the clock go on until the page says so."""
    for _ in range(40):
        office.tick()
        page.reload()
        if words in page.locator("main").inner_text():
            return
        time.sleep(0.25)
    raise AssertionError(page.locator("main").inner_text())


@dataclass(frozen=True)
class Finger:
    """A person with a phone."""

    page: Page

    def on(self, name: str, *, role: Any = "button") -> None:
        """Tap on a control, which is large enough for a finger, and look at what comes."""
        found = self.page.locator("main").get_by_role(role, name=name).first
        assert found.evaluate("e => e.getBoundingClientRect().height") >= 24, name
        with self.page.expect_navigation():
            found.tap()
        self.looks()

    def part(self, name: str) -> None:
        """Go to another part of the desk, by what stands at the top."""
        desk = self.page.get_by_role("navigation", name="The desk")
        with self.page.expect_navigation():
            desk.get_by_role("link", name=name).tap()
        self.looks()
        current = self.page.locator("header a[aria-current]")
        expect(current).to_have_text(name)

    def write(self, label: str, words: str) -> None:
        """Tap into a field and write."""
        self.page.get_by_label(label, exact=True).tap()
        self.page.keyboard.insert_text(words)

    def tick_all(self, name: str) -> None:
        """Tick every box of a name that is not ticked."""
        left = self.page.locator(f"input[name={name}]:not(:checked)")
        while left.count():
            left.first.tap()

    def looks(self) -> None:
        """Look at a page: nothing runs over its edge."""
        assert self.page.evaluate(OVER_THE_EDGE) == [], self.page.url
        is_fit_to_be_heard(self.page)

    def is_told(self, words: str) -> None:
        """Be told by the page what has happened."""
        expect(self.page.get_by_role("status").first).to_contain_text(words)


def test_a_whole_month_is_done_by_touch_on_a_phone(browser: Browser, office: Office) -> None:
    phone: Any = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
    with browser.new_context(**phone, color_scheme="dark") as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        finger = Finger(page)
        page.goto(office.invitation)
        finger.write("Your name, as the others see it", "Edith")
        finger.write("Your new password", PASSWORD)
        page.get_by_role("button", name="Join").tap()
        page.get_by_role("heading", name="This month").wait_for()
        _readers_by(finger)
        finger.part("This month")
        finger.on("Write the first summary", role="link")
        _written_by(finger, CLIENTS, "Empathy")
        finger.part("Summaries")
        finger.on("Write a summary", role="link")
        _written_by(finger, TRAINING, "Training")
        finger.part("This month")
        finger.on("Assemble now")
        finger.on("Check", role="link")
        finger.tick_all("seen")
        finger.on("Save the ticks")
        finger.on("Test", role="link")
        expect(page.get_by_label("To", exact=True)).to_have_value(EDITOR)
        finger.on("Send the test")
        expect(page.get_by_text("Accepted by the mail service")).to_be_visible()
        finger.on("Approve", role="link")
        finger.on("Approve exactly this")
        finger.on("to about 5 readers")
        finger.is_told("It goes out on")
        finger.on("Cancel the schedule, back to approved")
        finger.is_told("It stays approved")
        finger.on("Send it now", role="link")
        finger.on("Yes, send it now")
        _until(office, page, "Sent ")
        finger.on("Report", role="link")
        finger.part("Reports")
        finger.on(month_in_words(office), role="link")
    assert office.letters(f"letter-{office.month}") == Counter(READERS)
    assert office.letters("test") == {EDITOR: 1}


def month_in_words(office: Office) -> str:
    return f"{utc_now().astimezone(office.app.newsroom.masthead.zone):%B %Y}"


def _readers_by(finger: Finger) -> None:
    finger.part("Readers")
    finger.on("Upload a list", role="link")
    files: Any = {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    finger.page.get_by_label("The list").set_input_files(files)
    finger.on("Show what it would do")
    finger.on("Import these 5 readers")
    finger.is_told("5 came in")
    finger.on("Add a reader", role="link")
    finger.write("Address", "waits@example.org")
    finger.page.get_by_label("By a link in a mail").tap()
    finger.on("Add this reader")
    finger.is_told("an invitation is on its way")


def _written_by(finger: Finger, title: str, topic: str) -> None:
    finger.write("Title", title)
    finger.write("Citation of the study", CITED)
    finger.page.get_by_text("Choose topics").tap()
    finger.page.get_by_label(topic, exact=True).tap()
    finger.write("Text", TEXT)
    finger.write("Practice Implications", IMPLICATIONS)
    finger.on("Save")
    finger.is_told("Saved.")
