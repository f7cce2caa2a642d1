"""How the pages of writing show moments, hints and differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request

from pprmail.bootstrap import utc_now
from pprmail.model.calendar import in_words
from pprmail.model.hints.passage import Hint
from pprmail.model.summary import CONTENT, Summary
from pprmail.model.wording import Piece, differences
from pprmail.web.answers import app_of
from pprmail.web.editor.summary_form import Typed, typed_of

NAMES: Final = {
    "title": "Title",
    "month": "Month",
    "citation": "Citation",
    "doi": "DOI",
    "type_of_research": "Type of research",
    "topics": "Topics",
    "in_brief": "In brief",
    "author": "Author of the summary",
    "body": "Text",
    "implications": "Practice Implications",
    "text_format": "How it is written",
}


@dataclass(frozen=True)
class Shown:
    """A hint with the place of its words in the field, counted as browsers count."""

    hint: Hint
    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Field:
    """A field that reads otherwise in two versions, with its name and what is in the other one."""

    key: str
    name: str
    pieces: list[Piece]
    theirs: str


def as_clock(request: Request, moment: datetime) -> str:
    """Write 14:03, with the day where that is another one."""
    zone = app_of(request).newsroom.masthead.zone
    local = moment.astimezone(zone)
    is_today = local.date() == utc_now().astimezone(zone).date()
    return f"{local:%H:%M}" if is_today else in_words(moment, zone)


def hints_shown(hints: Sequence[Hint], typed: Typed) -> list[Shown]:
    """Place hints in the fields as they were typed."""
    return [_shown(hint, str(getattr(typed, hint.field))) for hint in hints]


def reworded(present: Summary, typed: Typed) -> list[Field]:
    """Compare what is saved with what was typed, field by field."""
    saved = typed_of(present)
    changed = [n for n in ("month", *CONTENT) if _written(saved, n) != _written(typed, n)]
    return [_field(name, _written(saved, name), _written(typed, name)) for name in changed]


def all_is_well(notes: Sequence[str]) -> list[str]:
    """Write notes of a service as sentences."""
    return [f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in notes]


def _shown(hint: Hint, typed: str) -> Shown:
    # What goes into the letter has no blanks at its ends; browsers count in units of UTF-16.
    lead = len(typed) - len(typed.lstrip())
    start, end = (len(typed[: lead + at].encode("utf-16-le")) // 2 for at in (hint.start, hint.end))
    return Shown(hint, NAMES[hint.field], start, end)


def _field(key: str, theirs: str, mine: str) -> Field:
    return Field(key, NAMES[key], differences(theirs, mine), theirs)


def _written(typed: Typed, name: str) -> str:
    value = getattr(typed, name)
    return ", ".join(value) if isinstance(value, list) else str(value).strip()
