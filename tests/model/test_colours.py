from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from making import MASTHEAD
from pprmail.model.colours import (
    Unreadable,
    contrast,
    dark_colours,
    light_colours,
    mixed,
    unreadable,
)
from pprmail.model.masthead import Brand

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
BRANDS = st.builds(Brand, accent=COLOURS, text=COLOURS, background=COLOURS, logo_url=st.just(""))


def test_colours_are_the_brand_s_own() -> None:
    light = light_colours(MASTHEAD.brand)
    assert (light.text, light.accent, light.ground) == ("#22272b", "#1f5f5b", "#f4f1ea")


def test_the_colours_that_ship_can_be_read() -> None:
    assert list(unreadable(MASTHEAD.brand)) == []


@settings(deadline=None)
@given(BRANDS)
def test_a_brand_that_is_not_refused_can_be_read_on_every_ground(brand: Brand) -> None:
    for found in unreadable(brand):
        brand = replace(brand, **proposal(found))
    colours = light_colours(brand)
    for words in (colours.text, colours.muted, colours.accent):
        assert all(contrast(words, ground) >= 4.5 for ground in colours.grounds)


@settings(deadline=None)
@given(BRANDS)
def test_any_brand_can_be_read_in_the_dark(brand: Brand) -> None:
    colours = dark_colours(brand)
    for ground in colours.grounds:
        assert contrast(colours.text, ground) >= 4.5
        assert contrast(colours.muted, ground) >= 4.5
        assert contrast(colours.accent, ground) >= 7


@settings(deadline=None)
@given(BRANDS)
def test_whoever_follows_all_that_is_proposed_is_not_refused_again(brand: Brand) -> None:
    for found in unreadable(brand):
        brand = replace(brand, **proposal(found))
    assert list(unreadable(brand)) == []


def test_a_pale_accent_is_named_with_its_ratio_and_the_nearest_that_passes() -> None:
    (found,) = unreadable(replace(MASTHEAD.brand, accent="#ffcc00"))
    assert (found.name, found.colour, found.behind) == ("accent", "#ffcc00", "background")
    assert found.ratio == pytest.approx(1.34, abs=0.01)
    nearest = proposal(found)["accent"]
    assert 4.5 <= contrast(nearest, found.ground) < 4.9


def test_a_ground_too_dark_for_any_words_is_to_be_lighter() -> None:
    (found,) = unreadable(replace(MASTHEAD.brand, background="#22272b"))
    assert (found.name, found.behind, list(proposal(found))) == (
        "accent",
        "background",
        ["background"],
    )


def test_small_print_stands_back_and_hues_stay() -> None:
    light, dark = light_colours(MASTHEAD.brand), dark_colours(MASTHEAD.brand)
    for colours in (light, dark):
        assert contrast(colours.muted, colours.sheet) < contrast(colours.text, colours.sheet)
    red, green, blue = (int(dark.accent[n : n + 2], 16) for n in (1, 3, 5))
    assert green > blue > red


def test_contrast_is_what_wcag_says_it_is() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#abcdef", "#ABCDEF") == 1


def test_a_mixture_lies_between() -> None:
    assert [mixed("#000000", "#ffffff", share) for share in (0, 0.5, 1)] == [
        "#000000",
        "#808080",
        "#ffffff",
    ]


def proposal(found: Unreadable) -> dict[str, str]:
    words = found.nearest.replace(" and ", " ").split()
    return dict(zip(words[::2], words[1::2], strict=True))
