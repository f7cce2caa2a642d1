"""How the pages are built, as whoever does not see them meets them."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Locator, Page

from browser.browsing import Place
from making import EMPATHY

LANDMARKS = ("banner", "main", "contentinfo")
CONTROLS = "input:not([type=hidden]), button, select, textarea"
NAMES_OF_CONTROLS = f"""() => [...document.querySelectorAll('{CONTROLS}')]
  .map(e => (e.labels?.[0]?.innerText ?? e.innerText).trim())"""
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, label')]
  .filter(e => e.checkVisibility() && getComputedStyle(e).display !== 'inline')
  .filter(e => e.getBoundingClientRect().height < 24)
  .map(e => e.outerHTML)"""


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_page()


def test_every_page_has_one_first_heading_and_leaves_no_level_out(page: Page, place: Place) -> None:
    for name, path in place.paths.items():
        page.goto(place.base + path)
        levels = [
            int(str(h.evaluate("e => e.tagName"))[1]) for h in page.get_by_role("heading").all()
        ]
        assert levels.count(1) == 1, name
        assert levels[0] == 1, name
        assert all(b - a <= 1 for a, b in pairwise(levels)), (name, levels)


def test_every_page_has_its_landmarks_and_all_words_stand_in_one(page: Page, place: Place) -> None:
    for name, path in place.paths.items():
        page.goto(place.base + path)
        for role in LANDMARKS:
            assert page.get_by_role(role).count() == 1, (name, role)  # type: ignore[arg-type]
        outside = page.evaluate("[...document.body.children].map(e => e.tagName)")
        assert outside == ["HEADER", "MAIN", "FOOTER"], name


def test_every_page_says_its_language_and_what_it_is(page: Page, place: Place) -> None:
    titles = []
    for path in place.paths.values():
        page.goto(place.base + path)
        assert page.locator("html").get_attribute("lang") == "en"
        titles.append(page.title())
    assert len(set(titles)) == len(titles)
    assert all("The Practice Research Letter" in title for title in titles)


def test_every_link_has_a_name_that_leads_to_one_place(page: Page, place: Place) -> None:
    for name, path in place.paths.items():
        page.goto(place.base + path)
        links = {(a.inner_text().strip(), a.get_attribute("href")) for a in links_on(page)}
        counted = Counter(words for words, _ in links)
        assert all(words for words in counted), name
        assert max(counted.values()) == 1, name


def test_every_control_has_a_label_and_every_group_a_name(page: Page, place: Place) -> None:
    for address in (
        place.readers_page("leave")[1],
        place.readers_page("owner", EMPATHY)[1],
        place.readers_page("preferences", EMPATHY)[1],
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        names = page.evaluate(NAMES_OF_CONTROLS)
        assert names
        assert all(names)
        assert len(set(names)) == len(names)
    groups = page.get_by_role("group").all()
    assert len(groups) == page.locator("fieldset").count() > 3
    tree = page.locator("main").aria_snapshot()
    assert re.search(r'group "What would you like to read\?"', tree)
    assert re.search(r'checkbox "Empathy" \[checked\]', tree)


def test_a_problem_is_told_aloud_and_belongs_to_what_it_is_about(page: Page, place: Place) -> None:
    _, address = place.readers_page("preferences")
    page.goto(address)
    page.get_by_label("Only the topics").check()
    page.get_by_role("button", name="Save").click()
    problem = page.get_by_role("alert")
    assert "at least one topic" in problem.inner_text()
    described = page.locator("fieldset").first.get_attribute("aria-describedby")
    assert described == problem.get_attribute("id")


def test_what_is_pressed_is_large_enough(page: Page, place: Place) -> None:
    for name, path in place.paths.items():
        page.goto(place.base + path)
        assert page.evaluate(SMALL_TARGETS) == [], name


def links_on(page: Page) -> list[Locator]:
    return [link for link in page.locator("a").all() if link.is_visible()]
