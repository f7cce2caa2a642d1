"""The first line of a list: which column holds what, by its own name or by one that is mapped."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pprmail.errors import SourceError
from pprmail.model.cells import unguarded

COLUMNS: Final = (
    "email",
    "name",
    "topics",
    "no_match",
    "status",
    "consent_source",
    "consent_at",
    "consent_kind",
)
JOINED: Final = {"name": " ", "topics": ";"}
"""What may stand in several columns of another system, and how it is put together."""


_USUAL: Final = {
    "email": (
        *("e-mail", "email address", "e-mail address", "mail", "subscriber"),
        *("courriel", "adresse courriel", "adresse e-mail", "adresse électronique"),
    ),
    "name": (
        *("first name", "last name", "full name", "fname", "lname", "given name", "family name"),
        *("prénom", "nom", "nom de famille", "nom complet"),
    ),
    "topics": ("topic", "interests", "tags", "groups", "sujets", "thèmes", "intérêts"),
    "status": ("member status", "subscription status", "state", "statut", "état"),
}
_GUESSED: Final = {theirs: ours for ours, names in _USUAL.items() for theirs in names}


@dataclass(frozen=True)
class Header:
    """What each column holds, in the file's order: ours by name, None where it is not read."""

    names: list[str | None]
    ignored: list[str]

    def given(self, values: Sequence[str]) -> dict[str, str]:
        """Give what a line says, by column; one that is too long or too short is a ValueError."""
        if len(values) != len(self.names):
            raise ValueError(f"it has {len(values)} columns, the first line has {len(self.names)}")
        found: dict[str, str] = {}
        for name, value in zip(self.names, values, strict=True):
            if name is None:
                continue
            text = unguarded(value.strip())
            # Most columns stand once; those of another system may have to be put together.
            found[name] = f"{found[name]}{JOINED.get(name, '')}{text}" if name in found else text
        if "" in found and found.pop(""):
            raise ValueError("a value stands in a column that has no name in the first line")
        return found


def mapping_of(told: Sequence[str]) -> dict[str, str]:
    """Read “Their header=email”, as often as it is told; anything else is an error."""
    mapping = {}
    for each in told:
        theirs, _, ours = each.rpartition("=")
        if not theirs.strip() or ours.strip().lower() not in COLUMNS:
            raise SourceError(
                f"“{each}” maps no column",
                where="--map",
                remedy=f'write --map "Their header=email"; ours are {", ".join(COLUMNS)}',
            )
        mapping[folded(theirs)] = ours.strip().lower()
    return mapping


def likely_meant(cell: str) -> str:
    """Name our column that a header of another system most likely means; empty where none is likely."""
    return _own(cell) or _GUESSED.get(folded(cell), "")


def header_of(cells: Sequence[str], mapping: Mapping[str, str], *, where: str) -> Header:
    """Understand a first line; what is neither ours nor mapped is left out only where some is."""
    _refuse_unmapped(cells, mapping, where)
    names = [_meaning(cell, mapping) for cell in cells]
    ignored = [c.strip() for c, name in zip(cells, names, strict=True) if name is None]
    counts = Counter(name for name in names if name)
    twice = [name for name, count in counts.items() if count > 1 and not _may_join(name, mapping)]
    wrong = (
        f"unknown: {', '.join(ignored)}"
        if ignored and not mapping
        else "each at most once, email at least"
    )
    if "email" not in counts or twice or (ignored and not mapping):
        raise SourceError(
            f"the first line does not name the columns ({wrong})",
            where=where,
            remedy=f"the columns are {','.join(COLUMNS)}, parted by commas; "
            'or say what others mean: --map "Their header=email"',
        )
    return Header(names, ignored)


def _refuse_unmapped(cells: Sequence[str], mapping: Mapping[str, str], where: str) -> None:
    present = Counter(folded(cell) for cell in cells)
    for theirs in mapping:
        if present[theirs] != 1:
            named = ", ".join(f"“{cell.strip()}”" for cell in cells if cell.strip())
            wrong = "is there more than once" if present[theirs] else "is not there"
            raise SourceError(
                f"the column “{theirs}” that --map names {wrong}",
                where=where,
                remedy=f"the first line names {named}",
            )


def _meaning(cell: str, mapping: Mapping[str, str]) -> str | None:
    # Mapped to nothing, a column is left out, even where its name is one of ours.
    return mapping[folded(cell)] or None if folded(cell) in mapping else _own(cell)


def _own(cell: str) -> str | None:
    name = folded(cell)
    return name if name in COLUMNS or not name else None


def _may_join(name: str, mapping: Mapping[str, str]) -> bool:
    return name in JOINED and name in mapping.values()


def folded(cell: str) -> str:
    """Fold the name of a column as a mapping knows it."""
    return " ".join(cell.casefold().split())
