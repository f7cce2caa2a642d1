"""All hints about one summary, in the order in which a reader comes to them."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from pprmail.model.hints.claims import claim_hints
from pprmail.model.hints.figures import figure_hints
from pprmail.model.hints.marks import mark_hints, minus_hints
from pprmail.model.hints.names import name_hints
from pprmail.model.hints.passage import Hint, Passage
from pprmail.model.reference import Reference
from pprmail.model.summary import TextFormat

FIELDS: Final = {
    "title": "title",
    "in_brief": "“In brief”",
    "body": "text",
    "implications": "Practice Implications",
}
"""The fields that are looked at, and how a sentence names them."""


class Words(Protocol):
    """What is looked at: a summary, or what is to become one."""

    @property
    def title(self) -> str:
        """The title."""
        ...

    @property
    def in_brief(self) -> str | None:
        """The one line."""
        ...

    @property
    def body(self) -> str:
        """The text."""
        ...

    @property
    def implications(self) -> str:
        """What a clinician may do with it."""
        ...

    @property
    def text_format(self) -> TextFormat:
        """How the two long texts are written."""
        ...


def hints_about(summary: Words, reference: Reference | None) -> list[Hint]:
    """Find what may be a slip in a summary's words; `reference` is its citation, taken apart."""
    passages = list(_passages(summary))
    found = [*_each(passages), *minus_hints(passages), *name_hints(passages, reference)]
    order = list(FIELDS)
    return sorted(dict.fromkeys(found), key=lambda hint: (order.index(hint.field), hint.start))


def _each(passages: Sequence[Passage]) -> Iterator[Hint]:
    for passage in passages:
        yield from figure_hints(passage)
        yield from mark_hints(passage)
        yield from claim_hints(passage)


def _passages(summary: Words) -> Iterator[Passage]:
    for field in FIELDS:
        # Only the two long texts are Markdown; a `*` in a title is a star.
        is_markdown = field in {"body", "implications"}
        is_markdown = is_markdown and summary.text_format is TextFormat.MARKDOWN
        yield Passage(field, getattr(summary, field) or "", is_markdown=is_markdown)
