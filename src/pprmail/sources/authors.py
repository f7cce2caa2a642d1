"""Authors: the list before a citation's year, and the editors of a book; nobody when in doubt."""

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from pprmail.model.reference import Author
from pprmail.sources.imprints import is_organisation

_ELLIPSIS: Final = re.compile(r",? ?\.(?: ?\.){2}(?! ?\.)[ ,&]{0,4}")
_ET_AL: Final = re.compile(
    r"[, ](?:(?:(?:&|and) )?et\.? ?al|(?:&|and) (?:colleagues|others))[ ,.]*$", re.IGNORECASE
)
_EDITORS: Final = re.compile(r"\((?:Eds?|Hrsg)\.?\)[ .,]*$", re.IGNORECASE)
_DIVIDER: Final = re.compile(r"([,;&]|\band\b)")
_WORD: Final = re.compile(r"[’']?[^\W\d_]+(?:[-‐‑’'][^\W\d_]+)*")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]{1,2}(?:\.[-‐‑ ]{0,2}|[-‐‑])){1,6}[^\W\d_]?")
_BARE_INITIALS: Final = re.compile(r"[^\W\d_]{1,3}|[^\W\d_](?: [^\W\d_]){1,3}")
_LONE_INITIAL: Final = re.compile(r"(?!U\.S\.)(?<!U\.)\b[^\W\d_]\.")
_ACRONYM: Final = re.compile(r" [(\[][^()\[\]]{2,20}[)\]]$")
_SUFFIXES: Final = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})
_LETTERS: Final = {"&": "&", **dict.fromkeys(_SUFFIXES, "S")}
_PARTICLES: Final = frozenset(
    "af al av ben bin d da dal de del dela della delos den der di dos du el ibn l la las le los o "
    "st st. t ten ter van vom von y zu zum zur".split()
)
_JOINING: Final = frozenset({"and", "et", "al", "colleagues", "others", "with", "for", "the"})
_LONGEST_NAME: Final = 60

_LISTS: Final = tuple(
    (re.compile(whole), re.compile(unit))
    for whole, unit in (
        (r"[LN][IR]S?(?:&?[LN][IR]S?)*(?:&[LFO])?", r"[LN][IR]S?|[LFO]"),
        (r"[RU]S?(?:&?[RU]S?)*(?:&[LO])?", r"[RU]S?|[LO]"),
        (r"FS?(?:&?FS?)*", r"FS?"),
        (r"[LO](?:&[LO])*", r"[LO]"),
        (r"(?:[LN][LNIR]&?)+(?<=&)[LN][LNIR]", r"[LN][LNIR]"),
    )
)
"""The lists that can be told apart for sure, and one author of each, written as kinds of words.

L: a surname; N: some other name; I: initials; S: Jr.; R, U: a name with initials behind it, with
stops or without; F: a name with initials before it; O: an organisation; &: "&" or "and".
"""
_EDITORS_LIST: Final = (re.compile(r"(?=.*F)[FL]S?(?:&?[FL]S?)*"), re.compile(r"[FL]S?"))


@dataclass(frozen=True)
class Names:
    """The names before a year: where `people` is empty, they could not be told apart."""

    people: tuple[Author, ...] = ()
    truncated: bool = False
    are_editors: bool = False


def read_authors(text: str) -> Names:
    """Read a list of authors, of editors before "(Eds.)", or the organisation that wrote."""
    listed, marker, _ = _cut(_EDITORS, text, at=len(text) - 20)
    listed, et_al, _ = _cut(_ET_AL, listed.replace("…", "..."), at=len(listed) - 40)
    first, ellipsis, last = _cut(_ELLIPSIS, listed, at=0)
    parts = [_people(part) for part in (first, last) if part.strip(" ,.")]
    people = tuple(author for part in parts for author in part) if all(parts) else ()
    return Names(people, truncated=et_al or ellipsis, are_editors=marker)


def read_editors(text: str) -> tuple[Author, ...]:
    """Read the editors after "In", who stand with initials first, one of which may be lost."""
    tokens = _tokens(text)
    return _matched(tokens, (_EDITORS_LIST,)) or _people(text)


def look_like_names(text: str) -> bool:
    """Tell whether a text that could not be read holds names all the same, and no sentence."""
    small = (word for word in text.split() if word.islower())
    return all(word.strip(".,") in _PARTICLES | _JOINING for word in small)


def _cut(pattern: re.Pattern[str], text: str, *, at: int) -> tuple[str, bool, str]:
    """Part a text at the first match from a place on, as str.partition does."""
    found = pattern.search(text, max(0, at))
    return (text[: found.start()], True, text[found.end() :]) if found else (text, False, "")


def _people(text: str) -> tuple[Author, ...]:
    whole = _ACRONYM.sub("", text.strip(" ,."))
    if _is_one_body(whole):
        return (Author(whole, ""),)
    one_word_and_stop = " " not in whole and text.rstrip().endswith(".")
    return () if one_word_and_stop else _matched(_tokens(text), _LISTS)


def _is_one_body(text: str) -> bool:
    """Tell an organisation, with its department perhaps, from a list that holds one."""
    listed = _LONE_INITIAL.search(text) or ("," in text and "&" in text)
    return not listed and is_organisation(text) and is_organisation(text.split(",", maxsplit=1)[0])


def _tokens(text: str) -> list[str]:
    """Give names, initials and "&", without commas; the stop of a sentence is not the name's."""
    parts = (part.strip() for part in _DIVIDER.split(text))
    marks = {",": "", ";": "", "and": "&"}
    return [token for part in parts if (token := _without_stop(marks.get(part, part)))]


def _without_stop(token: str) -> str:
    bare = token.removesuffix(".")
    last_word = bare.rpartition(" ")[2]
    named = len(last_word) > 2 and _is_word_of_name(last_word) and not _are_initials(last_word)
    return bare if named else token


def _matched(
    tokens: list[str], lists: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
) -> tuple[Author, ...]:
    kinds = "".join(map(_kind, tokens))
    unit = next((unit for whole, unit in lists if whole.fullmatch(kinds)), None)
    units = unit.finditer(kinds) if unit else ()
    return tuple(_author(tokens[u.start() : u.end()]) for u in units)


def _author(tokens: list[str]) -> Author:
    """Make one author of a family name and what follows, or of a name and its initials in one."""
    first, *rest = tokens
    family, given = _parted(first) or (first.removeprefix("the "), "")
    return Author(family, ", ".join(filter(None, [given, *rest])))


def _kind(token: str) -> str:
    """Give the letter of what this token surely is, and "?" for what it may or may not be."""
    if token in _LETTERS:
        return _LETTERS[token]
    if len(token) > _LONGEST_NAME:
        return "?"
    return "I" if _are_initials(token) else _kind_of_name(token)


def _kind_of_name(token: str) -> str:
    if is_organisation(token.removeprefix("the ")):
        return "O"
    if _is_name(token):
        return "L" if sum(not _is_particle(word) for word in token.split()) <= 1 else "N"
    if _run_on(token):
        return "R" if token.endswith(".") else "U"
    return "F" if _given_first(token) else "?"


def _parted(token: str) -> tuple[str, str] | None:
    return None if _is_name(token) else _run_on(token) or _given_first(token)


def _run_on(token: str) -> tuple[str, str] | None:
    """Part "Del Re A. C." into family name and initials."""
    words = token.split()
    behind = len(list(takewhile(_are_initials, reversed(words[1:]))))
    family, given = " ".join(words[: len(words) - behind]), " ".join(words[len(words) - behind :])
    return (family, given) if given and _is_name(family) else None


def _given_first(token: str) -> tuple[str, str] | None:
    """Part "J. J. van der Berg" or "Irvin D. Yalom" into family name and what stands before it."""
    words = token.split()
    last = max((i for i, word in enumerate(words) if _is_lone_initial(word)), default=len(words))
    family, given = " ".join(words[last + 1 :]), words[: last + 1]
    known = all(_is_lone_initial(word) or _is_name(word) for word in given)
    return (family, " ".join(given)) if known and _is_name(family) else None


def _is_name(text: str) -> bool:
    words = text.removesuffix(".").split() if text.endswith(("Jr.", "Sr.")) else text.split()
    later = [word for word in words[1:] if not _is_particle(word)]
    if not 0 < len(words) < 6 or text.islower() or any(map(_are_initials, later)):
        return False
    return all(map(_is_word_of_name, words))


def _is_word_of_name(word: str) -> bool:
    start = re.split(r"[-‐‑’']", word.lstrip("’'"), maxsplit=1)[0]
    lower = start[:1].islower() and start not in _PARTICLES
    return _is_particle(word) or (bool(_WORD.fullmatch(word)) and not lower)


def _is_particle(word: str) -> bool:
    return word in _PARTICLES or (len(word) > 1 and word.lower() in _PARTICLES)


def _are_initials(text: str) -> bool:
    if text in _SUFFIXES or text == "St.":
        return False
    if _BARE_INITIALS.fullmatch(text):
        return text.isupper()
    pieces = re.findall(r"[^\W\d_]+", text) if _INITIALS.fullmatch(text) else []
    return bool(pieces) and not any(piece[0].islower() for piece in pieces)


def _is_lone_initial(word: str) -> bool:
    """Tell whether a word is "J.", "J.J.", "J.-P." or "J", but not "St." or "JAMA"."""
    pieces = re.findall(r"[^\W\d_]+", word)
    return _are_initials(word) and all(len(piece) == 1 for piece in pieces)
