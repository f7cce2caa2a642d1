"""Differences between two texts, paragraph by paragraph and word by word, as a person reads them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

ALIKE: Final = 0.4
"""Paragraphs that share less than this are shown as one that went and one that came."""

_BLANK: Final = re.compile(r"\n\s*\n")
_RULES: Final = re.compile(r"^[=_*-]{3,}$", re.MULTILINE)
"""Lines that part one piece of a plain text from another, and say nothing."""


class Kind(StrEnum):
    """What became of some words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """Some words, and what became of them."""

    kind: Kind
    words: str


Paragraph = list[Piece]


def differences(before: str, after: str) -> list[Paragraph]:
    """Give the paragraphs that are not the same in both texts, in the order they stand."""
    old, new = _paragraphs(before), _paragraphs(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        paragraph
        for step, i, j, k, m in steps
        if step != "equal"
        for paragraph in _changed(old[i:j], new[k:m])
    ]


def _paragraphs(text: str) -> list[str]:
    # How lines are broken is no difference: a word more moves every line end after it.
    words = _RULES.sub("", text)
    return [" ".join(each.split()) for each in _BLANK.split(words) if each.strip()]


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    if len(old) != len(new):
        yield from ([Piece(Kind.GONE, words)] for words in old)
        yield from ([Piece(Kind.NEW, words)] for words in new)
        return
    for before, after in zip(old, new, strict=True):
        yield from _compared(before, after)


def _compared(before: str, after: str) -> Iterator[Paragraph]:
    old, new = before.split(), after.split()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        yield [Piece(Kind.GONE, before)]
        yield [Piece(Kind.NEW, after)]
        return
    yield [piece for step in matcher.get_opcodes() for piece in _pieces(step, old, new)]


def _pieces(
    step: tuple[str, int, int, int, int], old: Sequence[str], new: Sequence[str]
) -> Iterator[Piece]:
    kind, i, j, k, m = step
    if kind == "equal":
        yield Piece(Kind.SAME, " ".join(old[i:j]))
        return
    if old[i:j]:
        yield Piece(Kind.GONE, " ".join(old[i:j]))
    if new[k:m]:
        yield Piece(Kind.NEW, " ".join(new[k:m]))
