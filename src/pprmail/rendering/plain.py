"""An editor's words as plain text: wrapped, and with every link's address on its own line."""

from collections.abc import Sequence
from textwrap import TextWrapper

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from pprmail.model.summary import TextFormat
from pprmail.rendering.lines import TEXT_WIDTH, underlined, wrap
from pprmail.rendering.prose import paragraphs, parsed


def text_of(text: str, text_format: TextFormat) -> str:
    """Give the text with the same words, in the same order, as the HTML."""
    if text_format is TextFormat.PLAIN:
        return "\n\n".join(wrap(paragraph) for paragraph in paragraphs(text))
    tokens = parsed(text)
    for token in tokens:
        if token.children:
            # A tree of the words too would be as deep as an editor nests emphasis in them.
            token.content, token.children = "\n".join(_lines(token.children)), []
    return _blocks(SyntaxTreeNode(tokens).children, indent="")


def _lines(tokens: Sequence[Token]) -> list[str]:
    """Give the words of a paragraph, and after them the addresses that its links lead to."""
    words, addresses, link, begun = "", [], "", 0
    for token in tokens:
        words += _words(token)
        if token.type == "link_open":
            link, begun = str(token.attrs["href"]), len(words)
        elif token.type == "link_close" and _address(link) != words[begun:]:
            addresses.append(_address(link))
    return [line for line in [*words.split("\n"), *addresses] if line.strip()]


def _words(token: Token) -> str:
    return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content)


def _address(link: str) -> str:
    return link.removeprefix("mailto:").partition("?")[0] if link.startswith("mailto:") else link


def _blocks(nodes: Sequence[SyntaxTreeNode], *, indent: str) -> str:
    text, between = "", ""
    for node in nodes:
        block = _block(node, indent=indent)
        if block:
            text += between + block
            # What follows a line of a close-set list stands right below it.
            between = "\n" if node.hidden else "\n\n"
    return text


def _block(node: SyntaxTreeNode, *, indent: str) -> str:
    if node.type in {"bullet_list", "ordered_list"}:
        return _list(node, indent=indent)
    if node.type == "blockquote":
        return _blocks(node.children, indent=indent + "  ")
    if node.type == "table":
        return _table(node, indent=indent)
    if node.type in {"code_block", "fence"}:
        return _code(node, indent=indent + "    ")
    if node.type == "hr":
        return indent + "* * *"
    return _paragraph(node, indent=indent)


def _list(node: SyntaxTreeNode, *, indent: str) -> str:
    start = int(node.attrs.get("start", 1))
    is_ordered = node.type == "ordered_list"
    marks = [f"{start + n}. " if is_ordered else "- " for n in range(len(node.children))]
    items = [_item(i, mark=m, indent=indent) for i, m in zip(node.children, marks, strict=True)]
    said = [block for item in node.children for block in item.children if block.type == "paragraph"]
    return ("\n" if all(block.hidden for block in said) else "\n\n").join(items)


def _item(item: SyntaxTreeNode, *, mark: str, indent: str) -> str:
    inside = indent + " " * len(mark)
    return (indent + mark + _blocks(item.children, indent=inside).removeprefix(inside)).rstrip()


def _table(node: SyntaxTreeNode, *, indent: str) -> str:
    head, *rows = [_cells(row) for part in node.children for row in part.children]
    if not rows:
        return _row(head, [""] * len(head), indent=indent)
    names = [words for words, *_ in head]
    addresses = [indent + address for _, *links in head for address in links]
    return "\n".join([*(_row(row, names, indent=indent) for row in rows), *addresses])


def _cells(row: SyntaxTreeNode) -> list[list[str]]:
    return [cell.children[0].content.split("\n") for cell in row.children]


def _row(cells: list[list[str]], names: Sequence[str], *, indent: str) -> str:
    # A row of a table is a sentence of "column: cell" pairs, so that it can be wrapped.
    pairs = [
        f"{name}: {words}" if name else words
        for name, (words, *_) in zip(names, cells, strict=True)
        if words
    ]
    addresses = [f"{indent}  {address}" for _, *links in cells for address in links]
    return "\n".join([wrap("; ".join(pairs), first=indent + "- ", rest=indent + "  "), *addresses])


def _code(node: SyntaxTreeNode, *, indent: str) -> str:
    wrapper = TextWrapper(
        width=TEXT_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        drop_whitespace=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.fill(line) for line in node.content.rstrip().split("\n"))


def _paragraph(node: SyntaxTreeNode, *, indent: str) -> str:
    lines = node.children[0].content.split("\n") if node.children else []
    text = "\n".join(wrap(line, first=indent, rest=indent) for line in lines)
    return underlined(text, indent=indent) if node.type == "heading" else text
