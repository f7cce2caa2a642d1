"""A tally: what became of some of an issue's letters."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Final


@dataclass(frozen=True)
class Tally:
    """Letters by what is known of them; `readers` are those they were promised to.

    `left` are readers whose letters ended since; of `no_word`, the provider took the letter and has
    said nothing since.
    """

    readers: int = 0
    accepted: int = 0
    delivered: int = 0
    bounced: int = 0
    dropped: int = 0
    deferred: int = 0
    complained: int = 0
    left: int = 0
    no_word: int = 0

    def as_json(self) -> dict[str, int]:
        """Give the shape that `--json` prints."""
        return asdict(self)


NAMES: Final = tuple(field.name for field in fields(Tally))


def together(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    rows = [tuple(asdict(tally).values()) for tally in tallies] or [(0,) * len(NAMES)]
    return Tally(*(sum(column) for column in zip(*rows, strict=True)))
