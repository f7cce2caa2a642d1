"""What a person does on the pages: with the keyboard, and with scripts switched off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from browser.browsing import Place
from making import EMPATHY, TRAINING
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.services.subscriptions import reader

OUTLINE = "() => getComputedStyle(document.activeElement).outlineWidth"
FOCUSED = "() => (document.activeElement.value || document.activeElement.innerText).trim()"

WIDE_AND_NARROW = pytest.mark.parametrize("width", [1280, 375])
"""A desk, and a phone."""


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
    page.get_by_role("button", name="Save my choices").click()
    page.get_by_text("Saved.").wait_for()
    found = stored(place, ada)
    assert (set(found.chosen_topics), found.no_match.value) == ({EMPATHY, TRAINING}, "skip")
    assert page.get_by_label("Empathy").is_checked()


def test_where_topics_cannot_be_hidden_it_is_said_that_everything_comes_first(
    page: Page, place: Place
) -> None:
    # A browser from before 2023 takes this style for one that it does not know.
    def older(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(":has(", ":unknown("))

    _, address = place.readers_page("preferences")
    said = page.get_by_text("you get every summary, whatever you tick here")
    page.goto(address)
    page.get_by_label("Only the topics that I choose").check()
    assert page.get_by_label("Empathy").is_visible()
    assert not said.is_visible()
    page.route("**/style.css*", older)
    page.goto(address)
    assert page.get_by_label("Everything", exact=True).is_checked()
    assert page.get_by_label("Empathy").is_visible()
    assert said.is_visible()


def test_a_reader_goes_back_to_everything(page: Page, place: Place) -> None:
    ada, address = place.readers_page("preferences", EMPATHY)
    page.goto(address)
    page.get_by_label("Everything", exact=True).check()
    assert not page.get_by_label("Empathy").is_visible()
    page.get_by_role("button", name="Save my choices").click()
    page.get_by_text("Saved.").wait_for()
    assert stored(place, ada).follows_all


@WIDE_AND_NARROW
def test_the_keyboard_alone_is_enough_to_leave(page: Page, place: Place, width: int) -> None:
    ada, address = place.readers_page("leave")
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(address)
    assert reached(page) == ["The Practice Research Letter", "Unsubscribe me"]
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert stored(place, ada).status is SubscriberStatus.ENDED


@WIDE_AND_NARROW
def test_the_keyboard_alone_is_enough_to_choose(page: Page, place: Place, width: int) -> None:
    ada, address = place.readers_page("preferences")
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(address)
    assert reached(page, "everything")[-1] == "everything"
    page.keyboard.press("ArrowDown")
    assert reached(page, EMPATHY)[-1] == EMPATHY
    page.keyboard.press("Space")
    assert reached(page, "save")[-1] == "save"
    page.keyboard.press("Enter")
    page.get_by_text("Saved.").wait_for()
    assert stored(place, ada).chosen_topics == [EMPATHY]


def test_what_choices_mean_is_shown_before_they_are_saved(page: Page, place: Place) -> None:
    ada, address = place.readers_page("preferences")
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(address)
    page.get_by_label("Only the topics that I choose").check()
    page.get_by_label("Training").check()
    page.get_by_role("button", name="Show what these choices mean").click()
    page.get_by_text("Nothing is saved yet.").wait_for()
    assert page.get_by_label("Training").is_checked()
    assert stored(place, ada).follows_all
    page.get_by_role("button", name="Save my choices").click()
    page.get_by_text("Saved.").wait_for()
    assert stored(place, ada).chosen_topics == [TRAINING]


def test_a_reader_gives_up_a_topic_and_stays(page: Page, place: Place) -> None:
    ada, address = place.readers_page("leave", EMPATHY, TRAINING)
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(address)
    page.get_by_text("Or give up some topics only").click()
    page.get_by_label("Empathy").check()
    page.get_by_role("button", name="Give up these topics").click()
    page.get_by_role("heading", name="You get fewer topics").wait_for()
    assert stored(place, ada).chosen_topics == [TRAINING]
    assert stored(place, ada).status is SubscriberStatus.ACTIVE


def test_who_left_may_say_why_afterwards(page: Page, place: Place) -> None:
    _, address = place.readers_page("leave")
    page.goto(address)
    page.get_by_role("button", name="Unsubscribe me").click()
    page.get_by_label("I read it elsewhere").check()
    page.get_by_role("button", name="Send this").click()
    page.get_by_role("heading", name="Thank you").wait_for()


def test_an_owner_erases_everything(page: Page, place: Place) -> None:
    ada, address = place.readers_page("owner", EMPATHY)
    page.goto(address)
    page.get_by_role("link", name="Erase my data").click()
    assert stored(place, ada).email is not None
    page.get_by_role("button", name="Erase my data").click()
    page.get_by_role("heading", name="Your data is erased").wait_for()
    assert stored(place, ada).email is None


def test_topics_are_found_as_one_types_and_a_group_is_ticked_at_once(
    browser: Browser, place: Place
) -> None:
    ada, address = place.readers_page("preferences", EMPATHY)
    with browser.new_context(viewport={"width": 375, "height": 700}) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Find a topic").fill("TRAIN")
        assert page.get_by_label("Training").is_visible()
        assert not page.get_by_label("Empathy").is_visible()
        assert page.get_by_role("status").inner_text() == "1 topic shown"
        page.keyboard.press("Enter")
        assert page.url == address
        page.get_by_label("Find a topic").fill("")
        page.get_by_role("button", name="Choose all of Therapists").click()
        assert page.get_by_label("Training").is_checked()
        page.get_by_role("button", name="Choose none of The relationship").click()
        page.get_by_role("button", name="Save my choices").click()
        page.get_by_text("Saved.").wait_for()
    assert EMPATHY not in stored(place, ada).chosen_topics
    assert TRAINING in stored(place, ada).chosen_topics


def test_without_scripts_there_is_no_button_that_does_nothing(
    browser: Browser, place: Place
) -> None:
    _, address = place.readers_page("preferences", EMPATHY)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        names = [button.inner_text() for button in page.get_by_role("button").all()]
    assert names == ["Save my choices", "Show what these choices mean", "Mail me that link"]


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
