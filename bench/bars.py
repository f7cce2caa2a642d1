"""Bars: what a benchmark has to reach. One that is missed is named at the end, with status 1."""

import sys

_missed: list[str] = []


def at_least(what: str, measured: float, bar: float) -> None:
    """Hold a figure to the least that it may be."""
    _held(f"{what}: {measured:,.2f}, where at least {bar:,.2f} is asked for", measured >= bar)


def at_most(what: str, measured: float, bar: float) -> None:
    """Hold a figure to the most that it may be."""
    _held(f"{what}: {measured:,.2f}, where at most {bar:,.2f} is asked for", measured <= bar)


def end() -> None:
    """Name what was missed, and end the program with 1 if anything was."""
    for line in _missed:
        print(f"MISSED  {line}")
    sys.exit(bool(_missed))


def _held(line: str, is_met: bool) -> None:  # noqa: FBT001 - the outcome, which is written down
    if not is_met:
        _missed.append(line)
