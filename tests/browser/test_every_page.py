"""Every page there is, and every answer to a form: axe, widths, focus, size, and nothing from elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from browser.browsing import SCHEMES, Place, everything_on
from browser.measuring import OVER_THE_EDGE
from browser.views import views, watched
from pprmail.shipped import shipped

WIDTHS = (320, 375, 1280)
LARGEST_PAGE = 60_000
NO_PAGES = {"preview"}
"""It is a file of `issue preview`, which no site serves."""

WITHOUT_FOCUS_SHOWN = """() => [...document.querySelectorAll('a, button, input, select, textarea')]
  .filter(e => e.checkVisibility() && e.type !== 'hidden' && e.tabIndex >= 0)
  .filter(e => { e.focus(); const s = getComputedStyle(e);
    return document.activeElement !== e || s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2; })
  .map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def test_every_page_and_every_answer_is_without_fault(page: Page, place: Place) -> None:
    faults, asked = dict[str, Any](), everything_on(page)
    parts = [page.request.get(place.base + path) for path in ("/style.css", "/preferences.js")]
    beside = sum(len(part.body()) for part in parts)
    with watched(place) as filled:
        for name, view in views(place):
            answer = view.open(page, place)
            found: dict[str, object] = {
                "status": answer.status if answer.status != view.status else 0,
                "size": size if (size := len(answer.body()) + beside) >= LARGEST_PAGE else 0,
                **faults_of(page),
            }
            faults |= {f"{name}: {what}": each for what, each in found.items() if each}
    assert faults == {}
    assert [url for url in asked if not url.startswith((place.base, "data:"))] == []
    assert {f"pages/{name}.html" for name in whole_pages()} <= filled, "add it to browser/views.py"


def faults_of(page: Page) -> dict[str, object]:
    """Say what is wrong with a page at every width, light and dark."""
    found: dict[str, object] = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth") > width
            found[f"{scheme} {width} over the edge"] = page.evaluate(OVER_THE_EDGE) or wide
        told = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        found[f"{scheme} axe"] = [(v["id"], v["nodes"][0]["html"][:80]) for v in told]
    page.keyboard.press("Tab")
    found["focus"] = page.evaluate(WITHOUT_FOCUS_SHOWN)
    return found


def whole_pages() -> set[str]:
    """Name every template that is a page of its own, and no part of one."""
    templates = (shipped("templates") / "pages").glob("*.html")
    return {t.stem for t in templates if "{% extends" in t.read_text()} - NO_PAGES
