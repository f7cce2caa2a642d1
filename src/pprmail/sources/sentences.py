"""Sentences inside a citation: where one ends, what is a title, and what is set like a name."""

import re
import unicodedata
from itertools import accumulate, pairwise
from typing import Final

_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_STOP: Final = re.compile(r"[.?!][\"”’'»]?(?= )")
_WORD: Final = re.compile(r"[^\W\d_][\w’'-]*")
_QUOTED: Final = re.compile(r"“([^“”]*)”|\"([^\"]*)\"|‘([^‘’]*)’")
_NOTE: Final = re.compile(r"(?:\[[^\[\]]{1,120}\]|\(pp?\. ?[^()]{1,20}\))[. ]{0,3}$")
_LITTLE: Final = frozenset(
    "a an and as at aus but by d da das de del della der des di die do dos du e ed el en et for "
    "from für il im in into la las le les los nor of on or over per the to und van via von vs with "
    "without y zu zum zur".split()
)
_SHORTENED: Final = frozenset(
    "al approx ca cf ed eds pp pt vs "
    "Abnorm Acad Adolesc Affect Am Ann Annu Arch Assoc Aust Behav Br Bull Can Clin Cogn Consult "
    "Couns Curr Dev Disord Dr Ed Eds Eur Exp Front Int Med Mr Mrs Ms Nat Neurosci No Nr Opin Pers "
    "Perspect Prof Psychiatr Psychol Psychopathol Psychosom Psychother Pt Res Rev Sci Soc St Suppl "
    "Syst Ther Vol Vols".split()
)


def one_line(text: str) -> str:
    """Give a text on one line, with composed letters and without what no one sees."""
    return " ".join(unicodedata.normalize("NFC", text.translate(_UNSEEN)).split())


def read_title(text: str) -> str | None:
    """Give a title without its quotation marks, its full stop and a last "[Editorial]".

    When a sentence set like a name ends a title that is not, it may be a journal: then nothing.
    """
    told = text.strip(" ,;:")
    told = told[:-130] + _NOTE.sub("", told[-130:])
    quoted = _QUOTED.fullmatch(told.rstrip(" ,.;:"))
    title = (quoted[quoted.lastindex or 0] if quoted else told).strip(" ,;:").rstrip(".")
    return title if _WORD.search(title) and not _ends_in_name(title) else None


def last_sentence(text: str) -> tuple[str, str]:
    """Part a text before its last sentence, which is all that is left when there is but one."""
    ends = sentence_ends(text)
    place = ends[-1] if ends else 0
    return text[:place], text[place:].strip(" ,.;:")


def sentences(text: str) -> list[str]:
    """Part a text into its sentences."""
    places = [0, *sentence_ends(text), len(text)]
    return [text[start:end].strip() for start, end in pairwise(places)]


def sentence_ends(text: str) -> list[int]:
    """Give the places just after each stop that surely ends a sentence, brackets left aside."""
    depths = _bracket_depths(text)
    stops = [stop for stop in _STOP.finditer(text) if not depths[stop.start()]]
    return [stop.end() for stop in stops if _is_end(text, stop)]


def is_title_cased(text: str) -> bool:
    """Tell whether every word but the little ones begins with a capital, as in a name."""
    words = [word for word in _WORD.findall(text) if word.lower() not in _LITTLE]
    return bool(words) and not any(word.islower() for word in words)


def asks_or_calls(text: str) -> bool:
    """Tell whether a sentence ends in a question or an exclamation mark."""
    return text.rstrip("\"”’'» ").endswith(("?", "!"))


def begins_like_a_sentence(text: str) -> bool:
    """Tell whether the first word could open a sentence: `eHealth` could, `they` could not."""
    word = text.split(" ", 1)[0]
    return bool(word) and not word.islower()


def _ends_in_name(title: str) -> bool:
    *before, last = sentences(title)
    if not before or asks_or_calls(before[-1]):
        return False
    return is_title_cased(last) and not is_title_cased(before[0])


def _bracket_depths(text: str) -> list[int]:
    """Count the open brackets at each character; brackets that do not match count for nothing."""
    depths = list(accumulate((char in "([") - (char in ")]") for char in text))
    matching = bool(depths) and depths[-1] == 0 and min(depths) == 0
    return depths if matching else [0] * len(text)


def _is_end(text: str, stop: re.Match[str]) -> bool:
    if not begins_like_a_sentence(text[stop.end() + 1 : stop.end() + 40]):
        return False
    return text[stop.start()] != "." or not _is_shortened(_word_before(text, stop.start()))


def _word_before(text: str, stop: int) -> str:
    word = text[max(0, stop - 40) : stop].rpartition(" ")[2]
    return word.strip("([“‘\"'”’)]").rpartition(".")[2]


def _is_shortened(word: str) -> bool:
    """Take a lone letter for an initial: it is one as often as it is the end of a title."""
    return (len(word) == 1 and word.isalpha()) or word in _SHORTENED
