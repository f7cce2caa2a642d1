"""A saved web page as the lines that a person sees: one for each block of text."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import etree, html

from pprmail.errors import SourceError

NOT_SHOWN: Final = frozenset(
    "script style noscript template head nav header footer aside form button select svg iframe".split()
)
BLOCKS: Final = frozenset(
    "address article blockquote body br caption center dd details div dl dt figcaption figure "
    "h1 h2 h3 h4 h5 h6 hr html li main ol p pre section summary table tbody td th thead tr ul".split()
)
BREAK: Final = "\x00"
LARGEST_DEPTH: Final = 400


def lines_of_html(text: str, path: Path) -> list[str]:
    """Give the page's lines; a page that was cut off while it was saved is an error."""
    if not re.search(r"</html\s*>\s*\Z", text, re.IGNORECASE):
        raise SourceError(
            "the page is cut off: it has no </html> at its end",
            where=str(path),
            remedy="save it again, whole",
        )
    shown = "".join(_pieces(_parsed(text, path), depth=0))
    return [line for piece in shown.split(BREAK) if (line := " ".join(piece.split()))]


def _parsed(text: str, path: Path) -> html.HtmlElement:
    parser = html.HTMLParser(no_network=True, encoding="utf-8", huge_tree=False)
    try:
        return html.document_fromstring(text.encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(f"this is no HTML page: {error}", where=str(path)) from None


def _pieces(element: html.HtmlElement, *, depth: int) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in NOT_SHOWN or depth > LARGEST_DEPTH:
        return
    edge = BREAK if element.tag in BLOCKS else ""
    yield edge + ("- " if element.tag == "li" else "") + (element.text or "")
    for child in element:
        yield from _pieces(child, depth=depth + 1)
        yield child.tail or ""
    yield edge
