"""Lines: which characters they are made of, and where they break."""

import re
from textwrap import TextWrapper
from typing import Final

TEXT_WIDTH: Final = 72

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ADDRESS: Final = re.compile(r"://|@|^www\.")


def printable(text: str) -> str:
    """Drop characters that no mail program shows and no parser takes; of blank ones keep a blank."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0].isspace() else "", text)


def wrap(text: str, *, first: str = "", rest: str = "") -> str:
    """Break a text into lines of at most 72 columns; addresses stay whole."""
    room = max(TEXT_WIDTH - max(len(first), len(rest)), 1)
    wrapper = TextWrapper(
        width=TEXT_WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.fill(" ".join(piece for word in text.split() for piece in _pieces(word, room)))


def underlined(lines: str, *, indent: str = "") -> str:
    """Set lines as a heading: below them stands a rule as long as the longest."""
    longest = max(len(line) for line in lines.split("\n"))
    return f"{lines}\n{indent}{'-' * (longest - len(indent))}"


def _pieces(word: str, room: int) -> list[str]:
    if len(word) <= room or _ADDRESS.search(word):
        return [word]
    return [word[begin : begin + room] for begin in range(0, len(word), room)]
