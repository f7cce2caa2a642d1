"""Subject lines, preheaders and headlines as they are proposed from the titles."""

import re
from collections.abc import Sequence
from typing import Final

LONGEST_SUBJECT: Final = 78
LONGEST_PREHEADER: Final = 130
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six")
_WORDS_A_MINUTE: Final = 230


def in_words(number: int) -> str:
    """Write a small number in words."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def headline(count: int) -> str:
    """Say what an edition holds: "three summaries for you"."""
    return f"{in_words(count)} {'summary' if count == 1 else 'summaries'} for you"


def note_headline(count: int) -> str:
    """Say what a letter of titles alone holds: "three summaries, outside your topics"."""
    return f"{in_words(count)} {'summary' if count == 1 else 'summaries'}, outside your topics"


def proposed_subject(titles: Sequence[str]) -> str:
    """Name as many subjects as a subject line holds, and count the rest."""
    if len(titles) == 1 and len(titles[0]) <= LONGEST_SUBJECT:
        return titles[0]
    leads = [lead_of(title) for title in titles]
    for named in range(len(leads), 0, -1):
        rest = len(leads) - named
        more = [f"and {in_words(rest)} more"] if rest else []
        line = " · ".join([*leads[:named], *more])
        if len(line) <= LONGEST_SUBJECT:
            return line
    return shortened(leads[0], LONGEST_SUBJECT) if leads else ""


def proposed_preheader(said: Sequence[str]) -> str:
    """Give what an inbox shows beside the subject, as much of it as there is room for."""
    return shortened(" · ".join(said), LONGEST_PREHEADER)


def lead_of(title: str) -> str:
    """Give the part of a title that names its subject: up to the first question mark or colon."""
    lead = re.match(r"[^?:]{8,}?\?|[^?:]{8,}?(?=:)", title)
    return lead[0].strip() if lead else title


def shortened(text: str, longest: int) -> str:
    """Cut a text at a word's end."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:·–") + "…"


def minutes_in_words(minutes: int) -> str:
    """Write a reading time: "2 min read"."""
    return f"{minutes} min read"


def reading_minutes(*texts: str) -> int:
    """Estimate how long texts take to read, a minute at least."""
    words = sum(len(text.split()) for text in texts)
    return max(1, round(words / _WORDS_A_MINUTE))
