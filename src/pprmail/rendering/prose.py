"""An editor's words as HTML: Markdown or plain paragraphs, with nothing in them that can act."""

import re
from html import escape
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pprmail.model.summary import TextFormat

TAGS: Final = set(
    "a blockquote br code em h3 hr li ol p pre strong sub sup table tbody td th thead tr ul".split()
)
ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}}
SCHEMES: Final = {"http", "https", "mailto"}

MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


def html_of(text: str, text_format: TextFormat) -> str:
    """Give safe HTML; headings become level three, below the letter's own."""
    if text_format is TextFormat.PLAIN:
        return "".join(f"<p>{escape(p, quote=False)}</p>\n" for p in paragraphs(text))
    tokens = [_lowered(token) for token in MARKDOWN.parse(text)]
    rendered = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return nh3.clean(rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def paragraphs(text: str) -> list[str]:
    """Part a plain text at its empty lines."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _lowered(token: Token) -> Token:
    return token.copy(tag="h3") if token.type in {"heading_open", "heading_close"} else token
