"""Squares for a camera: a text as an SVG that stands in the page itself, without any style."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Draw a text, dark on light whatever the colours of the page, as cameras need it."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        scale=5, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - drawn by the library: numbers, no word of the text
