"""Articles: title, journal and numbers out of what stands behind a citation's year."""

import re
from typing import Final

from pprmail.model.reference import Reference, ReferenceKind
from pprmail.sources.imprints import is_journal
from pprmail.sources.numbering import Numbering, advance_note, read_numbering
from pprmail.sources.sentences import (
    asks_or_calls,
    is_title_cased,
    last_sentence,
    read_title,
    sentences,
)

_LONGEST_NAME: Final = 160
_NO_JOURNAL: Final = re.compile(
    r"An? |In:? |.*[ ,(;:][0-9]|.*, (?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?"
    r"|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|Spring|Summer"
    r"|Autumn|Fall|Winter)\b"
)
_PIECE_END: Final = re.compile(r", |[.?!] ")
_QUOTED: Final = re.compile(r"(?:“.*”|‘.*’|\".*\")")


def read_article(text: str) -> Reference | None:
    """Read an article by what stands behind its journal: numbers, a note, or a comma and a DOI."""
    note = advance_note(text)
    body = text[:note].rstrip(" .,;(")
    open_end = note is not None or text.rstrip().endswith(",")
    numbering = read_numbering(body) or (Numbering(start=len(body)) if open_end else None)
    if numbering is None:
        return None
    parts = _divided(body[: numbering.start], numbering)
    return _article(parts or ("", ""), numbering) if parts or numbering.is_firm else None


def read_unnumbered_article(text: str) -> Reference | None:
    """Read an article that ends in the name of a journal, where that name can be nothing else."""
    title, journal = last_sentence(text)
    goes_on = asks_or_calls(title) and is_title_cased(title)
    if not title or goes_on or title.rstrip(" .").endswith("]"):
        return None
    sure = is_journal(journal) and _may_be_journal(journal)
    return _article((title, journal), Numbering(start=len(text))) if sure else None


def _article(parts: tuple[str, str], numbering: Numbering) -> Reference:
    title, journal = parts
    return Reference(
        ReferenceKind.ARTICLE,
        title=read_title(title),
        container=journal or None,
        volume=numbering.volume,
        issue=numbering.issue,
        pages=numbering.pages,
    )


def _divided(text: str, numbering: Numbering) -> tuple[str, str] | None:
    """Part title and journal at the last sentence's end, or at a comma that is surely the one."""
    title, journal = last_sentence(text)
    if title and _may_be_journal(journal) and _stands_apart(title, journal, numbering):
        return title, _with_its_stop(journal, text)
    title, _, journal = text.strip(" ,").rpartition(", ")
    known = is_journal(journal) or (" " in journal and numbering.is_firm)
    return (title, journal) if known and _is_all_title(title, journal) else None


def _with_its_stop(journal: str, text: str) -> str:
    """Keep the last stop of "Br. J. Clin. Psychol.", which belongs to the name."""
    return f"{journal}." if ". " in journal and text.endswith(f"{journal}.") else journal


def _may_be_journal(name: str) -> bool:
    return 0 < len(name) < _LONGEST_NAME and not _NO_JOURNAL.match(name)


def _stands_apart(title: str, journal: str, numbering: Numbering) -> bool:
    """Tell whether the last sentence can only be the journal, not the end of the title.

    A word alone between title and journal is a journal's shortened name as often as not. After a
    question the title may go on, and then a comma, or an unknown name, leaves two readings.
    """
    *before, last = sentences(title)
    if before and " " not in last:
        return False
    if not asks_or_calls(last):
        return is_title_cased(journal) or (numbering.volume is not None and "," not in journal)
    sure = "," not in journal and (numbering.volume is not None or is_journal(journal))
    return is_title_cased(journal) and (sure or not is_title_cased(title))


def _is_all_title(title: str, journal: str) -> bool:
    """Tell whether only the journal is set like a name in "…public services, Nordic Psychology"."""
    plain = not is_title_cased(_PIECE_END.split(title)[-1]) or _QUOTED.fullmatch(title)
    return bool(title and plain) and is_title_cased(journal) and _may_be_journal(journal)
