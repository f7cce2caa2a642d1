"""Numbering: which calls are meant: a single one, a span, all from one on, every so many."""

import re

_FORM = re.compile(r"([1-9][0-9]*)(?:(-)([1-9][0-9]*)?)?|every ([1-9][0-9]*)")


def is_numbering(value: object) -> bool:
    """Tell whether this is a number from 1 on, or a text such as 5-7, 10- or every 4."""
    form = _FORM.fullmatch(str(value))
    if form is None:
        return False
    first, _, last, _ = form.groups()
    return last is None or int(first) <= int(last)


def covers(numbering: int | str, number: int) -> bool:
    """Tell whether the number of a call is among those meant."""
    form = _FORM.fullmatch(str(numbering))
    if form is None:
        return False
    first, dash, last, step = form.groups()
    if step:
        return number % int(step) == 0
    if not dash:
        return number == int(first)
    return int(first) <= number and (last is None or number <= int(last))
