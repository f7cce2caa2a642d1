"""Hints about claims: what a p above .05 does not say."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pprmail.model.hints.numerals import NUMBER, numeral
from pprmail.model.hints.passage import Hint, Passage

_LIMIT: Final = Decimal("0.05")
_P: Final = re.compile(
    rf"(?<![\w.])[pP](?:[ -]?values?)?\s*(?P<sign>[=<>≤≥]|\bof\b)\s*(?P<value>{NUMBER})"
)
_ALIKE: Final = re.compile(
    r"(?<!next to )(?<!almost )\bno (?:(?:statistical|overall|real|measurable|clear|detectable|average|general) )?"
    r"(?:differences?|effects?|associations?|relationships?|changes?|benefits?|improvements?|"
    r"impact|links?|correlations?)\b"
    r"|\b(?:did|do|does) not differ\b(?! (?:statistically )?significantly)"
    r"|\b(?:equally|just as|as) (?:effective|good|well|strong|helpful|efficacious)\b"
    r"|\b(?:similar|the same|comparable|equal|equivalent|identical) "
    r"(?:levels?|rates?|outcomes?|results?|effects?|scores?|improvements?|reductions?|gains?)\b",
    re.IGNORECASE,
)
_TESTED: Final = re.compile(r"equivalence|non-?inferior", re.IGNORECASE)
_SIGNIFICANT: Final = re.compile(
    r"(?<!clinically )(?<!practically )\bsignificant(?:ly)?\b(?! others?\b)", re.IGNORECASE
)
_DENIED: Final = re.compile(
    r"\b(?:not|no|non|nor|neither|never|none|without|fail(?:s|ed)?|lost|only|longer|cannot|"
    r"marginal(?:ly)?|trend|approach(?:es|ed)?|short|whether|if|hardly|barely|far)\b|n[’']t\b",
    re.IGNORECASE,
)


def claim_hints(passage: Passage) -> Iterator[Hint]:
    """Find a p above .05 beside “no difference” or beside “significant”."""
    for sentence in passage.sentences():
        above = [found for found in _P.finditer(sentence.text) if _is_above(found)]
        if not above:
            continue
        at, shown = sentence.start, above[0][0]
        alike = _ALIKE.search(sentence.text)
        if alike and not _TESTED.search(sentence.text):
            message = (
                f"“{alike[0]}” beside {shown}: a p above .05 is no evidence that there is no "
                "difference, only none that there is one"
            )
            yield passage.hint("no_difference", message, at + alike.start(), at + alike.end())
        yield from _significance(passage, sentence.text, at, shown)


def _significance(passage: Passage, sentence: str, at: int, shown: str) -> Iterator[Hint]:
    found = _SIGNIFICANT.search(sentence)
    all_above = all(_is_above(p) for p in _P.finditer(sentence))
    if found and all_above and not _DENIED.search(sentence):
        message = f"“{found[0]}” beside {shown}, which is above .05"
        yield passage.hint("significant", message, at + found.start(), at + found.end())


def _is_above(found: re.Match[str]) -> bool:
    value = numeral(found["value"]).value
    if value > 1:
        return False
    return (
        value >= _LIMIT
        if found["sign"] in {">", "≥"}
        else found["sign"] in "=of" and value > _LIMIT
    )
