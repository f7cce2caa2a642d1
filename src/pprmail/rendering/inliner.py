"""The fence around premailer: styles into attributes, and nothing fetched, whatever it is fed."""

import logging
import re
from typing import Final

import cssutils
from premailer import Premailer

from pprmail.rendering.shelf import TemplateProblemError

_STYLE: Final = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_IMPORT: Final = re.compile(r"@import", re.IGNORECASE)
_LINK: Final = re.compile(r"<link\b", re.IGNORECASE)


def inline(html: str, *, template: str) -> str:
    """Write the styles of a letter into its elements; at-rules stay in the head."""
    where = f"template {template}"
    # cssutils opens what an @import names, network or file, even where premailer may not.
    if _LINK.search(html) or any(_IMPORT.search(style) for style in _STYLE.findall(html)):
        raise TemplateProblemError(
            "a letter can't fetch styles",
            where=where,
            remedy="write them into the template's <style>",
        )
    try:
        return f"{_premailer(html).transform(pretty_print=False)}\n"
    except (AttributeError, ValueError) as error:
        raise TemplateProblemError(f"this is no page of HTML: {error}", where=where) from error


def _premailer(html: str) -> Premailer:
    return Premailer(
        html,
        allow_network=False,
        base_url=None,
        cssutils_logging_level=logging.CRITICAL,
        # "100%" and "auto" as attributes would override the widths that Outlook needs; and only
        # cells of tables have a valign.
        disable_basic_attributes=["width", "height", "valign"],
        disable_validation=True,
        keep_style_tags=False,
        remove_classes=False,
        strip_important=False,
    )


def _fetch_nothing(_: str) -> tuple[str, bytes]:
    return "utf-8", b""


cssutils.util._defaultFetcher = _fetch_nothing  # noqa: SLF001 - the one way to shut that door
