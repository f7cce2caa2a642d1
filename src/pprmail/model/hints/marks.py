"""Hints about marks: brackets and quotations without an end, ß for β, two kinds of minus."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pprmail.model.hints.numerals import DASH, HYPHEN, MINUS
from pprmail.model.hints.passage import Hint, Passage, Piece

_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_OPENING: Final = {"(": "parenthesis", "[": "bracket", "{": "brace"}
_ITEM: Final = re.compile(r"(?:^|[\s;,])[^\W_]{1,3}\)$")
_SINGLE: Final = re.compile(r"(?<![\w])‘(?=[^\W\d])")
_BESIDE: Final = 30
_INCHES: Final = re.compile(r'(?<=\d)"')
_ESZETT: Final = re.compile(r"(?<![^\W\d_])ß(?![^\W\d_])")
_MINUSES: Final = {
    HYPHEN: re.compile(r"(?<![\w.,)\]%–−-])-(?=\.?\d)"),
    MINUS: re.compile(r"−(?=\s?\.?\d)"),
    DASH: re.compile(r"(?<=[=<>(\[])\s?–(?=\.?\d)"),
}
_NAMES: Final = {HYPHEN: "a hyphen (-)", MINUS: "a minus sign (−)", DASH: "a dash (–)"}


def mark_hints(passage: Passage) -> Iterator[Hint]:
    """Find marks that lack their other half, and a letter that is taken for another."""
    for paragraph in passage.paragraphs():
        yield from _brackets(passage, paragraph)
    yield from _quotations(passage)
    for found in _ESZETT.finditer(passage.text):
        message = "this is the German letter ß; β (beta) is meant"
        yield passage.hint("eszett", message, *found.span())


def minus_hints(passages: Sequence[Passage]) -> Iterator[Hint]:
    """Find two kinds of minus in one summary, and show the one that stands there less often."""
    found = {
        kind: [(p, m) for p in passages for m in written.finditer(p.text)]
        for kind, written in _MINUSES.items()
    }
    kinds = sorted((kind for kind in found if found[kind]), key=lambda kind: len(found[kind]))
    if len(kinds) < 2:
        return
    for kind in kinds[:-1]:
        passage, mark = found[kind][0]
        number = re.compile(r"\s?\S\s?[\d.]*\d").match(passage.text, mark.start())
        message = (
            f"minus is {_NAMES[kind]} here and {_NAMES[kinds[-1]]} elsewhere; "
            f"write {MINUS} throughout"
        )
        yield passage.hint("two_minus_signs", message, *(number or mark).span())


def _brackets(passage: Passage, paragraph: Piece) -> Iterator[Hint]:
    text, open_ones = paragraph.text, list[int]()
    for place, mark in enumerate(text):
        if mark in _OPENING:
            open_ones.append(place)
        elif mark in _CLOSING and open_ones and text[open_ones[-1]] == _CLOSING[mark]:
            open_ones.pop()
        elif mark in _CLOSING and not _ITEM.search(text[max(0, place - 5) : place + 1]):
            yield _odd(passage, paragraph, place)
            open_ones = open_ones[:-1]
    for place in open_ones:
        yield _odd(passage, paragraph, place)


def _odd(passage: Passage, paragraph: Piece, place: int) -> Hint:
    """Tell of a bracket without its other half, with a few words beside it."""
    mark, start = paragraph.text[place], paragraph.start + place
    if mark in _OPENING:
        end = min(start + _BESIDE, paragraph.start + len(paragraph.text))
        return passage.hint("unclosed", f"this {_OPENING[mark]} is not closed", start, end)
    begin = max(paragraph.start, start - _BESIDE)
    opening = _OPENING[_CLOSING[mark]]
    return passage.hint("unclosed", f"this {opening} was not opened", begin, start + 1)


def _quotations(passage: Passage) -> Iterator[Hint]:
    paragraphs = list(passage.paragraphs())
    for paragraph, after in zip(paragraphs, [*paragraphs[1:], None], strict=True):
        goes_on = after is not None and after.text.startswith(("“", '"', "‘"))
        place = None if goes_on else _open_quotation(paragraph.text)
        if place is not None:
            start = paragraph.start + place
            end = min(start + _BESIDE, paragraph.start + len(paragraph.text))
            yield passage.hint("unclosed", "this quotation is not closed", start, end)


def _open_quotation(text: str) -> int | None:
    """Find a quotation mark whose other half is missing; ’ is as often an apostrophe."""
    curly = [place for place, mark in enumerate(text) if mark in "“”„"]
    straight = [m.start() for m in re.finditer('"', _INCHES.sub(" ", text))]
    single = [m.start() for m in _SINGLE.finditer(text)]
    if len(curly) % 2 or (curly and text[curly[-1]] in "„"):
        return _first_unpaired(text, curly)
    if len(straight) % 2:
        return straight[-1]
    return single[-1] if single and "’" not in text[single[-1] :] else None


def _first_unpaired(text: str, curly: Sequence[int]) -> int:
    opening = None
    for place in curly:
        is_opening = text[place] == "„" or (text[place] == "“" and opening is None)
        if not is_opening and opening is None:
            return place
        if text[place] == "“" and opening is not None and text[opening] == "“":
            return opening
        opening = place if is_opening else None
    return curly[-1] if opening is None else opening
