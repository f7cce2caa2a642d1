"""A letter's way out in a real browser: every page fit to be read, and Stop found with the keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from browser.browsing import SCHEMES, Place, Scheme, a_place, sign_in
from browser.judging import complaints
from browser.measuring import CONTRASTS, OVER_THE_EDGE
from making import a_summary, stored
from pprmail.bootstrap import App, utc_now
from pprmail.model.correction import CorrectionKind
from pprmail.model.month import Month
from pprmail.model.request import RequestState
from pprmail.services.assembly import assemble
from pprmail.services.corrections import add_note
from pprmail.services.review import approve
from pprmail.storage.tables import Delivery, Issue, Request

SENT, NEXT, THEN = "/editor/issues/2026-11", "/editor/issues/2027-02", "/editor/issues/2027-03"
PAGES = (
    f"{NEXT}/approve",
    f"{THEN}/schedule",
    f"{THEN}/send",
    f"{SENT}/progress",
    f"{SENT}/report",
    f"{SENT}/corrections",
    "/editor/reports",
)


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A letter to approve, one to send, and one that rests half way, with a doubt and a note."""
    with a_place(tmp_path_factory.mktemp("sending")) as place:
        prepare(place)
        yield place


def prepare(place: Place) -> None:
    newsroom, now = place.app.newsroom, utc_now()
    for month, doi in (("2027-02", None), ("2027-03", "10.1000/x")):
        stored(place.app.database, a_summary(f"Of {month}?", month=Month(month), doi=doi))
        assemble(newsroom, Month(month), who="test", now=now)
    approve(newsroom, "2027-03", by="adam@example.org", now=now)
    said = CorrectionKind.CORRECTION, "It was 0.27, not 0.72."
    about: dict[str, Any] = {
        "about": "a-question-about-alliance",
        "said": said,
        "by": "a@example.org",
    }
    add_note(newsroom, "2026-11", **about, now=now)
    with place.app.database.write() as session:
        november = update(Issue).where(Issue.name == "2026-11")
        refusal = "SendGrid refuses (401): Maximum credits exceeded"
        rests = {"state": "sending", "sent_at": None, "paused_at": now, "pause_reason": refusal}
        session.execute(november.values(rests))
        last = select(Request.id).order_by(Request.id.desc()).limit(1).scalar_subquery()
        doubt = {"state": RequestState.UNKNOWN, "detail": "no whole answer within 20 s"}
        session.execute(update(Request).where(Request.id == last).values(doubt))
        session.execute(update(Delivery).values(delivered_at=now))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_of_a_letter_s_way_out_is_fit_to_be_read(
    browser: Browser, at_work: Place, scheme: Scheme
) -> None:
    size: Any = {"width": 1280, "height": 700}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        sign_in(page, at_work)
        for path in PAGES:
            page.goto(at_work.base + path)
            assert [words for ratio, words in page.evaluate(CONTRASTS) if ratio < 4.5] == [], path
            for width in (320, 375, 1280):
                page.set_viewport_size({"width": width, "height": 700})
                assert page.evaluate(OVER_THE_EDGE) == [], (path, width)
                assert complaints(page) == [], (path, width)


def test_a_letter_is_scheduled_and_stopped_with_the_keyboard_alone(
    browser: Browser, at_work: Place
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, at_work)
        page.goto(f"{at_work.base}{THEN}/schedule")
        to_the_button(page, "Send ")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("It goes out on")
        to_the_button(page, "Cancel the schedule")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("It stays approved")


def test_the_page_tells_by_itself_when_the_sending_goes_on(
    browser: Browser, at_work: Place
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, at_work)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.goto(f"{at_work.base}{SENT}/progress")
        expect(page.get_by_text("out of credits")).to_be_visible()
        resume(at_work.app)
        expect(page.get_by_text("out of credits")).to_be_hidden(timeout=10_000)
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        assert problems == []


def resume(app: App) -> None:
    with app.database.write() as session:
        session.execute(update(Issue).values(paused_at=None, pause_reason=None))


def to_the_button(page: Page, words: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and (focused.text_content() or "").strip().startswith(words):
            return
    raise AssertionError(f"no way to “{words}” with the Tab key")
