"""The way in to the desk, one's own account, and people: as a person goes it, on a phone."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from browser.browsing import SCHEMES, Place, Scheme, sign_in
from browser.judging import complaints
from browser.measuring import CONTRASTS, OVER_THE_EDGE
from pprmail.bootstrap import utc_now
from pprmail.model.editor import DeskSession, Role, digest_of
from pprmail.services.people import Act, Invited

PHONE: Any = {"width": 375, "height": 667}
GOOD = "four words of mine alone"
OPEN = ("/editor/sign-in", "/editor/link/nothing", "/editor/invitation/nothing")
PAGES = (
    "/editor/account",
    "/editor/account/password",
    "/editor/account/code",
    "/editor/again",
    "/editor/people",
    "/editor/people/invite",
    "/editor/log",
)


@pytest.fixture(params=["with scripts", "without scripts"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    scripts = request.param == "with scripts"
    with browser.new_context(viewport=PHONE, java_script_enabled=scripts) as context:
        yield context.new_page()


def an_invitation(place: Place) -> Invited:
    address = f"{'long.' * 8}{os.urandom(4).hex()}@practice-research-network.example.org"
    act = Act("adam@example.org", "Adam", utc_now())
    return place.app.staff.people.invite(address, Role.ADMIN, act=act)


def test_from_the_invitation_to_the_account_with_the_keyboard_alone(
    phone: Page, place: Place
) -> None:
    invited = an_invitation(place)
    phone.goto(invited.url)
    assert invited.editor.email in phone.locator("main").inner_text()
    phone.get_by_label("Your name").focus()
    phone.keyboard.type("Ada")
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.value") == "password"
    phone.keyboard.press("Tab")
    phone.keyboard.type("password")
    phone.keyboard.press("Enter")
    phone.get_by_role("alert").wait_for()
    field = phone.get_by_label("Your new password")
    beside = phone.locator(f"#{str(field.get_attribute('aria-describedby')).split()[-1]}")
    assert "15 characters" in beside.inner_text()
    field.fill(GOOD)
    field.press("Enter")
    phone.get_by_role("button", name="Sign out", exact=True).press("Enter")
    phone.get_by_label("Your email address").fill(invited.editor.email)
    phone.get_by_label("Your password").fill(GOOD)
    phone.keyboard.press("Enter")
    phone.get_by_role("link", name="Account").press("Enter")
    phone.get_by_role("heading", name="Your account").wait_for()
    assert phone.evaluate(OVER_THE_EDGE) == []


def test_a_code_is_added_and_asked_for(phone: Page, place: Place) -> None:
    invited = an_invitation(place)
    phone.goto(invited.url)
    phone.get_by_label("Your new password").fill(GOOD)
    phone.get_by_role("button", name="Join").click()
    phone.goto(f"{place.base}/editor/account/code")
    assert phone.get_by_role("img").is_visible()
    secret = phone.locator("code").inner_text().replace(" ", "")
    app = pyotp.TOTP(secret)
    phone.get_by_label("Six digits").fill(app.at(utc_now()))
    phone.get_by_role("button", name="Ask for a code").click()
    phone.locator(".codes code").first.wait_for()
    codes = phone.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    assert phone.evaluate(OVER_THE_EDGE) == []
    phone.get_by_role("button", name="Sign out", exact=True).click()
    for code in (None, codes[0]):
        phone.goto(f"{place.base}/editor/sign-in?next=/editor/log")
        phone.get_by_label("Your email address").fill(invited.editor.email)
        phone.get_by_label("Your password").fill(GOOD)
        phone.keyboard.press("Enter")
        phone.get_by_role("heading", name="Your code").wait_for()
        # No code opens twice: the next one is for whoever is asked again within half a minute.
        phone.get_by_label("six digits").fill(code or app.at(utc_now(), counter_offset=1))
        phone.keyboard.press("Enter")
        phone.get_by_role("heading", name="What was done").wait_for()
        phone.get_by_role("button", name="Sign out", exact=True).click()


def test_what_was_written_is_sent_after_signing_in_again(phone: Page, place: Place) -> None:
    gone = sign_in(phone, place, f"{os.urandom(4).hex()}@example.org")
    phone.goto(f"{place.base}/editor/account")
    phone.get_by_label("Your name").fill("A name that took long to write")
    phone.context.clear_cookies()
    phone.get_by_role("button", name="Save").click()
    phone.get_by_role("heading", name="You are signed out").wait_for()
    sign_in(phone, place, gone.email)
    phone.get_by_role("button", name="Send it").click()
    phone.get_by_role("heading", name="Please send this form again").wait_for()
    phone.get_by_role("button", name="Send it").click()
    phone.get_by_role("status").wait_for()
    assert phone.get_by_label("Your name").input_value() == "A name that took long to write"
    assert phone.evaluate(OVER_THE_EDGE) == []


def test_what_weighs_much_and_comes_late_is_sent_after_a_proof_on_another_page(
    phone: Page, place: Place
) -> None:
    slow = sign_in(phone, place, f"{os.urandom(4).hex()}@example.org")
    phone.goto(f"{place.base}/editor/people/invite")
    mine = update(DeskSession).where(DeskSession.digest == digest_of(slow.secret))
    with place.app.database.write() as session:
        session.execute(mine.values(proved_at=utc_now() - timedelta(minutes=6)))
    phone.get_by_label("Email address").fill(f"{os.urandom(4).hex()}@example.org")
    phone.get_by_role("button", name="Send the invitation").click()
    phone.get_by_role("heading", name="Please confirm that it is you").wait_for()
    assert phone.evaluate(OVER_THE_EDGE) == []
    with phone.context.expect_page() as opened:
        phone.get_by_role("link", name="Confirm on another page").click()
    opened.value.get_by_role("heading", name="Please confirm that it is you").wait_for()
    sign_in(phone, place, slow.email)
    phone.get_by_role("button", name="Send it").click()
    phone.get_by_role("status").filter(has_text="An invitation is on its way").wait_for()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_of_this_part_is_fit_to_be_read(
    browser: Browser, place: Place, scheme: Scheme
) -> None:
    invited = an_invitation(place)
    person = f"/editor/people/{invited.editor.public_id}"
    for width in (320, 1280) if scheme == "light" else (375,):
        size: Any = {"width": width, "height": 700}
        with browser.new_context(viewport=size, color_scheme=scheme) as context:
            page = context.new_page()
            for path in (*OPEN, invited.url.removeprefix(place.base)):
                look(page, place, path)
            sign_in(page, place)
            for path in (*PAGES, person):
                look(page, place, path)


def look(page: Page, place: Place, path: str) -> None:
    page.goto(place.base + path)
    assert page.evaluate(OVER_THE_EDGE) == [], path
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert [words for ratio, words in page.evaluate(CONTRASTS) if ratio < 4.5] == [], path
    assert complaints(page) == [], path
