"""Hints about figures: what no study can have found, because it can't be."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pprmail.model.hints.numerals import NUMBER, numeral
from pprmail.model.hints.passage import Hint, Passage

_NO_ESTIMATE: Final = frozenset("se sd p k n df t z f q i² i2 χ² χ2 chi tau τ² v w".split())
_OTHERS: Final = rf"(?:\s*[,;]\s*(?:SE|SD|[kKnNpPzZtT])\s*[=<>≤≥]\s*{NUMBER}){{0,6}}"
_INTERVAL: Final = (
    r"(?P<level>\d{2,4}(?:\.\d)?)\s?%[\s-]*(?:CIs?|CrI|confidence interval|credible interval)\b"
    r"\s*(?:was|is|of|from|between|ranged from)?\s*[:=,;]?\s*[(\[]?\s*(?:from\s)?"
    rf"(?P<low>{NUMBER})\s?(?P<share>%)?\s*(?:,|;|\bto\b|\band\b|[–—-])\s*(?P<high>{NUMBER})(?!\d)"
)
_WITH_INTERVAL: Final = re.compile(
    rf"(?:(?P<symbol>[^\W\d_][\w²]{{0,11}})\s*=\s*|\b(?:of|was|were|is|by|at|HR|OR|RR)\s+)"
    rf"(?P<estimate>{NUMBER})(?P<percent>\s?(?:%|per ?cent))?{_OTHERS}[\s,;]*[(\[]?\s*{_INTERVAL}"
)
_INTERVAL_ALONE: Final = re.compile(_INTERVAL)
_P: Final = re.compile(
    rf"(?<![\w.])[pP](?:[ -]?values?)?\s*(?P<sign>[=<>≤≥]|\bof\b)\s*(?P<value>{NUMBER})(?![\d.]*\d)"
)
_R: Final = re.compile(rf"(?<![\w.])r\s*=\s*(?P<value>{NUMBER})")
_SHARE: Final = re.compile(
    rf"(?<![\d.,])(?P<value>{NUMBER})\s?(?:%|per ?cent)\s+of\s+(?:(?:the|all|these|those|its|their)\s+)?"
    r"(?:[^\W\d_]+\s+){0,2}?(?:patients|clients|participants|therapists|clinicians|respondents|"
    r"people|adults|children|adolescents|women|men|couples|families|studies|trials|variance|"
    r"sample|cases)\b",
    re.IGNORECASE,
)
_UNITS: Final = (
    r"(?:sessions?|weeks?|months?|years?|days?|hours?|minutes?|studies|trials|patients|clients|"
    r"participants|therapists|%|per ?cent)"
)
_RANGED: Final = re.compile(
    rf"\b(?:rang(?:e|ed|es|ing)|var(?:y|ied|ies|ying)|age[sd]?)\s*(?:from|between|of|was|is|[:=])?\s*"
    rf"(?P<low>{NUMBER})\s?%?\s*(?:to|and|[–—-])\s*(?P<high>{NUMBER})(?![\d.]*\d)",
    re.IGNORECASE,
)
_SPAN: Final = re.compile(
    rf"(?<![\w.,/–-])(?P<low>\d+(?:\.\d+)?)[–-](?P<high>\d+(?:\.\d+)?)(?:\s|-)?(?={_UNITS})"
)


def figure_hints(passage: Passage) -> Iterator[Hint]:
    """Find figures that can't be."""
    yield from _estimates(passage)
    yield from _intervals(passage)
    yield from _probabilities(passage)
    yield from _correlations(passage)
    yield from _shares(passage)
    yield from _spans(passage)


def _estimates(passage: Passage) -> Iterator[Hint]:
    for found in _WITH_INTERVAL.finditer(passage.text):
        if (found["symbol"] or "").casefold() in _NO_ESTIMATE or _is_other_scale(found):
            continue
        estimate, low, high = (numeral(found[part]) for part in ("estimate", "low", "high"))
        slack = estimate.rounding + low.rounding
        inside = low.value - slack <= estimate.value <= high.value + slack
        if not inside and low.value <= high.value:
            message = (
                f"the estimate {found['estimate']} lies outside its interval, "
                f"{found['low']} to {found['high']}"
            )
            yield passage.hint("outside_interval", message, *found.span())


def _is_other_scale(found: re.Match[str]) -> bool:
    """Tell a percentage whose interval is given in shares of one."""
    return bool(found["percent"]) and not found["share"] and abs(numeral(found["high"]).value) <= 1


def _intervals(passage: Passage) -> Iterator[Hint]:
    for found in _INTERVAL_ALONE.finditer(passage.text):
        if numeral(found["low"]).value > numeral(found["high"]).value:
            message = f"the interval runs backwards, from {found['low']} to {found['high']}"
            yield passage.hint("backwards", message, *found.span())
        if Decimal(found["level"]) >= 100:
            message = f"an interval of {found['level']} % can't be"
            yield passage.hint("impossible_percentage", message, *found.span())


def _probabilities(passage: Passage) -> Iterator[Hint]:
    for found in _P.finditer(passage.text):
        value = numeral(found["value"]).value
        if not 0 <= value <= 1:
            message = f"p lies between 0 and 1, and here it is {found['value']}"
            yield passage.hint("impossible_p", message, *found.span())
        elif value == 0 and found["sign"] not in {">", "≥"}:
            message = "p is never quite zero; “p < .001” may be meant"
            yield passage.hint("impossible_p", message, *found.span())


def _correlations(passage: Passage) -> Iterator[Hint]:
    for found in _R.finditer(passage.text):
        if abs(numeral(found["value"]).value) > 1:
            message = f"a correlation lies between −1 and 1, and here it is {found['value']}"
            yield passage.hint("impossible_correlation", message, *found.span())


def _shares(passage: Passage) -> Iterator[Hint]:
    for found in _SHARE.finditer(passage.text):
        if numeral(found["value"]).value > 100:
            message = f"{found['value']} % of a whole is more than all of it"
            yield passage.hint("impossible_percentage", message, *found.span())


def _spans(passage: Passage) -> Iterator[Hint]:
    for found in (*_RANGED.finditer(passage.text), *_SPAN.finditer(passage.text)):
        low, high = found["low"], found["high"]
        is_shortened = len(high) < len(low) and numeral(low).value >= 100
        if numeral(low).value > numeral(high).value and not is_shortened:
            message = f"the range runs backwards, from {low} to {high}"
            yield passage.hint("backwards", message, *found.span())
