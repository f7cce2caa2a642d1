"""A reader's own parts of a letter: the only bytes that differ between readers of an edition.

A stored edition holds a key in the place of each part; the provider puts the values in. Values for
HTML are escaped, values for text are wrapped, and no value holds a key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import fill
from typing import Final

from pprmail.model.audience import FOLLOWS_ALL

PARTS: Final = ("greeting_html", "greeting_text", "why_html", "why_text", "leave", "preferences")
WORDS: Final = (
    "greeting_with_name",
    "greeting_without_name",
    "why_topics",
    "why_everything",
    "why_all_without_match",
    "why_note",
)
LONGEST_NAME: Final = 100
TEXT_WIDTH: Final = 72


@dataclass(frozen=True)
class Personal:
    """Fills in the parts for the readers of one edition; wordings come with the edition.

    It is asked once for every reader, so that what many of them share is made once and kept.
    """

    words: Mapping[str, str]
    mark: str
    topics: Sequence[str]
    selection: int
    _keys: tuple[str, ...] = field(init=False, repr=False)
    _whys: dict[int, tuple[str, str]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_keys", tuple(key(self.mark, part) for part in PARTS))

    def values(
        self, name: str | None, topic_bits: int, *, links: tuple[str, str]
    ) -> dict[str, str]:
        """Give the value of every key for one reader, whose tokens to leave and choose these are."""
        greeting = self._greeting(name)
        why_html, why_text = self._why_parts(topic_bits)
        parts = (escape(greeting), _wrapped(greeting), why_html, why_text, *links)
        return dict(zip(self._keys, parts, strict=True))

    def why(self, topic_bits: int) -> str:
        """Say why a reader gets this edition."""
        if topic_bits == FOLLOWS_ALL:
            return self.words["why_everything"]
        if topic_bits:
            names = [n for place, n in enumerate(self.topics) if topic_bits >> place & 1]
            return self.words["why_topics"].replace("{topics}", listed(names))
        return self.words["why_all_without_match" if self.selection else "why_note"]

    def _why_parts(self, topic_bits: int) -> tuple[str, str]:
        parts = self._whys.get(topic_bits)
        if parts is None:
            why = self.why(topic_bits)
            parts = self._whys[topic_bits] = (escape(why), _wrapped(why))
        return parts

    def _greeting(self, name: str | None) -> str:
        plain = " ".join(name.split())[:LONGEST_NAME] if name else ""
        # A name that holds the beginning of a key would be filled in a second time.
        if not plain or not plain.isprintable() or f"-{self.mark}." in plain:
            return self.words["greeting_without_name"]
        return self.words["greeting_with_name"].replace("{name}", plain)


def _wrapped(sentence: str) -> str:
    return sentence if len(sentence) <= TEXT_WIDTH else fill(sentence, TEXT_WIDTH)


def key(mark: str, part: str) -> str:
    """Give the key that stands in an edition for a part: "-pm.leave-"."""
    return f"-{mark}.{part}-"


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Put the values in, as the provider does."""
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def listed(names: Sequence[str]) -> str:
    """Write "A, B and C"; names that hold commas of their own are parted by semicolons."""
    if len(names) < 2:
        return "".join(names)
    comma = "; " if any("," in name for name in names) else ", "
    return f"{comma.join(names[:-1])} and {names[-1]}"
