"""Hints about names: one in the text that differs from the citation by an accent or a letter."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from pprmail.model.hints.passage import Hint, Passage
from pprmail.model.reference import Reference

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?…:]|\n)[\s“\"‘(\[]*$")
_CITED: Final = re.compile(r"(?:’s|'s)?(?: and | & | et al|,? \((?:19|20)\d\d)")
_SHORTEST: Final = 5
_SPELLED_OUT: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ß": "ss"}


def name_hints(passages: Sequence[Passage], reference: Reference | None) -> Iterator[Hint]:
    """Find authors whose names the text writes otherwise than the citation does."""
    names = _names(reference) if reference else {}
    for passage in passages:
        for found in _WORD.finditer(passage.text):
            word = found[0]
            if word[0].isupper() and word not in names:
                meant = _meant(passage, found, names)
                if meant:
                    message = f"the text says “{word}”, and the citation “{meant}”"
                    yield passage.hint("name_differs", message, *found.span())


def _names(reference: Reference) -> dict[str, str]:
    """Give the words of the authors' family names, each with its plain spelling."""
    people = (*reference.authors, *reference.editors)
    words = [
        w for person in people for w in _WORD.findall(unicodedata.normalize("NFC", person.family))
    ]
    return {word: _plain(word) for word in words if word[0].isupper()}


def _meant(passage: Passage, found: re.Match[str], names: dict[str, str]) -> str | None:
    word = found[0]
    plain = _plain(word)
    for name, spelled in names.items():
        if plain in {spelled, _plain(_spelled_out(name))} and word.casefold() != name.casefold():
            return name
    if passage.field == "title" or not _is_name(passage.text, found):
        return None  # Titles are set in capitals, so that nothing tells a name from a word.
    return next((n for n, spelled in names.items() if _is_one_letter_off(plain, spelled)), None)


def _is_name(text: str, found: re.Match[str]) -> bool:
    """Tell a name from a word that begins a sentence."""
    begins = _SENTENCE_START.search(text[max(0, found.start() - 8) : found.start()])
    is_first = begins is not None and (found.start() <= 8 or begins.start() > 0 or begins[0] != "")
    return not is_first or _CITED.match(text, found.end()) is not None


def _is_one_letter_off(word: str, name: str) -> bool:
    """Tell one letter more, less, other, or two that changed places; the first is always right."""
    if word == name or word[0] != name[0] or min(len(word), len(name)) < _SHORTEST:
        return False
    if word in {f"{name}s", f"{name}es"} or name in {f"{word}s", f"{word}es"}:
        return False  # “The Barbers” are a family.
    start = next((n for n, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), None)
    if start is None:
        return abs(len(word) - len(name)) == 1
    rest, other = word[start:], name[start:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def _plain(word: str) -> str:
    """Take the accents off, and the capitals."""
    parts = unicodedata.normalize("NFKD", word.replace("ø", "o").replace("ł", "l"))
    return "".join(p for p in parts if not unicodedata.combining(p)).casefold()


def _spelled_out(name: str) -> str:
    return "".join(_SPELLED_OUT.get(letter, letter) for letter in name.lower())
