"""A passage: one field of a summary as it is read, and where each letter stands in what was typed."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST_QUOTE: Final = 60
_LINK: Final = re.compile(r"(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|https?://\S+")
_MARKUP: Final = re.compile(r"\\(?=[!-/:-@\[-`{-~])|[*`]|(?<![^\W_])_|_(?![^\W_])")
_PARAGRAPH_END: Final = re.compile(r"\n[ \t]*\n\s*")
_SENTENCE_END: Final = re.compile(r"[.!?…][)\]”\"’]*\s+(?=[^\W\d_a-zß-öø-ÿ]|[(“\"‘\[*])")
_SHORT: Final = re.compile(
    r"(?:\b(?:vs|al|e\.g|i\.e|cf|ca|approx|Dr|Mr|Mrs|Ms|Prof|St|no|fig|pp?|resp)|\b[^\W\d_])\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hint:
    """Something that may be a slip: its name, a sentence, and the piece of a field it is about."""

    code: str
    message: str
    field: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Piece:
    """A part of a passage, and where it begins there."""

    text: str
    start: int


class Passage:
    """One field: `text` is what readers see of it, without Markdown's marks and addresses."""

    def __init__(self, field: str, typed: str, *, is_markdown: bool = True) -> None:
        self.field = field
        self.typed = typed
        self._starts, self._shifts = [0], [0]
        self.text = self._seen() if is_markdown else typed

    def hint(self, code: str, message: str, start: int, end: int) -> Hint:
        """Make a hint about a piece of the text; the place is given as it was typed."""
        quote = " ".join(self.text[start:end].split())
        shown = quote if len(quote) <= LONGEST_QUOTE else f"{quote[:LONGEST_QUOTE].rstrip()}…"
        last = self._place(end - 1) + 1 if end > start else self._place(end)
        return Hint(code, message, self.field, self._place(start), last, shown)

    def paragraphs(self) -> Iterator[Piece]:
        """Give the paragraphs."""
        start = 0
        for end in (*_PARAGRAPH_END.finditer(self.text), None):
            yield Piece(self.text[start : end.start() if end else None], start)
            start = end.end() if end else start

    def sentences(self) -> Iterator[Piece]:
        """Give the sentences; the stop of “et al.” or of an initial ends none."""
        for paragraph in self.paragraphs():
            start = 0
            for end in _SENTENCE_END.finditer(paragraph.text):
                stop = end.start() + 1
                if not _SHORT.search(paragraph.text[max(0, stop - 10) : stop]):
                    yield Piece(paragraph.text[start:stop], paragraph.start + start)
                    start = end.end()
            yield Piece(paragraph.text[start:], paragraph.start + start)

    def _seen(self) -> str:
        """Take links' addresses and Markdown's marks away, and keep count of what is gone."""
        kept, place = [], 0
        gone = sorted(
            [m.span() for m in _LINK.finditer(self.typed)]
            + [m.span() for m in _MARKUP.finditer(self.typed)]
        )
        length = 0
        for start, end in gone:
            if start < place:
                continue
            kept.append(self.typed[place:start])
            length += start - place
            self._starts.append(length)
            self._shifts.append(end - length)
            place = end
        kept.append(self.typed[place:])
        return "".join(kept)

    def _place(self, seen: int) -> int:
        return seen + self._shifts[bisect_right(self._starts, seen) - 1]
