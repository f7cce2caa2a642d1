"""Mails: a folder of three templates, subject, HTML and text, filled from the same data."""

import re
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from pprmail.model.colours import dark_colours, light_colours
from pprmail.model.masthead import Masthead
from pprmail.model.subject import in_words
from pprmail.rendering.inliner import inline
from pprmail.rendering.shelf import Shelf

_NOT_OF_A_FONT: Final = re.compile(r"[^A-Za-z0-9 ,'-]")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class RenderedMail:
    """One mail's words."""

    subject: str
    html: str
    text: str


def rendered(shelf: Shelf, folder: str, data: dict[str, Any]) -> RenderedMail:
    """Fill the templates of a folder; the subject is one line, and the other two know it."""
    subject = " ".join(shelf.fill(f"{folder}/subject.txt", data).split())
    known = data | {"subject": subject}
    body = f"{folder}/body.html"
    return RenderedMail(
        subject=subject,
        html=inline(shelf.fill(body, known), template=body),
        text=tidy(shelf.fill(f"{folder}/body.txt", known)),
    )


def surroundings(masthead: Masthead) -> dict[str, Any]:
    """Give what every mail's template may ask for."""
    return {
        "masthead": masthead,
        "light": light_colours(masthead.brand),
        "dark": dark_colours(masthead.brand),
        "fonts": _safe_fonts(masthead.brand.fonts),
        "logo_url": masthead.brand.logo_url,
        "postal_lines": postal_lines(masthead),
        "contact": masthead.reply_to,
        "takes_replies": masthead.takes_replies,
        "in_words": in_words,
    }


def _safe_fonts(fonts: str) -> Markup:
    # It stands within a style, where an escaped quotation mark would not be one.
    return Markup(_NOT_OF_A_FONT.sub("", fonts))  # noqa: S704 - nothing is left that ends a style


def postal_lines(masthead: Masthead) -> list[str]:
    """Give the postal address, line by line."""
    return [line.strip() for line in masthead.postal_address.splitlines() if line.strip()]


def tidy(text: str) -> str:
    """Take white space away that a template left at line ends and between parts."""
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return _BLANK_LINES.sub("\n\n", lines) + "\n"
