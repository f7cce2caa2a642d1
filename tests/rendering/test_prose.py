import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pprmail.model.summary import TextFormat
from pprmail.rendering.plain import text_of
from pprmail.rendering.prose import ATTRIBUTES, TAGS, html_of
from rendering.reading import elements, is_within, shown, words

PIECES = st.sampled_from(
    "word Ünï 42 * ** _ ` ``` # ## - + 1. > | --- ~~~ [ ]( ) ![ <b> </b> <!-- & &amp; &#46; \\ : //"
    " https://example.org javascript:x data:y <https://example.org/a> \n \n\n \t \x00 \x0b \u2028 é"
    " <script> = \" '".split(" ")
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=40).map(" ".join))
# Anything may follow a word, but a word that stands alone is one in every format.
WORDS = st.from_regex(r"[a-zé]{2,9}", fullmatch=True)
INLINE = st.one_of(
    WORDS,
    WORDS.map("*{}*".format),
    WORDS.map("**{}**".format),
    WORDS.map("`{}`".format),
    WORDS.map("[{}](https://example.org/x)".format),
    WORDS.map("![{}](https://example.org/x)".format),
)
LINES = st.lists(INLINE, min_size=1, max_size=12).map(" ".join)
DOCUMENTS = st.lists(
    st.one_of(
        LINES,
        LINES.map("## {}".format),
        LINES.map("> {}".format),
        WORDS.map("    {}".format),
        st.lists(LINES, min_size=1, max_size=3).map(lambda ls: "\n".join(f"- {x}" for x in ls)),
        st.lists(LINES, min_size=1, max_size=3).map(lambda ls: "\n".join(f"1. {x}" for x in ls)),
        st.tuples(LINES, LINES).map("1. {0[0]}\n\n   {0[1]}\n\n   - {0[0]}".format),
        st.tuples(LINES, LINES).map("{0[0]}\\\n{0[1]}".format),
    ),
    max_size=6,
).map("\n\n".join)
QUICK = settings(max_examples=150, deadline=None)


@QUICK
@given(TEXTS, st.sampled_from(TextFormat))
def test_any_text_becomes_safe_html_and_short_lines(text: str, text_format: TextFormat) -> None:
    for element in elements(f"<main>{html_of(text, text_format)}</main>"):
        assert element.tag in TAGS | {"html", "body", "main"}
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set())
    for line in text_of(text, text_format).split("\n"):
        assert len(line) <= 78 or "://" in line or "@" in line


@QUICK
@given(DOCUMENTS)
def test_html_and_text_say_the_same_words_in_the_same_order(document: str) -> None:
    html, text = (f(document, TextFormat.MARKDOWN) for f in (html_of, text_of))
    said = words(document.replace("https://example.org/x", ""))
    assert [word for word in words(shown(f"<p>{html}</p>")) if word != "1"] == [
        word for word in said if word != "1"
    ]
    assert is_within(words(shown(f"<p>{html}</p>")), words(text))


@QUICK
@given(st.text(max_size=200))
def test_plain_text_keeps_every_word_and_gains_no_markup(text: str) -> None:
    html, plain = (f(text, TextFormat.PLAIN) for f in (html_of, text_of))
    assert {e.tag for e in elements(f"<main>{html}</main>")} <= {"html", "body", "main", "p"}
    visible = "".join(c for c in text if c.isalnum() and not 0xD800 <= ord(c) <= 0xDFFF)
    assert "".join(c for c in shown(f"<main>{html}</main>") if c.isalnum()) == visible
    assert "".join(c for c in plain if c.isalnum()) == visible


@pytest.mark.parametrize(
    "written",
    [
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT:alert(1))",
        "[x](data:image/png;base64,AA)",
        "[x](ftp://example.org/)",
        "[x](file:///etc/passwd)",
        "[x](tel:123)",
        "[x](http://[broken)",
        "[x](https://exa^mple.org)",
        "[x](https://bank.example@evil.example/)",
        "[x](https:///path)",
        "[x](https:example.org)",
        "<javascript:alert(1)>",
    ],
)
def test_a_link_that_must_not_be_one_stays_as_it_was_typed(written: str) -> None:
    html, text = (f(written, TextFormat.MARKDOWN) for f in (html_of, text_of))
    assert "<a" not in html
    assert shown(html).strip() == text == written


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b=c&d",
        "https://example.org:8443/",
        "https://xn--bcher-kva.example",
        "https://[2001:db8::1]/",
        "mailto:a@example.org",
    ],
)
def test_a_good_link_leads_where_it_says(address: str) -> None:
    html = html_of(f"[x]({address})", TextFormat.MARKDOWN)
    assert [e.get("href") for e in elements(html) if e.tag == "a"] == [address]


def test_a_host_that_is_not_ascii_is_written_as_it_is_looked_up() -> None:
    html = html_of("[x](https://bücher.example/ü)", TextFormat.MARKDOWN)
    assert 'href="https://xn--bcher-kva.example/%C3%BC"' in html


def test_a_picture_becomes_a_link_with_its_caption() -> None:
    html = html_of("![A *small*\nfigure](https://example.org/1.png)", TextFormat.MARKDOWN)
    assert html == '<p><a href="https://example.org/1.png">A small figure</a></p>\n'


def test_a_picture_within_a_link_becomes_its_words() -> None:
    html = html_of(
        "[![Figure](https://example.org/1.png)](https://example.org/) ![B](https://example.org/b)",
        TextFormat.MARKDOWN,
    )
    assert html == (
        '<p><a href="https://example.org/">Figure</a> <a href="https://example.org/b">B</a></p>\n'
    )


def test_a_picture_without_a_caption_is_called_by_its_address() -> None:
    html = html_of("![](https://example.org/1.png)", TextFormat.MARKDOWN)
    assert html == '<p><a href="https://example.org/1.png">https://example.org/1.png</a></p>\n'


@pytest.mark.parametrize("level", ["h2", "h3"])
def test_headings_of_any_level_become_the_level_asked_for(level: str) -> None:
    html = html_of("# A\n\n###### B\n\nC\n===\n\nD\n---", TextFormat.MARKDOWN, heading=level)
    assert re.findall(r"<(h\d)>(\w)</\1>", html) == [(level, letter) for letter in "ABCD"]


def test_a_list_begins_where_its_editor_begins_it() -> None:
    assert '<ol start="7">' in html_of("7. seven", TextFormat.MARKDOWN)


def test_plain_text_means_nothing_but_itself() -> None:
    text = "1. one *two* <b>three</b> & [four](https://example.org)\n# five\n\n* six"
    assert html_of(text, TextFormat.PLAIN) == (
        "<p>1. one *two* &lt;b&gt;three&lt;/b&gt; &amp; [four](https://example.org)\n# five</p>\n"
        "<p>* six</p>\n"
    )


@pytest.mark.parametrize("mark", ["*", "_", "**_", "[", "`", "> ", "- ", "1. ", "![", "<", "&"])
def test_thousands_of_marks_in_a_row_do_no_harm(mark: str) -> None:
    text = mark * 3000 + "word" + mark[::-1] * 3000
    html_of(text, TextFormat.MARKDOWN)
    text_of(text, TextFormat.MARKDOWN)
