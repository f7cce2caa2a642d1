"""Reading letters as a mail program does: their elements, words, links and colours."""

import re
from collections.abc import Iterator

from cssselect import GenericTranslator, parse
from lxml import html
from lxml.html import HtmlElement

BLOCKS = ("br", "p", "li", "td", "th", "h1", "h2", "h3", "div", "pre", "tr", "hr", "blockquote")
ADDRESS = re.compile(r"^[ ]*(https?://\S+|\S+@[\w.-]+)$", re.MULTILINE)


def page(source: str) -> HtmlElement:
    """Parse a letter."""
    return html.document_fromstring(source)


def elements(source: str) -> Iterator[HtmlElement]:
    """Give every element of a page or of a piece of one, without comments."""
    for element in page(source).iter():
        if isinstance(element.tag, str):
            yield element


def words(text: str) -> list[str]:
    """Give the words of a text, in order; capitals don't matter."""
    return re.findall(r"\w+", text.casefold())


def shown(source: str) -> str:
    """Give what a reader sees of HTML, each block on a line of its own."""
    root = page(source)
    for hidden in root.xpath("//*[contains(@style, 'display:none')] | //head"):
        hidden.getparent().remove(hidden)
    for block in root.iter(*BLOCKS):
        block.text = "\n" + (block.text or "")
        block.tail = "\n" + (block.tail or "")
    return str(root.text_content())


def links(source: str) -> list[str]:
    """Give the addresses that links lead to, out of the letter, in order."""
    found = [str(a.get("href")) for a in page(source).iter("a")]
    return [link.removeprefix("mailto:") for link in found if not link.startswith("#")]


def addresses(text: str) -> list[str]:
    """Give the addresses that stand on a line of their own in a plain text, in order."""
    return ADDRESS.findall(text)


def is_within(some: list[str], more: list[str]) -> bool:
    """Tell whether all of some words stand among more of them, in the same order."""
    rest = iter(more)
    return all(word in rest for word in some)


def light_pairs(source: str) -> set[tuple[str, str]]:
    """Give every colour of words with the ground below it, as the styles in elements say."""
    return {
        (_inherited(e, "color"), _inherited(e, "background-color"))
        for e in page(source).body.iter()
        if isinstance(e.tag, str) and (e.text or "").strip() and _is_seen(e)
    }


def dark_pairs(source: str) -> set[tuple[str, str]]:
    """Give the same pairs as they are where a reader prefers dark."""
    root = page(source)
    dark = source[source.index("prefers-color-scheme: dark") :]
    won: dict[tuple[HtmlElement, str], tuple[object, int]] = {}
    for place, (selectors, body) in enumerate(re.findall(r"\n  ([^{}]+) \{ ([^{}]+)\}", dark)):
        for selector in selectors.split(","):
            weight = (parse(selector)[0].specificity(), place)
            for element in root.xpath(GenericTranslator().css_to_xpath(selector.strip())):
                for name, value in re.findall(r"([\w-]+): (#\w+) !important", body):
                    if won.get((element, name), ((0, 0, 0), -1)) <= weight:
                        won[element, name] = weight
                        element.set("style", f"{name}:{value}; {element.get('style', '')}")
    return light_pairs(html.tostring(root, encoding="unicode"))


def _inherited(element: HtmlElement, name: str) -> str:
    for each in (element, *element.iterancestors()):
        found = re.search(rf"(?:^|; *){name}: *#([0-9a-f]+)", each.get("style", ""))
        if found:
            return "#" + (found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1]))
    raise AssertionError(f"no {name} anywhere above <{element.tag}>")


def _is_seen(element: HtmlElement) -> bool:
    above = (element, *element.iterancestors())
    return not any("display:none" in each.get("style", "") for each in above)
