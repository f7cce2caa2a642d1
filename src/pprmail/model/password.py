"""Passwords: which ones are good enough. Length counts; what everybody tries first does not.

Nothing is asked for in the way of capitals, digits and signs, and nothing is cut off.
"""

import re
from collections.abc import Collection
from typing import Final

SHORTEST: Final = 15
SHORTEST_WITH_CODE: Final = 8
LONGEST: Final = 1_000

COMMONEST: Final = frozenset(
    """
    password passwort passwd passcode passphrase motdepasse contrasena secret geheim login signin
    signup admin administrator root user username guest default changeme change letmein welcome
    willkommen bienvenue hello hallo bonjour qwertyuiop qwertyuio qwerty qwertz azerty asdfghjkl
    asdfgh asdf zxcvbnm zxcvbn qazwsxedc qazwsx 1qaz2wsx 1q2w3e4r5t 1q2w3e4r 1q2w3e q1w2e3r4 zaq12wsx
    abcdefghijklmnop abcdefgh abcdef abcd abc iloveyou loveyou ilove love lovely sunshine princess
    prince dragon monkey football baseball basketball hockey soccer superman batman spiderman pokemon
    starwars matrix master shadow michael michelle jennifer jessica jordan ashley charlie thomas
    robert daniel andrew joshua hunter harley ranger killer trustno trustnoone freedom whatever
    computer internet samsung google facebook microsoft windows linkedin apple cheese chocolate
    cookie banana orange pepper ginger summer winter spring autumn january february november
    december monday friday sommer soleil happy flower angel blessed jesus christ heaven
    mustang corvette ferrari mercedes porsche yankees liverpool arsenal chelsea barcelona juventus
    nicole maggie buster tigger snoopy bailey butterfly purple diamond silver golden
    test testing tester temp temporary example correcthorsebatterystaple doctor therapist therapy
    psychotherapy psychology newsletter editor letter canada ottawa toronto the my is this you and
    """.split()
)
"""Words of the passwords that are tried first, with digits between and behind them."""

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_RUNS: Final = {
    row[at : at + size]
    for row in _ROWS
    for size in range(4, 27)
    for at in range(len(row) - size + 1)
}
_TOKENS: Final = COMMONEST | _RUNS
_LONGEST_TOKEN: Final = max(map(len, _TOKENS))
_LEET: Final = (str.maketrans("@40$537", "aaosset"), str.maketrans("@401!$537", "aaoiisset"))
_REPEATED: Final = re.compile(r"(.{1,5}?)\1{2,}.{0,4}")

TOO_COMMON: Final = "This is among the passwords that are tried first. Please choose another."
ITS_OWN_NAME: Final = "This is your address, or the name of the letter. Please choose another."
TOO_LONG: Final = f"Please choose a password of at most {LONGEST:,} characters."


def problem_with(password: str, *, has_code: bool, names: Collection[str] = ()) -> str:
    """Say what is wrong with a password, in a sentence for whoever chose it; nothing if it is good.

    `has_code` where a code is asked for beside it. `names` are those that anybody would guess.
    """
    shortest = SHORTEST_WITH_CODE if has_code else SHORTEST
    if len(password) < shortest:
        return f"Please choose a password of {shortest} characters or more; four or five words will do."
    if len(password) > LONGEST:
        return TOO_LONG
    if _is_common(password):
        return TOO_COMMON
    folded = _letters(password)
    if any(folded == _letters(name) for name in _with_parts(names)):
        return ITS_OWN_NAME
    return ""


def is_short(password: str) -> bool:
    """Tell whether a password would not be long enough without a code beside it."""
    return len(password) < SHORTEST


def _is_common(password: str) -> bool:
    plain = password.lower()
    ways = {plain, *(_letters(way) for way in (plain, *(plain.translate(t) for t in _LEET)))}
    return any(_is_made_of_tokens(way) or _REPEATED.fullmatch(way) for way in ways if way)


def _is_made_of_tokens(text: str) -> bool:
    """Tell whether a text is nothing but common words, digits, and letters that are repeated."""
    reached = {0}
    for at in range(len(text)):
        if at not in reached:
            continue
        ends = range(at + 1, min(at + _LONGEST_TOKEN, len(text)) + 1)
        reached.update(end for end in ends if text[at:end] in _TOKENS)
        if text[at].isdigit():
            reached.add(at + 1)
        if text[at : at + 2] == text[at] * 2 or (at and text[at - 1] == text[at]):
            reached.add(at + 1)
    return len(text) in reached


def _with_parts(names: Collection[str]) -> list[str]:
    return [part for name in names for part in (name, name.partition("@")[0]) if part]


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
