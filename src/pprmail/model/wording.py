"""Wordings compared: what stays of a text, what goes and what comes, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(r"\s+|[^\W_]+(?:['’.,-][^\W_]+)*|[\W_]")
_LINE: Final = re.compile(r"\n+|[^\n]+")
_SHORTEST_BRIDGE: Final = 2
_MOST_WORDS: Final = 6_000
"""Characters and words; longer texts, which no summary is, are compared line by line."""


class Fate(StrEnum):
    """What becomes of a piece of a text."""

    STAYS = "stays"
    GOES = "goes"
    COMES = "comes"


@dataclass(frozen=True)
class Piece:
    """Some words with what becomes of them."""

    fate: Fate
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """Part two texts into what stays, goes and comes.

    What stays and what goes is the first text, what stays and what comes is the second.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        old, new = _LINE.findall(before), _LINE.findall(after)
    pieces = list(_pieces(old, new))
    return [Piece(fate, text) for fate, text in _joined(pieces)]


def _pieces(old: list[str], new: list[str]) -> Iterator[tuple[Fate, str]]:
    begun = (0, 0)
    for match in _matches(old, new):
        yield Fate.GOES, "".join(old[begun[0] : match[0]])
        yield Fate.COMES, "".join(new[begun[1] : match[1]])
        yield Fate.STAYS, "".join(old[match[0] : match[0] + match[2]])
        begun = match[0] + match[2], match[1] + match[2]


def _matches(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int]]:
    """Give what is the same; a lone space between two changes is not worth telling."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    blocks = matcher.get_matching_blocks()
    for block, after in pairwise([*blocks, None]):
        words = "".join(old[block.a : block.a + block.size]) if block else ""
        is_edge = block is not None and (block.a == 0 or block.a + block.size == len(old))
        if after is None or is_edge or len(words.strip()) >= _SHORTEST_BRIDGE:
            yield (block.a, block.b, block.size) if block else (len(old), len(new), 0)


def _joined(pieces: list[tuple[Fate, str]]) -> list[tuple[Fate, str]]:
    joined: list[tuple[Fate, str]] = []
    for fate, text in pieces:
        if joined and joined[-1][0] is fate:
            joined[-1] = (fate, joined[-1][1] + text)
        elif text:
            joined.append((fate, text))
    return joined
