"""Colours: how well one can be read on another, and the shades that dark mode needs."""

from dataclasses import dataclass
from typing import Final

from pprmail.model.masthead import Brand

READABLE: Final = 7.0
"""A contrast that leaves room for what mail programs do to colours; 4.5 is what must be kept."""

DARK_GROUND: Final = "#14181a"
DARK_SHEET: Final = "#1d2225"
DARK_PANEL: Final = "#232c2d"
DARK_TEXT: Final = "#ece7dd"
DARK_RULE: Final = "#4a4f50"


@dataclass(frozen=True)
class DarkColours:
    """What the letter looks like where a reader prefers dark."""

    ground: str
    sheet: str
    panel: str
    text: str
    rule: str
    accent: str


def dark_colours(brand: Brand) -> DarkColours:
    """Derive dark colours; the accent is lightened until it can be read on every dark ground."""
    accent = readable_on(DARK_PANEL, brand.accent)
    return DarkColours(DARK_GROUND, DARK_SHEET, DARK_PANEL, DARK_TEXT, DARK_RULE, accent)


def readable_on(ground: str, colour: str) -> str:
    """Mix a colour with white until it is readable on a dark ground."""
    for share in range(21):
        mixed = _mixed(colour, "#ffffff", share / 20)
        if contrast(mixed, ground) >= READABLE:
            return mixed
    return "#ffffff"


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (value / 255 for value in _channels(colour))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
