"""The judges judged: each rule passes a fine email, and finds the one thing that is planted in it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from browser.emails import LOGO, Look, Measure, a_mail_program, measured
from browser.judging import (
    DOING,
    MISTAKEN_TABLES,
    complaints_of_email,
    hidden,
    long_lines,
    odd_addresses,
    outside,
    outside_when_doubled,
    painted_pale,
    pale,
    small,
    squeezed_when_doubled,
    tight,
    uneven_levels,
    untold,
)
from browser.measuring import (
    CONTRASTS,
    LINKS_OF_TWO_MINDS,
    NAMELESS_LINKS,
    SMALL_LINKS,
    UNMARKED_LINKS,
)
from browser.pixels import SHARP, painted_contrasts

MUCH = "Many words, one after another. " * 12
FINE = f"""<!DOCTYPE html>
<html lang="en" dir="ltr">
<head><title>A fine email</title><meta name="color-scheme" content="light dark"></head>
<body style="margin: 0; background: #ffffff; color: #000000; font: 16px/1.5 serif">
<div lang="en" dir="ltr" role="article" aria-label="A fine email" style="padding: 8px">
<div style="display: none">For the inbox</div>
<h1 style="line-height: 1.2">A fine email</h1>
<p>{MUCH} Among them is <a href="https://example.org/one">one link</a> of many.</p>
<h2 style="color: #767676">Links</h2>
<p>Here is <a href="https://example.org/one">One link</a> · <a href="#two">another</a><br>
<a href="mailto:someone@example.org" style="padding: 4px 0">one that stands alone</a></p>
<table role="presentation"><tr><td style="background: #1f5f5b"><a href="https://example.org/three"
style="display: inline-block; padding: 8px; color: #ffffff; text-decoration: none">button</a></td></tr></table>
<table><tr><th scope="col" style="color: #1f5f5b; font-size: 14px">Data</th></tr></table>
<p><a href="https://example.org/home"><img src="{LOGO}" alt="Home" width="120"></a></p>
PLANTED
</div>
</body>
</html>"""
PALE = '<p style="color: #b4b4b4; font-size: 14px">Pale</p>'
PLANTED: list[tuple[Measure | str, str]] = [
    (pale, PALE),
    (painted_pale, PALE),
    (painted_pale, '<p style="opacity: 0.4">Pale</p>'),
    (complaints_of_email, PALE),
    (outside, '<div style="width: 376px">Wide</div>'),
    (outside, f'<p style="white-space: nowrap">{MUCH}</p>'),
    (outside, f'<p style="height: 40px; overflow: hidden">{MUCH}</p>'),
    (outside_when_doubled, '<div style="width: 22em">Wide</div>'),
    (squeezed_when_doubled, '<p style="line-height: 24px">Two</p>'),
    (long_lines, f'<p style="font-size: 5px">{MUCH * 4}</p>'),
    (small, '<p style="font-size: 13px">Small</p>'),
    (tight, f'<p style="line-height: 1.3">{MUCH}</p>'),
    (UNMARKED_LINKS, '<p>See <a href="#x" style="text-decoration: none">unmarked</a></p>'),
    (UNMARKED_LINKS, '<p><a href="#x" style="display: block; text-decoration: none">x</a></p>'),
    (SMALL_LINKS, '<p>First<br><b><a href="#x">low</a></b><br>last</p>'),
    (SMALL_LINKS, '<table><tr><td>One</td><td><a href="#x">low</a> →</td></tr></table>'),
    (NAMELESS_LINKS, '<a href="#x"><img src="" alt=""></a>'),
    (LINKS_OF_TWO_MINDS, '<p>And <a href="https://example.org/two">one link</a></p>'),
    (uneven_levels, "<h4>Four</h4>"),
    (uneven_levels, "<h1>One more</h1>"),
    (untold, "</div><div>A second"),
    (MISTAKEN_TABLES, "<table><tr><td>Layout</td></tr></table>"),
    (MISTAKEN_TABLES, '<table role="presentation"><tr><th>Data</th></tr></table>'),
    (hidden, '<p style="visibility: hidden">Hidden</p>'),
    (hidden, '<p style="opacity: 0">Hidden</p>'),
    (hidden, '<p style="display: none">Hidden</p>'),
    (odd_addresses, '<a href="http://example.org/">x</a>'),
    (odd_addresses, f'<a href="https://example.org/{"path/" * 100}">x</a>'),
    (odd_addresses, f'<a href="https://example.org/{"0123abCD" * 4}">x</a>'),
    (odd_addresses, '<a href="javascript:alert(1)">x</a>'),
    (DOING, "<script>1</script>"),
    (DOING, '<p onclick="1">Press</p>'),
]

Opened = Callable[[str], Page]


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Opened]:
    with a_mail_program(browser, scale=SHARP) as opened:
        yield lambda planted: opened(FINE.replace("PLANTED", planted))


@pytest.mark.parametrize(("rule", "planted"), PLANTED)
def test_a_rule_passes_what_is_fine_and_finds_what_is_planted(
    opened: Opened, rule: Measure | str, planted: str
) -> None:
    assert measured(opened(""), rule) == []
    assert measured(opened(planted), rule) != []


def test_contrast_is_the_same_in_pixels_as_in_styles(opened: Opened) -> None:
    page = opened(PALE)
    told = {words: ratio for ratio, words in page.evaluate(CONTRASTS)}
    painted = {words: ratio for ratio, words in painted_contrasts(page)}
    assert told["Pale"] == pytest.approx(2.07, abs=0.01)
    assert len(set(told.values())) > 4
    assert painted == pytest.approx(told, rel=0.01)


def test_what_is_turned_dark_automatically_is_told_by_pixels_alone(browser: Browser) -> None:
    with a_mail_program(browser, Look.AUTOMATIC_DARK, scale=SHARP) as opened:
        page = opened(FINE)
        told, painted = page.evaluate(CONTRASTS), painted_contrasts(page)
    assert max(told)[0] == pytest.approx(21)
    assert max(painted)[0] < 20
