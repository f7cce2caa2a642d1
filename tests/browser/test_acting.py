"""What a person does on the pages: with the keyboard, and with scripts switched off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from browser.browsing import Place
from making import EMPATHY, TRAINING
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.services.subscriptions import reader

OUTLINE = "() => getComputedStyle(document.activeElement).outlineWidth"
FOCUSED = "() => (document.activeElement.value || document.activeElement.innerText).trim()"


@pytest.fixture(params=["with scripts", "without scripts"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=request.param == "with scripts") as context:
        yield context.new_page()


def test_a_reader_leaves_with_one_press(page: Page, place: Place) -> None:
    ada, address = place.readers_page("leave")
    page.goto(address)
    assert stored(place, ada).status is SubscriberStatus.ACTIVE
    page.get_by_role("button", name="Unsubscribe me").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert stored(place, ada).status is SubscriberStatus.ENDED


def test_a_reader_chooses_topics(page: Page, place: Place) -> None:
    ada, address = place.readers_page("preferences")
    page.goto(address)
    assert not page.get_by_label("Empathy").is_visible()
    page.get_by_label("Only the topics that I choose").check()
    page.get_by_label("Empathy").check()
    page.get_by_label("Training").check()
    page.get_by_label("Send me nothing").check()
    page.get_by_role("button").click()
    page.get_by_role("status").wait_for()
    found = stored(place, ada)
    assert (set(found.chosen_topics), found.no_match.value) == ({EMPATHY, TRAINING}, "skip")
    assert page.get_by_label("Empathy").is_checked()


def test_a_reader_goes_back_to_everything(page: Page, place: Place) -> None:
    ada, address = place.readers_page("preferences", EMPATHY)
    page.goto(address)
    page.get_by_label("Everything", exact=True).check()
    assert not page.get_by_label("Empathy").is_visible()
    page.get_by_role("button").click()
    page.get_by_role("status").wait_for()
    assert stored(place, ada).follows_all


def test_the_keyboard_alone_is_enough_to_leave(page: Page, place: Place) -> None:
    ada, address = place.readers_page("leave")
    page.goto(address)
    assert reached(page) == ["The Practice Research Letter", "Unsubscribe me"]
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert stored(place, ada).status is SubscriberStatus.ENDED


def test_the_keyboard_alone_is_enough_to_choose(page: Page, place: Place) -> None:
    ada, address = place.readers_page("preferences")
    page.goto(address)
    assert reached(page, "everything")[-1] == "everything"
    page.keyboard.press("ArrowDown")
    assert reached(page, EMPATHY)[-1] == EMPATHY
    page.keyboard.press("Space")
    assert reached(page)[-1] == "Save my choices"
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert stored(place, ada).chosen_topics == [EMPATHY]


def reached(page: Page, last: str = "") -> list[str]:
    """Press Tab up to a control, or to the page's button; the way there, which is always seen."""
    passed: list[str] = []
    while len(passed) < 60:
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED))
        assert page.evaluate(OUTLINE) == "3px", passed
        if passed[-1] == last or (not last and page.locator("button:focus").count()):
            return passed
    raise AssertionError(passed)


def stored(place: Place, public_id: str) -> Subscriber:
    found = reader(place.app.database, public_id)
    assert found is not None
    return found
