"""Readers at the desk, as an editor goes about it: every page fit to be read, a task by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsing import SCHEMES, Place, Scheme, sign_in
from browser.judging import complaints
from browser.measuring import CONTRASTS, OVER_THE_EDGE
from making import EMPATHY, TRAINING, a_reader
from pprmail.bootstrap import App, utc_now
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.services.ending import Ending, Why, end_reader
from pprmail.storage.subscribers import subscriber_with_address

READERS = "/editor/subscribers"
LIST = {
    "name": "readers.csv",
    "mimeType": "text/csv",
    "buffer": "Courriel;Prénom;Statut\r\nzoe@example.org;Zoé;abonnée\r\nnowhere;;\r\n".encode(
        "cp1252"
    ),
}


@pytest.fixture(scope="module")
def reader(place: Place) -> str:
    address = "maximiliana.von-und-zu-hohenstein@a-long-name-of-a-clinic.example.org"
    return a_reader(place.app.database, address, EMPATHY, TRAINING, name="Maximiliana")


@pytest.fixture(scope="module")
def gone(place: Place) -> str:
    public_id = a_reader(place.app.database, "gone-by@example.org")
    ending = Ending(Why.OTHER, "moved on")
    end_reader(place.app.database, public_id, ending, who="edith@example.org", now=utc_now())
    with place.app.database.write() as session:
        found = subscriber_with_address(session, "gone-by@example.org")
        assert found is not None
        found.end(EndReason.COMPLAINED, now=utc_now())
    return public_id


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_of_this_part_is_fit_to_be_read(
    browser: Browser, place: Place, reader: str, gone: str, scheme: Scheme
) -> None:
    paths = [
        READERS,
        f"{READERS}?topic={EMPATHY}&standing=ended",
        f"{READERS}/figures",
        f"{READERS}/{reader}",
        f"{READERS}/{gone}",
        f"{READERS}/{reader}/erase",
        f"{READERS}/add",
        f"{READERS}/upload",
        f"{READERS}/upload/list",
        f"{READERS}/export",
        "/editor/year/2026",
    ]
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        sign_in(page, place)
        upload(page, place)
        for path in paths:
            page.goto(place.base + path)
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            for width in (320, 375, 1280):
                page.set_viewport_size({"width": width, "height": 700})
                assert page.evaluate(OVER_THE_EDGE) == [], (path, width)
                assert [w for r, w in page.evaluate(CONTRASTS) if r < 4.5] == [], (path, width)
                assert complaints(page) == [], (path, width)


def upload(page: Page, place: Place) -> None:
    page.goto(f"{place.base}{READERS}/upload")
    files: Any = LIST
    page.get_by_label("The list").set_input_files(files)
    page.get_by_role("button", name="Show what it would do").click()


def test_a_list_comes_in_as_it_was_shown(browser: Browser, place: Place) -> None:
    size: Any = {"width": 375, "height": 700}
    with browser.new_context(viewport=size, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, place)
        upload(page, place)
        expect(page.get_by_label("Courriel")).to_have_value("email")
        expect(page.get_by_text("not where and how this person agreed")).to_be_visible()
        page.get_by_label("Where and how did these readers agree?").fill("our stand")
        page.get_by_role("button", name="Read it like this").click()
        page.get_by_role("button", name="Import this reader").click()
        expect(page.get_by_role("status").first).to_have_text(
            "The list is imported: 1 came in, 0 were changed."
        )
    assert status_of(place.app, "zoe@example.org") is SubscriberStatus.ACTIVE


def test_a_reader_is_found_and_ended_by_the_keyboard_alone(browser: Browser, place: Place) -> None:
    a_reader(place.app.database, "to-be-ended@example.org", name="Kim Keys")
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, place)
        page.goto(place.base + READERS)
        tab_to(page, "Part of an address or a name")
        page.keyboard.type("kim k")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="With “kim k”")).to_be_visible()
        tab_to(page, "Kim Keys, t•••@example.org")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Kim Keys")).to_be_visible()
        tab_to(page, "This person asked for it")
        page.keyboard.press("Space")
        tab_to(page, "End the letters")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_have_text("No more letters go to this reader.")
        page.go_back()
        page.go_back()
        expect(page.get_by_role("heading", name="With “kim k”")).to_be_visible()
    assert status_of(place.app, "to-be-ended@example.org") is SubscriberStatus.ENDED


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus, and shows that it has."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        words = focused.evaluate("e => (e.labels?.[0] ?? e).innerText.trim()")
        if words == name:
            outline = "e => getComputedStyle(e).outlineStyle"
            assert focused.evaluate(outline) != "none", name
            return
    raise AssertionError(f"{name} is not reached by Tab")


def status_of(app: App, address: str) -> SubscriberStatus:
    with app.database.read() as session:
        found = subscriber_with_address(session, address)
    assert found is not None
    return found.status
