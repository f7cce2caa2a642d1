from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import MASTHEAD, a_press
from pprmail.model.masthead import Brand
from pprmail.rendering.colours import contrast, dark_colours, light_colours
from rendering.letters import a_full_issue
from rendering.reading import dark_pairs, light_pairs

Pairs = Callable[[str], set[tuple[str, str]]]
BRANDS = [
    MASTHEAD.brand,
    Brand(accent="#ffcc00", text="#999999", background="#ffffff", logo_url=""),
    Brand(accent="#000000", text="#ffffff", background="#000000", logo_url=""),
    Brand(accent="#FF00FF", text="#00FF00", background="#7F7F7F", logo_url=""),
]
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize("pairs", [light_pairs, dark_pairs])
def test_every_word_of_a_letter_can_be_read_on_its_ground(brand: Brand, pairs: Pairs) -> None:
    for selection in (0, 5):
        issue = a_full_issue()
        found = pairs(a_press(replace(MASTHEAD, brand=brand)).edition(issue, selection).html)
        assert len(found) >= 2
        assert all(contrast(words, ground) >= 4.5 for words, ground in found)


def test_a_letter_uses_both_colours_on_both_grounds() -> None:
    source = a_press().edition(a_full_issue(), 7).html
    light, dark = light_colours(MASTHEAD.brand), dark_colours(MASTHEAD.brand)
    for found, set_of in ((light_pairs(source), light), (dark_pairs(source), dark)):
        assert {(set_of.text, set_of.sheet), (set_of.accent, set_of.sheet)} <= found
        assert (set_of.text, set_of.panel) in found


def test_colours_that_can_be_read_stay_the_brand_s() -> None:
    light = light_colours(MASTHEAD.brand)
    assert (light.text, light.accent) == (MASTHEAD.brand.text, MASTHEAD.brand.accent)


@given(COLOURS, COLOURS)
def test_any_brand_can_be_read_in_the_light_and_in_the_dark(accent: str, text: str) -> None:
    brand = Brand(accent=accent, text=text, background="#ffffff", logo_url="")
    for colours, least in ((light_colours(brand), 4.5), (dark_colours(brand), 7.0)):
        for ground in (colours.sheet, colours.panel):
            assert contrast(colours.text, ground) >= 4.5
            assert contrast(colours.accent, ground) >= least


def test_contrast_is_what_wcag_says_it_is() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#abcdef", "#ABCDEF") == 1
