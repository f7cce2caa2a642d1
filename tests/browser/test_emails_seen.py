"""How emails look, each as the mail programs show it that readers really have."""

import pytest
from playwright.sync_api import Browser

from browser.emails import DESKTOP, NARROW, PHONE, Look, a_mail_program, faults, told
from browser.judging import (
    long_lines,
    outside,
    outside_when_doubled,
    painted_pale,
    pale,
    small,
    squeezed_when_doubled,
    tight,
)
from browser.measuring import SMALL_LINKS, UNMARKED_LINKS
from browser.pixels import SHARP
from rendering.specimens import specimens

STYLED_OR_NOT = pytest.mark.parametrize("look", [Look.LIGHT, Look.UNSTYLED])
SMALL_AND_LARGE = pytest.mark.parametrize("width", [PHONE, DESKTOP])


@pytest.mark.parametrize("look", [Look.LIGHT, Look.DARK, Look.UNSTYLED, Look.UNSTYLED_DARK])
def test_every_word_can_be_read_on_its_ground(browser: Browser, look: Look) -> None:
    wrong = faults(browser, pale, look=look)
    assert not wrong, wrong


@pytest.mark.parametrize("look", [Look.AUTOMATIC_DARK, Look.DARK])
def test_every_word_can_be_read_as_it_is_painted(browser: Browser, look: Look) -> None:
    with a_mail_program(browser, look, scale=SHARP) as opened:
        mails = specimens().items()
        wrong = told({name: painted_pale(opened(mail.html)) for name, mail in mails})
    assert not wrong, wrong


@pytest.mark.parametrize("width", [NARROW, PHONE, DESKTOP])
@pytest.mark.parametrize("look", [Look.LIGHT, Look.UNSTYLED, Look.WITHOUT_IMAGES])
def test_nothing_runs_over_the_edge(browser: Browser, look: Look, width: int) -> None:
    wrong = faults(browser, outside, look=look, width=width)
    assert not wrong, wrong


@STYLED_OR_NOT
def test_letters_of_twice_the_size_run_over_no_edge_either(browser: Browser, look: Look) -> None:
    wrong = faults(browser, outside_when_doubled, look=look, width=NARROW)
    assert not wrong, wrong


@STYLED_OR_NOT
def test_lines_of_twice_the_size_do_not_run_into_each_other(browser: Browser, look: Look) -> None:
    wrong = faults(browser, squeezed_when_doubled, look=look, width=NARROW)
    assert not wrong, wrong


@STYLED_OR_NOT
def test_no_line_is_longer_than_an_eye_can_follow(browser: Browser, look: Look) -> None:
    wrong = faults(browser, long_lines, look=look, width=DESKTOP)
    assert not wrong, wrong


@STYLED_OR_NOT
@SMALL_AND_LARGE
def test_no_letters_are_small(browser: Browser, look: Look, width: int) -> None:
    wrong = faults(browser, small, look=look, width=width)
    assert not wrong, wrong


@STYLED_OR_NOT
@SMALL_AND_LARGE
def test_lines_of_running_text_keep_their_distance(
    browser: Browser, look: Look, width: int
) -> None:
    wrong = faults(browser, tight, look=look, width=width)
    assert not wrong, wrong


@pytest.mark.parametrize("look", [Look.LIGHT, Look.DARK, Look.UNSTYLED])
def test_a_link_is_told_by_more_than_its_colour(browser: Browser, look: Look) -> None:
    wrong = faults(browser, UNMARKED_LINKS, look=look)
    assert not wrong, wrong


@STYLED_OR_NOT
@SMALL_AND_LARGE
def test_a_link_that_stands_alone_is_large_enough_for_a_finger(
    browser: Browser, look: Look, width: int
) -> None:
    wrong = faults(browser, SMALL_LINKS, look=look, width=width)
    assert not wrong, wrong
