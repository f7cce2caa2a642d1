"""Squares for a camera: a text as an SVG that stands in the page itself, without any style."""

import segno
from markupsafe import Markup, escape


def qr_code(text: str, *, label: str) -> Markup:
    """Draw a text, dark on light whatever the colours of the page, as cameras need it.

    It takes the width that the page gives it; `label` is for whoever sees no picture.
    """
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    named = f'<svg role="img" aria-label="{escape(label)}" '
    # Drawn by the library: numbers, and no word of the text.
    return Markup(drawn.replace("<svg ", named, 1))  # noqa: S704
