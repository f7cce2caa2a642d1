"""An editor's words as HTML: Markdown or plain paragraphs, with nothing in them that can act."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pprmail.model.summary import TextFormat
from pprmail.rendering.lines import printable

TAGS: Final = set(
    "a blockquote br code em h2 h3 h4 hr li ol p pre strong table tbody td th thead tr ul".split()
)
ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}}
SCHEMES: Final = {"http", "https", "mailto"}

_HOST: Final = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE)


class _Markdown(MarkdownIt):
    """CommonMark with tables, without HTML; a link that must not be one stays as it was typed."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if parts.scheme in {"http", "https"}:
            # Names before an "@" are there to be taken for the host.
            return bool(_HOST.fullmatch(parts.netloc))
        return parts.scheme in {"mailto", ""}


MARKDOWN: Final = _Markdown("commonmark", {"html": False}).enable("table")


def html_of(text: str, text_format: TextFormat, *, heading: str = "h3") -> str:
    """Give safe HTML; all its headings are of one level, below those of the letter around it."""
    if text_format is TextFormat.PLAIN:
        return "".join(f"<p>{escape(p, quote=False)}</p>\n" for p in paragraphs(text))
    tokens = [_at_level(token, heading) for token in parsed(text)]
    rendered = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return nh3.clean(rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def paragraphs(text: str) -> list[str]:
    """Part a plain text at its empty lines."""
    parts = re.split(r"\n\s*\n", printable(text))
    return [part.strip() for part in parts if part.strip()]


def parsed(text: str) -> list[Token]:
    """Read Markdown; a picture becomes a link to it, since a letter loads nothing."""
    tokens = MARKDOWN.parse(printable(text))
    for token in tokens:
        token.children = list(_without_pictures(token.children or []))
    return tokens


def _without_pictures(tokens: Sequence[Token]) -> Iterator[Token]:
    is_in_link = False
    for token in tokens:
        is_in_link = token.type == "link_open" or (is_in_link and token.type != "link_close")
        if token.type != "image":
            yield token
        elif is_in_link:
            yield _caption(token)
        else:
            yield Token("link_open", "a", 1, attrs={"href": token.attrs["src"]})
            yield _caption(token)
            yield Token("link_close", "a", -1)


def _caption(picture: Token) -> Token:
    words = (" " if t.type == "softbreak" else t.content for t in picture.children or ())
    return Token("text", "", 0, content="".join(words).strip() or str(picture.attrs["src"]))


def _at_level(token: Token, heading: str) -> Token:
    is_heading = token.type in {"heading_open", "heading_close"}
    return token.copy(tag=heading) if is_heading else token
