"""Slugs: the part of an address that names a thing, made from its title once and kept."""

import re
import unicodedata
from typing import Final

LONGEST_SLUG: Final = 80


def slug_of(title: str) -> str:
    """Make "whose-alliance-is-it" of a title: lower-case ASCII words, cut at a word's end."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", plain))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:LONGEST_SLUG]
        if len(longer) > LONGEST_SLUG:
            break
        slug = longer
    return slug or "untitled"
