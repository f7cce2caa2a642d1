"""A reader's way in, on a phone: with the keyboard alone, with and without scripts."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import select

from browser.browsing import SCHEMES, Place, Scheme
from browser.judging import complaints
from browser.measuring import CONTRASTS, OVER_THE_EDGE
from making import EMPATHY
from pprmail.model.subscriber import SubscriberStatus
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import MailedLink, ServiceMail
from web.visiting import newest_confirm_path

PHONE: Any = {"width": 375, "height": 667}
FOCUSED = "() => [document.activeElement.id, document.activeElement.innerText.trim()]"
OUTLINE = "() => getComputedStyle(document.activeElement).outlineWidth"


@pytest.fixture(params=["with scripts", "without scripts"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    scripts = request.param == "with scripts"
    with browser.new_context(viewport=PHONE, java_script_enabled=scripts) as context:
        yield context.new_page()


@pytest.fixture
def address(place: Place) -> str:
    with place.app.database.write() as session:
        for link in session.scalars(select(MailedLink)):
            session.delete(link)
    return f"{os.urandom(6).hex()}@gmial.com"


def tab_to(page: Page, target: str) -> None:
    """Press Tab up to a control, which is always seen to have the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTLINE) == "3px"
        if target in page.evaluate(FOCUSED):
            return
    raise AssertionError(target)


def type_slowly(page: Page, text: str) -> None:
    """Type as a person does, who needs more than two seconds for a form."""
    page.wait_for_timeout(2100)
    page.keyboard.type(text)


def test_from_the_form_to_the_first_choice_with_the_keyboard_alone(
    phone: Page, place: Place, address: str
) -> None:
    phone.goto(place.base)
    tab_to(phone, "email")
    type_slowly(phone, address)
    phone.keyboard.press("Tab")
    phone.keyboard.type("Ada")
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="Look into your mailbox").wait_for()
    assert phone.get_by_role("status").inner_text().count(address) == 1
    assert phone.get_by_text("Did you mean").is_visible()
    assert phone.evaluate(OVER_THE_EDGE) == []
    assert mails_to(place, address) == ["confirmation"]
    phone.goto(place.base + newest_confirm_path(place.app))
    assert status_of(place, address) is SubscriberStatus.PENDING
    tab_to(phone, "Confirm my subscription")
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="You are subscribed").wait_for()
    assert status_of(place, address) is SubscriberStatus.ACTIVE
    assert mails_to(place, address) == ["confirmation", "welcome"]
    tab_to(phone, "Choose your topics")
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="Your topics").wait_for()


def test_topics_are_chosen_while_signing_up(phone: Page, place: Place, address: str) -> None:
    phone.goto(f"{place.base}/subscribe")
    assert not phone.get_by_label("Empathy").is_visible()
    tab_to(phone, "email")
    type_slowly(phone, address)
    tab_to(phone, "Choose topics (optional)")
    phone.keyboard.press("Enter")
    phone.get_by_label("Empathy").focus()
    phone.keyboard.press("Space")
    phone.get_by_role("button").press("Enter")
    phone.get_by_role("heading", name="Look into your mailbox").wait_for()
    phone.goto(place.base + newest_confirm_path(place.app))
    assert phone.get_by_role("listitem").all_inner_texts() == ["Empathy"]
    phone.get_by_role("button").click()
    phone.get_by_role("status").wait_for()
    with place.app.database.read() as session:
        reader = subscriber_with_address(session, address)
        assert reader is not None
        assert reader.chosen_topics == [EMPATHY]


def test_a_mistake_is_told_beside_the_field_and_read_out(phone: Page, place: Place) -> None:
    phone.goto(f"{place.base}/subscribe")
    # A browser's own check takes this for an address; a letter could not go there.
    phone.get_by_label("Your email address").fill("ada@clinic")
    phone.get_by_role("button").click()
    phone.get_by_role("alert").wait_for()
    field = phone.get_by_label("Your email address")
    assert field.get_attribute("aria-invalid") == "true"
    beside = phone.locator(f"#{field.get_attribute('aria-describedby')}")
    assert "whole email address" in beside.inner_text()
    assert field.input_value() == "ada@clinic"


def test_who_mistyped_takes_the_hint_with_one_press(
    phone: Page, place: Place, address: str
) -> None:
    phone.goto(f"{place.base}/subscribe")
    phone.get_by_label("Your email address").focus()
    type_slowly(phone, address)
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="Use that address instead").click()
    meant = address.replace("gmial", "gmail")
    assert phone.get_by_label("Your email address").input_value() == meant
    assert mails_to(place, meant) == []
    assert meant not in phone.url


def test_a_form_of_another_site_leads_to_ours(phone: Page, place: Place, address: str) -> None:
    html = f"""<form method="post" action="{place.base}/subscribe/start"><label>Address
    <input name="email" type="email"></label><button>Get the letter</button></form>"""

    def show(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html")

    phone.route("http://network.localhost/", show)
    phone.goto("http://network.localhost/")
    phone.get_by_label("Address").fill(address)
    phone.get_by_role("button").click()
    phone.get_by_role("heading", name="Get the letter").wait_for()
    assert mails_to(place, address) == []
    phone.wait_for_timeout(2100)
    phone.get_by_role("button", name="Sign me up").click()
    phone.get_by_role("heading", name="Look into your mailbox").wait_for()
    assert mails_to(place, address) == ["confirmation"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_answers_to_the_form_are_fit_to_be_read(
    browser: Browser, place: Place, address: str, scheme: Scheme
) -> None:
    for width in (320, 375, 1280):
        size: Any = {"width": width, "height": 700}
        with browser.new_context(viewport=size, color_scheme=scheme) as context:
            page = context.new_page()
            for typed, wait in ((f"{'long' * 15}{width}.{address}", 2100), ("ada@clinic", 0)):
                page.goto(f"{place.base}/subscribe")
                page.get_by_label("Your email address").fill(typed)
                page.wait_for_timeout(wait)
                page.get_by_role("button").click()
                page.wait_for_load_state()
                assert page.evaluate(OVER_THE_EDGE) == []
                assert [w for ratio, w in page.evaluate(CONTRASTS) if ratio < 4.5] == []
                assert complaints(page) == []


def test_axe_complains_of_no_page_of_the_way_in(browser: Browser, place: Place) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        for name in ("home", "subscribe", "confirm", "confirmed", "too late", "no longer"):
            page.goto(place.base + place.paths[name])
            assert complaints(page) == [], name


def test_the_field_for_programs_is_seen_and_reached_by_nobody(phone: Page, place: Place) -> None:
    phone.goto(f"{place.base}/subscribe")
    assert not phone.locator("#website").is_visible()
    assert "Leave this empty" not in phone.locator("main").aria_snapshot()


def mails_to(place: Place, address: str) -> list[str]:
    with place.app.database.read() as session:
        mails = select(ServiceMail.kind).where(ServiceMail.recipient == address)
        return list(session.scalars(mails.order_by(ServiceMail.id)))


def status_of(place: Place, address: str) -> SubscriberStatus:
    with place.app.database.read() as session:
        reader = subscriber_with_address(session, address)
        assert reader is not None
        return reader.status
