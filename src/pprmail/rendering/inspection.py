"""Looking into what was rendered: its links, and code that should have become words."""

import re
from typing import Final

from lxml import html

_LINKS: Final = ("href", "src", "action", "background")
_CODE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", re.DOTALL)


def links_in(source: str) -> list[str]:
    """Give every address that an HTML text leads to or loads, in order."""
    elements = html.document_fromstring(source).iter()
    return [str(value) for e in elements for name, value in e.attrib.items() if name in _LINKS]


def words_of_links(source: str) -> list[tuple[str, str]]:
    """Give the words of every link of an HTML text, and where they lead."""
    links = html.document_fromstring(source).iter("a")
    return [(" ".join("".join(map(str, a.itertext())).split()), str(a.get("href"))) for a in links]


def words_of_paragraphs(source: str) -> str:
    """Give the words of an HTML text's paragraphs, without its headings, lists and tables."""
    if not source.strip():
        return ""
    paragraphs = html.document_fromstring(source).iter("p")
    return " ".join(" ".join("".join(map(str, p.itertext())).split()) for p in paragraphs)


def code_in(text: str) -> list[str]:
    """Give the pieces that look like code of a template or of a provider."""
    return _CODE.findall(text)


def preheader_in(source: str) -> str:
    """Give the words that an inbox shows beside the subject: the first that a letter hides."""
    for div in html.document_fromstring(source).iter("div"):
        if "display:none" in (div.get("style") or ""):
            return " ".join("".join(map(str, div.itertext())).split())
    return ""
