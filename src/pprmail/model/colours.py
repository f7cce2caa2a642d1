"""Colours: how well one can be read on another, and the two sets that are made of a brand's three."""

from collections.abc import Iterable, Iterator
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from pprmail.model.masthead import Brand

READABLE: Final = 4.5
"""The contrast that WCAG 2 asks of words (success criterion 1.4.3)."""

READABLE_IN_THE_DARK: Final = 7.0
"""It leaves room for mail programs that shift the colours of dark letters by themselves."""

QUIET: Final = 5.5
"""The contrast down to which small print is paled, so that it stands back and can still be read."""

GROUNDS: Final = ("background", "sheet", "panel")
BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
_STEPS: Final = 64


@dataclass(frozen=True)
class Colours:
    """One set: three grounds, from the outermost in, and what is written and drawn on them."""

    ground: str
    sheet: str
    panel: str
    text: str
    muted: str
    accent: str
    rule: str

    @property
    def grounds(self) -> tuple[str, str, str]:
        """What words may stand on."""
        return self.ground, self.sheet, self.panel


@dataclass(frozen=True)
class Unreadable:
    """A colour of a brand on the ground where it reads worst, and the nearest that would do."""

    name: str
    colour: str
    ground: str
    behind: str
    ratio: float
    nearest: str


@cache
def light_colours(brand: Brand) -> Colours:
    """Make the set that a letter is sent in: sheet and panel are tints of the brand's colours."""
    ground, sheet, panel = _light_grounds(brand)
    bare = Colours(
        ground=ground,
        sheet=sheet,
        panel=panel,
        text=brand.text,
        muted=brand.text,
        accent=brand.accent,
        rule=mixed(sheet, brand.text, 0.2),
    )
    return replace(bare, muted=_paled(bare))


@cache
def dark_colours(brand: Brand) -> Colours:
    """Make the set for readers who prefer dark; the accent is the brand's, made lighter."""
    sheet = "#1d2225"
    panel = mixed(sheet, brand.accent, 0.16)
    bare = Colours(
        ground="#14181a",
        sheet=sheet,
        panel=panel,
        text="#ece7dd",
        muted="#ece7dd",
        accent=brand.accent,
        rule="#4a4f50",
    )
    return replace(bare, muted=_paled(bare), accent=_lightened(bare))


def unreadable(brand: Brand) -> Iterator[Unreadable]:
    """Find which of a brand's colours can't be read on one of the grounds of a letter.

    All that is proposed passes together: each colour is looked at where the one before is mended.
    """
    # The accent first, since the panel is a tint of it.
    for name in ("accent", "text"):
        colour: str = getattr(brand, name)
        grounds = _light_grounds(brand)
        ratios = [contrast(colour, ground) for ground in grounds]
        worst = ratios.index(min(ratios))
        if ratios[worst] < READABLE:
            mended = _mended(brand, name)
            told = " and ".join(f"{field} {shade}" for field, shade in mended.items())
            yield Unreadable(name, colour, grounds[worst], GROUNDS[worst], ratios[worst], told)
            brand = replace(brand, **mended)


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """Mix two colours; `share` is the other's, from 0 to 1."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _mended(brand: Brand, name: str) -> dict[str, str]:
    """Give the first darker shade that passes, or the first lighter background where none does."""
    for field, lightness in ((name, 0.0), ("background", 1.0)):
        for shade in _shades(getattr(brand, field), lightness):
            tried = replace(brand, **{field: shade})
            if _least(_light_grounds(tried), getattr(tried, name)) >= READABLE:
                return {field: shade}
    return {name: BLACK, "background": WHITE}


def _light_grounds(brand: Brand) -> tuple[str, str, str]:
    sheet = mixed(brand.background, WHITE, 0.7)
    return brand.background, sheet, mixed(sheet, brand.accent, 0.07)


def _paled(colours: Colours) -> str:
    shades = [mixed(colours.text, colours.sheet, step / _STEPS) for step in range(_STEPS // 2)]
    return [colours.text, *(s for s in shades if _least(colours.grounds, s) >= QUIET)][-1]


def _lightened(colours: Colours) -> str:
    shades = _shades(colours.accent, 1.0)
    return next(s for s in shades if _least(colours.grounds, s) >= READABLE_IN_THE_DARK)


def _least(grounds: Iterable[str], words: str) -> float:
    return min(contrast(words, ground) for ground in grounds)


def _shades(colour: str, lightness: float) -> list[str]:
    """List a colour on its way to black (0) or white (1); its hue stays."""
    hue, begin, saturation = rgb_to_hls(*(value / 255 for value in _channels(colour)))
    way = [begin + (lightness - begin) * step / _STEPS for step in range(_STEPS + 1)]
    shades = ["#" + _hex(hls_to_rgb(hue, each, saturation)) for each in way]
    return [colour, *shades[1:]]


def _hex(channels: tuple[float, float, float]) -> str:
    return "".join(f"{round(value * 255):02x}" for value in channels)


def _luminance(colour: str) -> float:
    channels = (value / 255 for value in _channels(colour))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
