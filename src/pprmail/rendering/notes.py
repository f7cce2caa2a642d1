"""Dated notes on summaries: as pages show them, and in one line for programs."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from pprmail.model.calendar import date_in_words
from pprmail.model.correction import Correction, CorrectionKind
from pprmail.model.summary import TextFormat
from pprmail.rendering.plain import text_of
from pprmail.rendering.prose import html_of

LABELS: Final = {
    CorrectionKind.CORRECTION: "Correction",
    CorrectionKind.RETRACTION: "Article retracted",
}


def note_views(notes: Sequence[Correction], zone: ZoneInfo) -> list[dict[str, Any]]:
    """View notes as templates see them, the oldest first."""
    return [
        {
            "label": LABELS[note.kind],
            "date": date_in_words(note.noted_at, zone),
            "html": Markup(html_of(note.text, TextFormat.MARKDOWN)),  # noqa: S704 - it sanitises
        }
        for note in notes
    ]


def note_lines(notes: Sequence[Correction], zone: ZoneInfo) -> Iterator[str]:
    """Write each note as one line."""
    for note in notes:
        told = " ".join(text_of(note.text, TextFormat.MARKDOWN).split())
        yield f"{LABELS[note.kind]}, {date_in_words(note.noted_at, zone)}: {told}"
