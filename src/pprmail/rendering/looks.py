"""Looks: a letter as mail programs show it, made of a copy that is served; stored bytes stay."""

import re
from enum import StrEnum
from typing import Final

_STYLES: Final = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL | re.IGNORECASE)
_SCHEMES: Final = re.compile(
    r'(<meta name="(?:supported-)?color-schemes?" content=")[^"]*(">)', re.IGNORECASE
)
_PREFERS_DARK: Final = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)")
_DECLARED: Final = re.compile(r"((?:supported-)?color-schemes?\s*:)\s*light dark")
_HEAD_ENDS: Final = re.compile(r"</head>", re.IGNORECASE)

TURNED: Final = (
    "<style>html { background-color: #ffffff; filter: invert(1) hue-rotate(180deg); } "
    "img { filter: invert(1) hue-rotate(180deg); }</style>"
)
"""As some programs do it: every light colour becomes its dark one, pictures stay as they are."""


class Look(StrEnum):
    """How a mail program may show a letter."""

    LIGHT = "light"
    DARK = "dark"
    TURNED = "turned"
    """The program turns the light colours dark by itself, whatever the letter says about dark."""
    WITHOUT_IMAGES = "no-images"


def as_seen(html: str, look: Look) -> str:
    """Give a copy of a letter that looks so whatever the browser it is looked at in prefers."""
    if look is Look.DARK:
        return _settled(html, scheme="dark", condition="all")
    light = _settled(html, scheme="light", condition="not all")
    return _with_style(light, TURNED) if look is Look.TURNED else light


def _settled(html: str, *, scheme: str, condition: str) -> str:
    def in_style(found: re.Match[str]) -> str:
        decided = _PREFERS_DARK.sub(condition, found[0])
        return _DECLARED.sub(rf"\1 {scheme}", decided)

    # Only what styles say is changed, never a word that an editor wrote.
    return _SCHEMES.sub(rf"\g<1>{scheme}\g<2>", _STYLES.sub(in_style, html))


def _with_style(html: str, style: str) -> str:
    return _HEAD_ENDS.sub(lambda end: style + end[0], html, count=1)
