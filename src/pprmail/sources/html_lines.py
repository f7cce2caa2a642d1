"""A saved web page as the lines that a person sees: one for each block of text."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from lxml import etree, html

from pprmail.errors import SourceError

NOT_SHOWN: Final = frozenset(
    "aside button footer head iframe nav noscript script select style svg template textarea".split()
)
"""Not `header` and not `form`: many blogs put titles into one, and some whole pages into the other."""

BLOCKS: Final = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre "
    "section summary table tbody td tfoot th thead tr ul".split()
)
ITEM: Final = "- "


def lines_of_html(text: str, path: Path) -> list[tuple[int, str]]:
    """Give the page's lines with their numbers; a page that was cut off is an error."""
    if not re.search(r"</html\s*>", text, re.IGNORECASE):
        raise SourceError(
            "the page is cut off: it has no </html> at its end",
            where=str(path),
            remedy="save it again, whole",
        )
    lines = _Lines()
    walk = etree.iterwalk(_parsed(text, path), events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event != "start":
            lines.leave(element)
        elif _is_shown(element):
            lines.enter(element)
        else:
            walk.skip_subtree()
    return lines.found


def _parsed(text: str, path: Path) -> html.HtmlElement:
    # The file is small enough for a tree of any shape; a tree that the parser gives up on is not
    # the page, even if it holds some of its entries.
    parser = html.HTMLParser(no_network=True, encoding="utf-8", huge_tree=True)
    try:
        page = html.document_fromstring(text.encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(f"this is no HTML page: {error}", where=str(path)) from None
    fatal = parser.error_log.filter_from_fatals()
    if fatal:
        raise SourceError(
            f"this page can't be read to its end: {fatal[0].message}", where=str(path)
        )
    return page


def _is_shown(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and element.tag not in NOT_SHOWN


@dataclass
class _Lines:
    """Gathers pieces of text into lines, as the elements around them say where lines end."""

    found: list[tuple[int, str]] = field(default_factory=list)
    number: int = 0
    text: str = ""

    def enter(self, element: etree._Element) -> None:
        self._end_line(element)
        if element.tag == "li":
            self.text = ITEM
        self._add(element.text, element)

    def leave(self, element: etree._Element) -> None:
        self._end_line(element)
        if element.tag == "li":
            self.text = ""
        self._add(element.tail, element)

    def _end_line(self, element: etree._Element) -> None:
        # The mark of an item waits for the item's text, which may be in a block of its own.
        if element.tag not in BLOCKS or self.text == ITEM:
            return
        line = " ".join(self.text.split())
        if line:
            self.found.append((self.number, line))
        self.text = ""

    def _add(self, piece: str | None, element: etree._Element) -> None:
        if not piece or not piece.strip():
            self.text += " " if piece and self.text != ITEM else ""
            return
        if not self.text.strip(ITEM):
            # The library's types leave this one out.
            self.number = cast("int | None", element.sourceline) or 0
        self.text += piece
