"""The checks of faults: each part is what it must be, and no two contradict each other."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, get_args

from pprmail.sandbox.errors import SandboxError
from pprmail.sandbox.faults import PARTS, Cut, Fault, Silence, each_of
from pprmail.sandbox.numbering import is_numbering
from pprmail.sandbox.telling import Manner

_METHODS = ("GET", "POST", "PATCH", "DELETE")
_ANSWERS = ("usual", *get_args(Silence))
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# These make the frame of an answer: `cut` is what breaks it.
_FRAME = {"content-length", "transfer-encoding", "connection"}


def check_faults(faults: Sequence[Fault]) -> None:
    """Raise SandboxError at the first fault that can't be meant, with its place and a remedy."""
    for number, fault in enumerate(faults, 1):
        complaint = _complaint(fault)
        if complaint is not None:
            raise SandboxError(f"fault {number}: {complaint}")


def _complaint(fault: Fault) -> str | None:
    for part in fields(fault):
        value = getattr(fault, part.name)
        is_right, wanted = _WANTED[part.name]
        if (part.default is MISSING or value != part.default) and not is_right(value):
            return f"`{part.name}` must be {wanted}, not {value!r}"
    return next((text for is_wrong, text in _CLASHES if is_wrong(fault)), None)


def _is_place(value: Any) -> bool:
    *methods, part = str(value).split(" ")
    return part in PARTS and methods in ([], *([method] for method in _METHODS))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return _is_whole(value) and value >= 1


def is_seconds(value: Any) -> bool:
    """Tell whether this is a number that a clock can be moved by."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and abs(value) <= 10**9


def _is_wait(value: Any) -> bool:
    return is_seconds(value) and value >= 0


def _is_answer(value: Any) -> bool:
    return value in _ANSWERS if isinstance(value, str) else _is_whole(value) and 200 <= value <= 599


def _are_headers(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_header(*each) for each in value.items())


def _is_header(name: Any, value: Any) -> bool:
    if not isinstance(name, str) or not isinstance(value, str):
        return False
    is_free = bool(_TOKEN.fullmatch(name)) and name.lower() not in _FRAME
    return is_free and value.isascii() and (value.isprintable() or value == "")


def _some(is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        return each_of(value) != () and all(is_right(each) for each in each_of(value))

    return check


def _among(words: object) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in get_args(words)


_SECONDS = (_is_wait, "a number of seconds, 0 or more")
_TEXT = (_is_text, "a text")
_WANTED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "on": (_is_place, f"one of {', '.join(PARTS)}, with or without a method such as POST before"),
    "requests": (_some(is_numbering), 'numbers such as 3, "5-7", "10-" or "every 4"'),
    "recipients": (_some(_is_text), 'addresses or patterns such as "*@slow.example"'),
    "batch": (_is_flag, "true (with a batch_id) or false (without one)"),
    "larger_than": (_is_count, "a number of bytes, 1 or more"),
    "times": (_is_count, "a whole number, 1 or more"),
    "accept": (_is_flag, "true or false"),
    "accept_after": _SECONDS,
    "answer": (_is_answer, f"a status from 200 to 599, or one of {', '.join(_ANSWERS)}"),
    "answer_after": _SECONDS,
    "field": (_is_text, 'a field such as "from", or "recipient"'),
    "message": _TEXT,
    "body": (lambda value: isinstance(value, str), "a text"),
    "headers": (_are_headers, f"names and texts in plain ASCII, without {', '.join(_FRAME)}"),
    "cut": (_among(Cut), f"one of {', '.join(get_args(Cut))}"),
    "events": (_some(_among(Manner)), f"one or more of {', '.join(get_args(Manner))}"),
    "events_after": _SECONDS,
    "seed": (_is_whole, "a whole number"),
}


def _status(fault: Fault) -> int:
    return fault.answer if isinstance(fault.answer, int) else 0


def _is_not_of_mail(fault: Fault) -> bool:
    return fault.on not in {"mail/send", "POST mail/send"}


_CLASHES: Sequence[tuple[Callable[[Fault], bool], str]] = (
    (
        lambda fault: not fault.accepts and fault.answer == "usual",
        "what isn't accepted has no usual answer: give `answer` a status or a silence",
    ),
    (
        lambda fault: not fault.accepts and fault.accept_after > 0,
        "`accept_after` is for what is accepted: add `accept` = true",
    ),
    (
        lambda fault: (
            _is_not_of_mail(fault) and (bool(fault.recipients) or fault.batch is not None)
        ),
        "`recipients` and `batch` are of mail/send alone: leave them out",
    ),
    (
        lambda fault: fault.field == "recipient" and not fault.recipients,
        "`field` = recipient names whom `recipients` fits: add `recipients`",
    ),
    (
        lambda fault: _status(fault) < 400 and (fault.field or fault.message) is not None,
        "`field` and `message` are of errors: give `answer` a status from 400 on",
    ),
    (
        lambda fault: fault.body is not None and (fault.field or fault.message) is not None,
        "`body` stands for the whole error: leave `field` and `message` out, or `body`",
    ),
    (
        lambda fault: not _status(fault) and (bool(fault.headers) or fault.body is not None),
        "`headers` and `body` need a status: give `answer` one",
    ),
    (
        lambda fault: fault.cut is not None and fault.answer in get_args(Silence),
        "there is no answer to `cut`: give `answer` a status, or leave it out",
    ),
    (
        lambda fault: (
            bool(fault.events or fault.events_after)
            and (_is_not_of_mail(fault) or not fault.accepts)
        ),
        "`events` are of accepted mail: apply it `on` mail/send, with `accept` = true",
    ),
    (
        lambda fault: (
            "never" in each_of(fault.events)
            and (len(each_of(fault.events)) > 1 or fault.events_after > 0)
        ),
        "`events` that never come have no other manner: leave the others out",
    ),
)
