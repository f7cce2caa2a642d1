import re
from dataclasses import replace
from itertools import pairwise

import pytest

from making import MASTHEAD, a_press, a_summary
from pprmail.model.masthead import Masthead
from pprmail.rendering.pages import Pages
from pprmail.rendering.shelf import Shelf, TemplateProblemError
from pprmail.shipped import shipped
from rendering.letters import TITLES, a_full_issue
from rendering.reading import elements, links, page, shown


def pages(masthead: Masthead = MASTHEAD) -> Pages:
    return Pages(Shelf([shipped("templates")]), a_press(masthead).views)


def test_headings_of_a_page_skip_no_level() -> None:
    issue = a_full_issue()
    for source in (
        pages().issue(issue, issue.summaries, month="2026-11"),
        pages().summary(issue.summaries[0]),
    ):
        levels = [int(e.tag[1]) for e in elements(source) if re.fullmatch(r"h[1-6]", e.tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(below - above <= 1 for above, below in pairwise(levels))


def test_the_page_of_a_month_holds_every_summary_and_the_issue_s_own_words() -> None:
    issue = a_full_issue()
    said = shown(pages().issue(issue, issue.summaries, month="2026-11"))
    assert "November 2026" in said
    assert all(title in said for title in TITLES[:3])
    assert "A workshop on 2 December" in said
    assert "we moved" in said


def test_a_month_from_before_the_first_letter_is_its_summaries() -> None:
    source = pages().issue(None, [a_summary("An Early One?")], month="2019-02")
    assert "February 2019" in shown(source)
    assert "An Early One?" in shown(source)
    assert "Notices" not in shown(source)


def test_links_lead_to_where_the_pages_are_mounted() -> None:
    mounted = replace(MASTHEAD, base_url="https://example.org/letters/")
    source = pages(mounted).summary(a_summary(doi=None))
    inner = [link for link in links(source) if not link.startswith("https://")]
    assert inner
    assert all(link.startswith("/letters/") for link in inner)
    assert page(source).xpath("//link[@rel='stylesheet']/@href") == ["/letters/style.css"]


def test_the_style_sheet_is_filled_with_the_brand_s_colours() -> None:
    style = pages().style()
    assert MASTHEAD.brand.accent in style
    assert "{{" not in style


def test_a_page_without_a_template_is_named() -> None:
    with pytest.raises(TemplateProblemError, match=r"pages/gone\.html"):
        pages().page("gone")
