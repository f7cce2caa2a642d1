"""An editor's words as plain text: wrapped, and with every link's address on its own line."""

from collections.abc import Iterator
from typing import Final

from markdown_it.tree import SyntaxTreeNode

from pprmail.model.summary import TextFormat
from pprmail.rendering.prose import MARKDOWN, paragraphs
from pprmail.rendering.shelf import wrap

BULLET: Final = "- "


def text_of(text: str, text_format: TextFormat) -> str:
    """Give the text with the same words, in the same order, as the HTML."""
    if text_format is TextFormat.PLAIN:
        return "\n\n".join(wrap(paragraph) for paragraph in paragraphs(text))
    tree = SyntaxTreeNode(MARKDOWN.parse(text))
    return "\n\n".join(_blocks(tree.children, indent=""))


def _blocks(nodes: list[SyntaxTreeNode], *, indent: str) -> Iterator[str]:
    for node in nodes:
        block = _block(node, indent=indent)
        if block:
            yield block


def _block(node: SyntaxTreeNode, *, indent: str) -> str:
    if node.type in {"bullet_list", "ordered_list"}:
        return _list(node, indent=indent)
    if node.type == "blockquote":
        return "\n\n".join(_blocks(node.children, indent=indent + "  "))
    if node.type == "table":
        return _table(node, indent=indent)
    if node.type in {"code_block", "fence"}:
        return "\n".join(indent + "    " + line for line in node.content.rstrip().split("\n"))
    if node.type == "hr":
        return indent + "* * *"
    return _paragraph(node, first=indent, rest=indent)


def _paragraph(node: SyntaxTreeNode, *, first: str, rest: str) -> str:
    lines = [
        wrap(line, first=first if place == 0 else rest, rest=rest)
        for place, line in enumerate(_words(node).split("\n"))
    ]
    links = [f"{rest}{address}" for address in _addresses(node)]
    return "\n".join([line for line in lines if line.strip()] + links)


def _list(node: SyntaxTreeNode, *, indent: str) -> str:
    start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    items = []
    for place, item in enumerate(node.children):
        mark = BULLET if start is None else f"{start + place}. "
        items.append(_item(item, first=indent + mark, rest=indent + " " * len(mark)))
    return "\n".join(items)


def _item(item: SyntaxTreeNode, *, first: str, rest: str) -> str:
    if not item.children:
        return first.rstrip()
    head, *others = item.children
    begun = (
        _paragraph(head, first=first, rest=rest)
        if head.type == "paragraph"
        else f"{first.rstrip()}\n{_block(head, indent=rest)}"
    )
    return "\n".join([begun, *_blocks(others, indent=rest)])


def _table(node: SyntaxTreeNode, *, indent: str) -> str:
    rows = [row for part in node.children for row in part.children]
    cells = [[_words(cell) for cell in row.children] for row in rows]
    head, *body = cells
    # A row of a table is a sentence of "column: cell" pairs, so that it can be wrapped.
    said = [
        "; ".join(
            f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=False)
        )
        for row in body
    ]
    return "\n".join(wrap(row, first=indent + BULLET, rest=indent + "  ") for row in said or [""])


def _words(node: SyntaxTreeNode) -> str:
    if node.type in {"text", "code_inline"}:
        return node.content
    if node.type == "softbreak":
        return " "
    if node.type == "hardbreak":
        return "\n"
    if node.type == "image":
        return node.content
    return "".join(_words(child) for child in node.children)


def _addresses(node: SyntaxTreeNode) -> Iterator[str]:
    for child in node.walk():
        href = str(child.attrs.get("href", "")) if child.type == "link" else ""
        if href and href not in _words(child):
            yield href.removeprefix("mailto:")
