"""The style sheets of mails, read by the same parser that writes them into elements."""

import logging
import re

import cssutils
import pytest

from making import MASTHEAD
from pprmail.rendering.mail import surroundings
from pprmail.rendering.shelf import Shelf
from pprmail.shipped import shipped
from rendering.reading import page


def test_no_style_of_the_mails_has_an_error(caplog: pytest.LogCaptureFixture) -> None:
    for sheet in style_sheets():
        parsed = cssutils.CSSParser(loglevel=logging.DEBUG).parseString(sheet, validate=False)
        assert len(list(parsed)) > 2
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_an_error_in_a_style_would_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    cssutils.CSSParser(loglevel=logging.DEBUG).parseString("p { color red }", validate=False)
    assert any(record.levelno >= logging.ERROR for record in caplog.records)


def test_every_class_that_is_styled_is_used_and_the_other_way_round() -> None:
    sources = [path.read_text() for path in (shipped("templates") / "email").rglob("*.html")]
    used = {
        name
        for s in sources
        for names in re.findall(r'class="([^"]*)"', s)
        for name in names.split()
    }
    styled = set(re.findall(r"\.([a-z]+)(?=[ ,{])", " ".join(style_sheets())))
    assert styled == used


def style_sheets() -> list[str]:
    shelf = Shelf([shipped("templates")])
    source = shelf.fill("email/base.html", {"subject": "Subject"} | surroundings(MASTHEAD))
    return [str(style.text) for style in page(source).iter("style")]
