"""DOIs: found in a citation or in front matter, and kept only when they look whole."""

import re
from typing import Final
from urllib.parse import unquote

from pprmail.sources.sentences import one_line

_LABEL: Final = r"(?:(?:https?://)?(?:www\.|dx\.)?doi\.org/ ?|doi\b[ :.]{0,3})"
_LABELLED: Final = re.compile(rf"(?:{_LABEL}){{1,3}}(10\.[0-9]{{1,9}}[^\s\"“”]*)", re.IGNORECASE)
_BARE: Final = re.compile(r"(?<![\w./])(10\.[0-9]{4,9}[^\s\"“”]*)")
_WHOLE_VALUE: Final = re.compile(rf"(?:{_LABEL}){{0,3}}(10\.[0-9]{{1,9}}\S*)", re.IGNORECASE)
_FORM: Final = re.compile(r"10\.[0-9]{1,9}(?:\.[0-9]{1,9})*/[!-~]+")
_LINK: Final = re.compile(
    r"https?://|\b(?:www|dx)\.|\bdoi ?(?::|10\.)|(?<![\w./])10\.[0-9]{4,9}/", re.IGNORECASE
)
_PAIRS: Final = ("()", "[]", "<>", "{}")
_CLOSING: Final = ".,;:!?'\"’”»"

_SERIES: Final = (
    (r"10\.1080/[0-9]{1,8}(?:[X.].*)?", r"10\.1080/[0-9]{7}[0-9X]\.[0-9]{4}\.[0-9]{5,}.*"),
    (r"10\.(?:1007|1038|1186)/s[0-9]{0,5}(?:-.*)?", r".*/s[0-9]{5}-[0-9]{3}-[0-9]{4,5}-[0-9a-z]"),
    (
        r"10\.1016/j(?:\.[a-z]+(?:\..*)?)?",
        r".*/j\.[a-z]+\.[0-9]{4}\.(?:[0-9]{2}\.[0-9]{3,}|[0-9]{5,})",
    ),
    (r"10\.1037/[a-z]{1,3}[0-9]*", r".*/[a-z]{1,3}[0-9]{7}"),
    (r"10\.[0-9.]+/[0-9]{1,5}", r"(?!)"),
)
"""Series whose numbers have one form: what begins like the first and is not the second was cut.

Read off DOIs of Taylor & Francis, Springer Nature, Elsevier and the APA. The last row is the rule
for all: one to five digits alone are the beginning of a number, as in 10.1080/1050.
"""


def normalise_doi(text: str) -> str | None:
    """Give the bare DOI that this value is, or None if it is no DOI or was evidently cut."""
    value = _WHOLE_VALUE.fullmatch(one_line(text).lstrip("([<"))
    return _whole(value[1]) if value else None


def only_doi(text: str) -> str | None:
    """Give the one whole DOI in a text; of two different ones neither is surely the right one."""
    found = [*_LABELLED.findall(text), *_BARE.findall(text)]
    dois = {doi.lower(): doi for doi in map(_whole, found) if doi}
    return dois.popitem()[1] if len(dois) == 1 else None


def link_start(text: str) -> int:
    """Give the place of a text's first DOI or web address, which end a citation, or its end."""
    link = _LINK.search(text)
    return link.start() if link else len(text)


def _whole(text: str) -> str | None:
    doi = _without_closing(unquote(text))
    well_formed = _FORM.fullmatch(doi) and all(doi.count(a) == doi.count(b) for a, b in _PAIRS)
    return doi if well_formed and not doi.endswith(("-", "_", "/")) and not _is_cut(doi) else None


def _without_closing(doi: str) -> str:
    """Strip what closes the sentence around a DOI, and brackets that were opened before it."""
    surplus = {b: doi.count(b) - doi.count(a) for a, b in _PAIRS}
    end = len(doi)
    while end and (doi[end - 1] in _CLOSING or surplus.get(doi[end - 1], 0) > 0):
        if doi[end - 1] in surplus:
            surplus[doi[end - 1]] -= 1
        end -= 1
    return doi[:end]


def _is_cut(doi: str) -> bool:
    return any(re.fullmatch(a, doi) and not re.fullmatch(b, doi) for a, b in _SERIES)
