"""The tally: what many runs came to, in figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pprmail.cli.torture.play import Outcome


@dataclass
class Tally:
    """Sums over runs."""

    runs: int = 0
    broken: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one run in."""
        self.runs += 1
        self.broken += bool(outcome.complaints)
        self.requests.update(outcome.verdict.status.requests)
        equation = outcome.verdict.status.equation
        self.figures.update(
            killed=outcome.killed,
            stopped=outcome.stopped,
            mishaps=len(outcome.plan.mishaps),
            deeds=len(outcome.plan.deeds),
            promised=equation.frozen,
            held=equation.held,
            kept=outcome.verdict.letters,
            twice=outcome.verdict.duplicates,
            lost=outcome.verdict.lost,
        )

    def lines(self) -> Iterator[str]:
        """Say it in words, a line each."""
        counts, states = self.figures, self.requests
        yield (
            f"{counts['killed']} processes killed, {counts['stopped']} stopped past their lease, "
            f"{counts['mishaps']} mishaps of the provider, {counts['deeds']} deeds of people"
        )
        listed = ", ".join(f"{states[state]} {state}" for state in states if states[state])
        yield f"{sum(states.values())} requests: {listed}"
        yield (
            f"{counts['promised']} letters promised, {counts['kept']} sent: {counts['twice']} "
            f"twice, {counts['lost']} lost in silence, {counts['held']} in a doubt that is listed"
        )
