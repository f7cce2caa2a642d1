"""What can be wrong with an email: each rule gives a list of whatever breaks it, the worst first."""

import re
from itertools import pairwise
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

from browser.measuring import (
    CONTRASTS,
    CUT_OFF,
    DOUBLE,
    LINE_HEIGHTS,
    LINE_LENGTHS,
    OVER_THE_EDGE,
    SQUEEZED,
    TEXT_SIZES,
    TOO_WIDE,
)
from browser.pixels import painted_contrasts

Found = list[tuple[float, str]]

READABLE: Final = 4.5
SMALLEST: Final = 14
LONGEST_LINE: Final = 75
"""It leaves room below 80, because another machine has other fonts, and some are narrower."""
LEAST_HEIGHT: Final = 1.4

# An email is no page but a piece of a mail program's, whose landmarks are around it already: a main
# of its own would be the second there. These two ask every page for a main, and for all words in it.
NOT_OF_EMAILS: Final = ("landmark-one-main", "region")
EVERY_RULE: Final[dict[str, Any]] = {"resultTypes": ["violations"]}

OF_EMAILS: Final[dict[str, Any]] = {
    "resultTypes": ["violations"],
    "rules": {rule: {"enabled": False} for rule in NOT_OF_EMAILS},
}

ADDRESS: Final = re.compile(r"https://\S{1,503}|mailto:\S+|#\S+")
LONG_NUMBER: Final = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)

LEVELS: Final = """[...document.querySelectorAll('h1, h2, h3, h4, h5, h6, [role=heading]')]
  .filter(e => e.checkVisibility()).map(e => Number(e.ariaLevel ?? e.tagName[1]))"""
WRAPPERS: Final = """[document.documentElement, ...document.body.children]
  .map(e => ['lang', 'dir', 'role', 'aria-label'].map(name => e.getAttribute(name)))"""
HIDDEN: Final = """() => {
  const seen = e => e.checkVisibility({opacityProperty: true, visibilityProperty: true});
  return [...document.querySelectorAll('body *')].filter(e => !seen(e) && seen(e.parentElement))
    .map(e => [e.outerHTML.slice(0, 80), e.matches('body > * > :first-child'), [...e.style].join()]);
}"""
ADDRESSES: Final = """['href', 'src', 'background'].flatMap(name =>
  [...document.querySelectorAll(`[${name}]`)].map(e => e.getAttribute(name)))"""

MISTAKEN_TABLES: Final = """() => {
  const holdsData = table => [...table.rows].some(row => row.querySelector(':scope > th'));
  return [...document.querySelectorAll('table')]
    .filter(table => holdsData(table) === (table.getAttribute('role') === 'presentation'))
    .map(table => table.outerHTML.slice(0, 80));
}"""
DOING: Final = """[...document.querySelectorAll('*')]
  .filter(e => e.matches('script, iframe, object, embed, form, link, base, meta[http-equiv=refresh]')
    || e.getAttributeNames().some(name => name.startsWith('on')))
  .map(e => e.outerHTML.slice(0, 80))"""


def pale(page: Page) -> Found:
    """Give words that can't be read on their ground, as the styles tell."""
    return _below(READABLE, page.evaluate(CONTRASTS))


def painted_pale(page: Page) -> Found:
    """Give words that can't be read on their ground, as they are painted."""
    return _below(READABLE, painted_contrasts(page))


def outside(page: Page) -> list[str]:
    """Give what runs over an edge, or is cut off so that it does not."""
    scripts = (OVER_THE_EDGE, TOO_WIDE, CUT_OFF)
    return [each for script in scripts for each in page.evaluate(script)]


def outside_when_doubled(page: Page) -> list[str]:
    """Give what runs over an edge when letters are twice as large."""
    page.evaluate(DOUBLE)
    return outside(page)


def squeezed_when_doubled(page: Page) -> list[str]:
    """Give words that run into the line above when letters are twice as large."""
    page.evaluate(DOUBLE)
    return list(page.evaluate(SQUEEZED))


def long_lines(page: Page) -> Found:
    """Give paragraphs with more on a line than an eye can follow."""
    found = [(mean, words) for mean, words in page.evaluate(LINE_LENGTHS) if mean > LONGEST_LINE]
    return _told(sorted(found, reverse=True))


def small(page: Page) -> Found:
    """Give words in small letters."""
    return _below(SMALLEST, page.evaluate(TEXT_SIZES))


def tight(page: Page) -> Found:
    """Give running text with too little room between its lines."""
    # Browsers round a line's height: 1.4 may come back as 1.39999.
    return _below(LEAST_HEIGHT - 0.001, page.evaluate(LINE_HEIGHTS))


def complaints(page: Page, options: dict[str, Any] = EVERY_RULE) -> list[str]:
    """Give what axe complains of, with the places."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then(told => told.violations)", options)
    return [f"{rule['id']} ({rule['impact']}): {_places(rule)}" for rule in found]


def complaints_of_email(page: Page) -> list[str]:
    """Give what axe complains of in an email, with the places."""
    return complaints(page, OF_EMAILS)


def uneven_levels(page: Page) -> list[int]:
    """Give the headings' levels where there is not one first, or where one is left out."""
    levels: list[int] = page.evaluate(LEVELS)
    even = levels[:1] == [1] and levels.count(1) == 1
    return [] if even and all(b - a <= 1 for a, b in pairwise(levels)) else levels or [0]


def untold(page: Page) -> list[Any]:
    """Give html and what stands in body, unless that is one article and both tell their language."""
    told = list(page.evaluate(WRAPPERS))
    match told:
        case [["en", "ltr", _, _], ["en", "ltr", "article", str(label)]] if label.strip():
            return []
        case _:
            return told


def hidden(page: Page) -> list[Any]:
    """Give what is hidden, but for a line for the inbox that comes first and only has no display."""
    return [found for found in page.evaluate(HIDDEN) if found[1:] != [True, "display"]]


def odd_addresses(page: Page) -> list[str]:
    """Give addresses that are not secure, too long, or look like a tracker's."""
    found: list[str] = page.evaluate(ADDRESSES)
    return [a for a in found if not ADDRESS.fullmatch(a) or LONG_NUMBER.search(a)]


def _below(least: float, found: Found) -> Found:
    return _told(sorted((value, words) for value, words in found if value < least))


def _told(found: Found) -> Found:
    return [(round(value, 2), words[:80]) for value, words in found]


def _places(rule: dict[str, Any]) -> list[str]:
    return [" ".join(node["target"]) for node in rule["nodes"]]
