"""Blanks: a page that is asked for very often is filled once, but for the places where readers differ."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from pprmail.rendering.lines import printable

_NONCE: Final = secrets.token_hex(8)
_MARK: Final = re.compile(rf"{_NONCE}:([\w-]+);")


@dataclass(frozen=True)
class Blank:
    """A page cut where readers differ; `places` name what stands between one part and the next.

    Nothing of any reader is kept in it. `made_of` are the templates as they were.
    """

    parts: tuple[str, ...]
    places: tuple[str, ...]
    made_of: tuple[object, ...]

    @classmethod
    def of(cls, page: str, made_of: tuple[object, ...]) -> "Blank":
        """Cut a page that was filled with marks."""
        pieces = _MARK.split(page)
        return cls(tuple(pieces[0::2]), tuple(pieces[1::2]), made_of)

    def filled(self, values: Mapping[str, str]) -> str:
        """Put one reader's own words in, escaped unless they are markup already."""
        said = [self.parts[0]]
        for place, part in zip(self.places, self.parts[1:], strict=True):
            words = values[place]
            said += (words if isinstance(words, Markup) else escape(printable(words)), part)
        return "".join(said)


def mark(place: str) -> str:
    """Stand for what differs: a word that no template and no reader writes."""
    return f"{_NONCE}:{place};"


@dataclass(frozen=True)
class Often:
    """A page that many ask for: those whose `key` is the same get the same but for their `values`.

    `data` makes what the template is filled with, with marks where the values go.
    """

    name: str
    key: tuple[object, ...]
    data: Callable[[], dict[str, Any]]
    values: Mapping[str, str]
