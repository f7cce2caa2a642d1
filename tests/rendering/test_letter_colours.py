from collections.abc import Callable
from dataclasses import replace

import pytest

from making import MASTHEAD, a_press
from pprmail.model.colours import contrast, dark_colours, light_colours
from pprmail.model.masthead import Brand
from rendering.letters import a_full_issue
from rendering.reading import dark_pairs, light_pairs
from rendering.specimens import OTHER_BRAND, specimens

Pairs = Callable[[str], set[tuple[str, str]]]
BRANDS = [
    MASTHEAD.brand,
    OTHER_BRAND,
    Brand(accent="#876c00", text="#6e6e6e", background="#ffffff", logo_url=""),
]


@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize("pairs", [light_pairs, dark_pairs])
def test_every_word_of_a_letter_can_be_read_on_its_ground(brand: Brand, pairs: Pairs) -> None:
    for selection in (0, 5):
        issue = a_full_issue()
        found = pairs(a_press(replace(MASTHEAD, brand=brand)).edition(issue, selection).html)
        assert len(found) >= 2
        assert [each for each in found if contrast(*each) < 4.5] == []


@pytest.mark.parametrize("pairs", [light_pairs, dark_pairs])
def test_every_word_of_every_mail_can_be_read_on_its_ground(pairs: Pairs) -> None:
    for name, mail in specimens().items():
        assert [each for each in pairs(mail.html) if contrast(*each) < 4.5] == [], name


def test_a_letter_uses_its_colours_on_both_grounds() -> None:
    source = a_press().edition(a_full_issue(), 7).html
    light, dark = light_colours(MASTHEAD.brand), dark_colours(MASTHEAD.brand)
    for found, of in ((light_pairs(source), light), (dark_pairs(source), dark)):
        assert {(of.text, of.sheet), (of.accent, of.sheet), (of.muted, of.sheet)} <= found
        assert {(of.text, of.panel), (of.accent, of.panel)} <= found
