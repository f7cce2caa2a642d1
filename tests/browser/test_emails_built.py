"""How emails are built, as whoever does not see them meets them, and as filters do."""

import pytest
from playwright.sync_api import Browser

from browser.browsing import everything_on
from browser.emails import DESKTOP, LOGO, PHONE, Look, a_mail_program, faults, told
from browser.judging import (
    DOING,
    MISTAKEN_TABLES,
    complaints_of_email,
    hidden,
    odd_addresses,
    uneven_levels,
    untold,
)
from browser.measuring import LINKS_OF_TWO_MINDS, NAMELESS_LINKS
from rendering.specimens import specimens


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("look", [Look.LIGHT, Look.DARK])
def test_axe_finds_nothing_to_complain_of(browser: Browser, look: Look, width: int) -> None:
    wrong = faults(browser, complaints_of_email, look=look, width=width)
    assert not wrong, wrong


def test_every_email_has_one_first_heading_and_leaves_no_level_out(browser: Browser) -> None:
    wrong = faults(browser, uneven_levels)
    assert not wrong, wrong


def test_an_email_says_its_language_and_what_it_is_even_without_its_page(browser: Browser) -> None:
    # Mail programs drop html and body, so that the one element below them says it again.
    wrong = faults(browser, untold)
    assert not wrong, wrong


def test_a_table_is_told_as_one_where_it_holds_data_and_nowhere_else(browser: Browser) -> None:
    wrong = faults(browser, MISTAKEN_TABLES)
    assert not wrong, wrong


def test_nothing_is_hidden_but_a_line_for_the_inbox(browser: Browser) -> None:
    # Filters know every other way of hiding as a trick.
    wrong = faults(browser, hidden)
    assert not wrong, wrong


def test_every_link_has_a_name_that_leads_to_one_place(browser: Browser) -> None:
    wrong = faults(browser, NAMELESS_LINKS)
    assert not wrong, wrong
    wrong = faults(browser, LINKS_OF_TWO_MINDS)
    assert not wrong, wrong


def test_every_address_is_secure_and_short_and_looks_like_no_tracker(browser: Browser) -> None:
    wrong = faults(browser, odd_addresses)
    assert not wrong, wrong


def test_an_email_asks_for_nothing_but_its_logo(browser: Browser) -> None:
    asked_for = {}
    with a_mail_program(browser) as opened:
        asked = everything_on(opened(""))
        for name, mail in specimens().items():
            opened(mail.html)
            asked_for[name] = set(asked)
            asked.clear()
    wrong = told({name: urls - {LOGO} for name, urls in asked_for.items()})
    assert not wrong, wrong
    assert {LOGO} in asked_for.values()


def test_an_email_does_nothing(browser: Browser) -> None:
    wrong = faults(browser, DOING)
    assert not wrong, wrong
