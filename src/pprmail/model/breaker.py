"""The breaker: when too much of a letter comes back, a person looks before the rest goes out."""

from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 200
"""Outcomes below which shares say nothing."""

WHOLE: Final = 1000


@dataclass(frozen=True)
class Figures:
    """What was reported of an issue's letters; each letter counts once in each figure.

    `outcomes` are the letters of which anything was reported; `deferred` are those that a mailbox
    once put off, whatever became of them later: it is the provider's good name that is judged.
    """

    outcomes: int
    bounced: int
    complained: int
    deferred: int


@dataclass(frozen=True)
class Limit:
    """A share, in thousandths of the outcomes, that a figure may reach and not pass."""

    figure: str
    words: str
    thousandths: int


LIMITS: Final = (
    Limit("bounced", "bounced for good", 50),
    Limit("complained", "were called spam", 3),
    Limit("deferred", "were put off", 300),
)


def reason_to_stop(figures: Figures) -> str | None:
    """Name every figure that is past its limit, with that limit; None while all are in bounds."""
    if figures.outcomes < ENOUGH:
        return None
    past = [_in_words(figures, limit) for limit in LIMITS if _is_past(figures, limit)]
    if not past:
        return None
    return f"of {figures.outcomes} letters that were reported on, {', and '.join(past)}"


def _is_past(figures: Figures, limit: Limit) -> bool:
    count: int = getattr(figures, limit.figure)
    return count * WHOLE > figures.outcomes * limit.thousandths


def _in_words(figures: Figures, limit: Limit) -> str:
    count: int = getattr(figures, limit.figure)
    share, most = 100 * count / figures.outcomes, 100 * limit.thousandths / WHOLE
    return f"{count} {limit.words} ({share:.4g} %; the limit is {most:g} %)"
