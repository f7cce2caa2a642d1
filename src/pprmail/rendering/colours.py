"""Colours: how well one can be read on another, and the two sets that a letter is made in."""

from dataclasses import dataclass
from typing import Final

from pprmail.model.masthead import Brand

READABLE: Final = 4.5
"""The contrast that WCAG 2 asks of words; from there on, the brand's own colours are kept."""

READABLE_IN_THE_DARK: Final = 7.0
"""It leaves room for mail programs that shift the colours of dark letters by themselves."""

_STEPS: Final = 20


@dataclass(frozen=True)
class Colours:
    """One set; its text and its accent can be read on its sheet and on its panel."""

    ground: str
    sheet: str
    panel: str
    text: str
    rule: str
    accent: str


def light_colours(brand: Brand) -> Colours:
    """Take the brand's colours, made darker where they are too pale to be read."""
    panel = "#eef3f0"
    return Colours(
        ground=brand.background,
        sheet="#fffdfa",
        panel=panel,
        text=_darkened(brand.text, panel),
        rule="#d9d2c3",
        accent=_darkened(brand.accent, panel),
    )


def dark_colours(brand: Brand) -> Colours:
    """Give what a letter looks like where a reader prefers dark; the accent is the brand's."""
    panel = "#232c2d"
    return Colours(
        ground="#14181a",
        sheet="#1d2225",
        panel=panel,
        text="#ece7dd",
        rule="#4a4f50",
        accent=_lightened(brand.accent, panel),
    )


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _darkened(colour: str, panel: str) -> str:
    shades = (_mixed(colour, "#000000", step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if contrast(shade, panel) >= READABLE)


def _lightened(colour: str, panel: str) -> str:
    shades = (_mixed(colour, "#ffffff", step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if contrast(shade, panel) >= READABLE_IN_THE_DARK)


def _luminance(colour: str) -> float:
    channels = (value / 255 for value in _channels(colour))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
