import pytest

from pprmail.model.summary import TextFormat
from pprmail.rendering.plain import text_of

AS_TEXT = {
    "lists stand close if they were written close": (
        "- a\n- b\n  1. c\n  2. d\n- e",
        "- a\n- b\n  1. c\n  2. d\n- e",
    ),
    "lists stand apart if they were written apart": (
        "1. a\n\n   more of a\n\n2. b",
        "1. a\n\n   more of a\n\n2. b",
    ),
    "numbers go on from where they begin, and marks are as wide as they are": (
        "9. a\n10. b [l](https://example.org/l)",
        "9. a\n10. b l\n    https://example.org/l",
    ),
    "an empty item keeps its mark": ("- a\n-\n- c", "- a\n-\n- c"),
    "a list in a list's first line": ("- - a", "- - a"),
    "quotations are set in": (
        "> a\n>\n> - b\n>\n> > c",
        "  a\n\n  - b\n\n    c",
    ),
    "headings are underlined": ("# A heading\n\ntext", "A heading\n---------\n\ntext"),
    "a heading in a list too": ("- # A\n  b", "- A\n  -\n\n  b"),
    "code keeps its lines and blanks": (
        "```\nif a:\n    b\n```",
        "    if a:\n        b",
    ),
    "hard breaks break": ("a\\\nb  \nc\nd", "a\nb\nc d"),
    "a rule": ("a\n\n***\n\nb", "a\n\n* * *\n\nb"),
    "links follow their paragraph": (
        "[a](https://example.org/a) and [b](https://example.org/b).\n\nc",
        "a and b.\nhttps://example.org/a\nhttps://example.org/b\n\nc",
    ),
    "an address that is its own words is not said twice": (
        "<https://example.org/a> <a@example.org> [b@example.org](mailto:b@example.org)",
        "https://example.org/a a@example.org b@example.org",
    ),
    "an address that only begins like its words is said": (
        "[https://example.org/abc](https://example.org/a)",
        "https://example.org/abc\nhttps://example.org/a",
    ),
    "mail addresses come without what a program adds": (
        "[write](mailto:a@example.org?subject=Hello%20there)",
        "write\na@example.org",
    ),
    "pictures are links": (
        "![Figure 1](https://example.org/1.png)",
        "Figure 1\nhttps://example.org/1.png",
    ),
    "tables are read out by rows": (
        "| Group | n | |\n|---|---|---|\n| A | [12](https://example.org/12) | x |\n| B | | |",
        "- Group: A; n: 12; x\n  https://example.org/12\n- Group: B",
    ),
    "links in the head of a table follow it": (
        "| [G](https://example.org/g) |\n|---|\n| 1 |",
        "- G: 1\nhttps://example.org/g",
    ),
    "a table without rows is its head": ("| a | b |\n|---|---|", "- a; b"),
    "entities and escapes are characters": (r"&copy; &amp;amp; \* 1\. a", "© &amp; * 1. a"),
    "nothing": (" \n\n \n", ""),
}


@pytest.mark.parametrize("claim", AS_TEXT)
def test_markdown_as_text(claim: str) -> None:
    written, text = AS_TEXT[claim]
    assert text_of(written, TextFormat.MARKDOWN) == text


def test_a_long_item_is_set_in_on_every_line() -> None:
    text = text_of("- " + "word " * 30, TextFormat.MARKDOWN)
    first, *rest = text.split("\n")
    assert first.startswith("- word")
    assert rest
    assert all(line.startswith("  word") and len(line) <= 72 for line in rest)


def test_plain_text_is_wrapped_and_otherwise_left_alone() -> None:
    written = "* one\n2. two <b>\r\n\r\n" + "three " * 20
    lines = text_of(written, TextFormat.PLAIN).split("\n")
    assert lines[:2] == ["* one 2. two <b>", ""]
    assert all(len(line) <= 72 for line in lines)
