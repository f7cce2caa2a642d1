"""The way in to the desk, and one's own account, as a person goes it."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from browser.browsing import SCHEMES, Place, Scheme, sign_in
from browser.judging import complaints
from browser.measuring import CONTRASTS, OVER_THE_EDGE

PAGES = ("/editor/account",)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_of_this_part_is_fit_to_be_read(
    browser: Browser, place: Place, scheme: Scheme
) -> None:
    for width in (320, 375, 1280):
        size: Any = {"width": width, "height": 700}
        with browser.new_context(viewport=size, color_scheme=scheme) as context:
            page = context.new_page()
            look(page, place, "/editor/sign-in")
            sign_in(page, place)
            for path in PAGES:
                look(page, place, path)


def look(page: Page, place: Place, path: str) -> None:
    page.goto(place.base + path)
    assert page.evaluate(OVER_THE_EDGE) == [], path
    assert [words for ratio, words in page.evaluate(CONTRASTS) if ratio < 4.5] == [], path
    assert complaints(page) == [], path
