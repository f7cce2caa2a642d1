"""Looking for hints in a sentence or two, as an editor writes them."""

from typing import Any

from making import a_summary
from pprmail.model.hints.finding import hints_about
from pprmail.model.hints.passage import Hint
from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.model.summary import TextFormat

CITED = Reference(
    ReferenceKind.ARTICLE,
    authors=tuple(
        Author(family, "A.")
        for family in (
            "Flückiger",
            "Del Re",
            "Van der Helm",
            "Crits-Christoph",
            "Řiháček",
            "Howard",
            "Barber",
            "Norwood",
            "O’Brien",
        )
    ),
    year=2021,
)


def hints_in(body: str, **fields: Any) -> list[Hint]:
    words: dict[str, Any] = {"body": body, "implications": ""}
    return hints_about(a_summary(**(words | fields)), CITED)


def codes_in(body: str, **fields: Any) -> list[str]:
    return [hint.code for hint in hints_in(body, **fields)]


PLAIN = {"text_format": TextFormat.PLAIN}
