"""A reader's own parts of a letter: the only bytes that differ between readers of an edition.

A stored edition holds a key in the place of each part; the provider puts the values in. Values for
HTML are escaped, values for text are wrapped, and no value holds a key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from textwrap import fill
from typing import Final

from pprmail.model.audience import FOLLOWS_ALL
from pprmail.model.link import Signer

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
    """Fills in the parts for the readers of one edition; wordings come with the edition."""

    words: Mapping[str, str]
    mark: str
    topics: Sequence[str]
    selection: int
    _whys: dict[int, str] = field(default_factory=dict)

    def links(self, signer: Signer, *, public_id: str, now: datetime) -> dict[str, str]:
        """Give the values of the two links."""
        return {
            key(self.mark, "leave"): signer.leave_token(public_id),
            key(self.mark, "preferences"): signer.preferences_token(public_id, now=now),
        }

    def sentences(self, name: str | None, topic_bits: int) -> dict[str, str]:
        """Give the values of greeting and reason, for HTML and for text."""
        greeting, why = self._greeting(name), self.why(topic_bits)
        return {
            key(self.mark, "greeting_html"): escape(greeting),
            key(self.mark, "greeting_text"): fill(greeting, TEXT_WIDTH),
            key(self.mark, "why_html"): escape(why),
            key(self.mark, "why_text"): fill(why, TEXT_WIDTH),
        }

    def why(self, topic_bits: int) -> str:
        """Say why a reader gets this edition; few reasons serve many readers."""
        if topic_bits not in self._whys:
            self._whys[topic_bits] = self._reason(topic_bits)
        return self._whys[topic_bits]

    def _greeting(self, name: str | None) -> str:
        plain = " ".join(name.split())[:LONGEST_NAME] if name else ""
        # A name that holds the beginning of a key would be filled in a second time.
        if not plain.isprintable() or not plain or f"-{self.mark}." in plain:
            return self.words["greeting_without_name"]
        return self.words["greeting_with_name"].replace("{name}", plain)

    def _reason(self, topic_bits: int) -> str:
        if topic_bits == FOLLOWS_ALL:
            return self.words["why_everything"]
        if topic_bits:
            names = [n for place, n in enumerate(self.topics) if topic_bits >> place & 1]
            return self.words["why_topics"].replace("{topics}", listed(names))
        return self.words["why_all_without_match" if self.selection else "why_note"]


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
