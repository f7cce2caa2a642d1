"""How the pages look: everything can be read, and letters of twice the size run over no edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from browser.browsing import SCHEMES, Place, Scheme
from browser.measuring import CONTRASTS, OVER_THE_EDGE

NARROWEST = 320


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_word_can_be_read_on_its_ground(
    browser: Browser, place: Place, scheme: Scheme
) -> None:
    with a_page(browser, scheme=scheme) as page:
        for name, path in place.paths.items():
            page.goto(place.base + path)
            found = page.evaluate(CONTRASTS)
            assert len(found) > 3
            assert [words for ratio, words in found if ratio < 4.5] == [], name


def test_dark_is_dark_and_light_is_light(browser: Browser, place: Place) -> None:
    grounds = {}
    for scheme in SCHEMES:
        with a_page(browser, scheme=scheme) as page:
            page.goto(place.base)
            grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(244, 241, 234)", "dark": "rgb(20, 24, 26)"}


def test_nothing_is_complained_of_in_the_console(browser: Browser, place: Place) -> None:
    with a_page(browser) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for name, path in place.paths.items():
            answer = page.goto(place.base + path)
            assert answer is not None
            refused = [words for words in said if "the server responded with a status" not in words]
            assert refused == [], name


def test_letters_of_twice_the_size_run_over_no_edge_either(browser: Browser, place: Place) -> None:
    with a_page(browser, width=NARROWEST) as page:
        for name, path in place.paths.items():
            page.goto(place.base + path)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate(OVER_THE_EDGE) == [], name


@contextmanager
def a_page(browser: Browser, *, width: int = 1280, scheme: Scheme = "light") -> Iterator[Page]:
    size: Any = {"width": width, "height": 800}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        yield context.new_page()
