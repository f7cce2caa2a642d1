import re

import pytest

from making import a_press
from pprmail.rendering.inliner import inline
from pprmail.rendering.inspection import links_in
from pprmail.rendering.shelf import TemplateProblemError
from rendering.letters import a_full_issue

PAGE = "<!DOCTYPE html><html><head><style>{}</style></head><body><p class='a'>x</p></body></html>"


@pytest.mark.parametrize(
    "source",
    [
        PAGE.format("@import url(https://example.org/x.css);"),
        PAGE.format("p { margin: 0 } @IMPORT 'file:///etc/hostname';"),
        PAGE.format("").replace("<style>", "<style type='text/css'>@import 'x';"),
        PAGE.format("").replace("<style>", "<STYLE data-premailer='ignore'>\n@import 'x';\n"),
        PAGE.format("").replace(
            "<style>", "<LINK rel=stylesheet href=https://example.org/><style>"
        ),
    ],
)
def test_styles_from_elsewhere_are_refused(source: str) -> None:
    with pytest.raises(TemplateProblemError, match=r"template a/b\.html: a letter can't fetch"):
        inline(source, template="a/b.html")


@pytest.mark.parametrize("source", ["", " \n", "<?xml version='1.0' encoding='utf-8'?><p>x</p>"])
def test_what_is_no_page_is_refused(source: str) -> None:
    with pytest.raises(TemplateProblemError, match=r"template a/b\.html: this is no page of HTML"):
        inline(source, template="a/b.html")


def test_words_about_imports_are_no_imports() -> None:
    source = PAGE.format("p { margin: 0 }").replace(">x<", ">@import &lt;link<")
    assert "@import &lt;link" in inline(source, template="a/b.html")


def test_styles_go_into_elements_and_classes_stay_for_the_dark() -> None:
    html = inline(PAGE.format(".a { color: #112233; }"), template="a/b.html")
    assert '<p class="a" style="color:#123">x</p>' in html
    assert "<style" not in html


def test_queries_keep_their_weight_and_word_keeps_its_tables() -> None:
    source = a_press().edition(a_full_issue(), 7).html
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)
    assert style
    assert source.startswith("<!DOCTYPE html>\n")
    assert source.count("<style") == 1
    assert "data-premailer" not in source
    assert {"@media (max-width: 620px)", "@media (prefers-color-scheme: dark)"} <= set(
        re.findall(r"@media [^{]*\)", style[1])
    )
    declarations = re.findall(r"[\w-]+: [^;{}]+;", style[1][style[1].index("@media") :])
    assert len(declarations) > 12
    assert all(each.endswith("!important;") for each in declarations)
    assert source.count("<!--[if mso]>") == source.count("<![endif]-->") == 2
    assert 'width="600"' in source


def test_widths_for_word_are_not_overwritten() -> None:
    source = PAGE.format("img { width: 100%; height: auto }").replace(
        ">x<", '><img src="https://example.org/i.png" width="120" alt=""><'
    )
    assert 'width="120"' in inline(source, template="a/b.html")
    assert 'height="auto"' not in inline(source, template="a/b.html")


def test_every_address_of_a_letter_is_found() -> None:
    source = "<body background='b'><a href='c'>x</a><img src='d'><form action='e'></form><a name='f'>y</a>"
    assert links_in(source) == ["b", "c", "d", "e"]
