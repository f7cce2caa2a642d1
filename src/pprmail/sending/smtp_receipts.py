"""What a mail server's reply makes certain, by the step that it answers.

Codes are those of RFC 5321 and RFC 4954, the finer ones behind them of RFC 3463.
"""

import re
from enum import StrEnum
from typing import Final

from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.lines import reason

USUAL_WAIT: Final = 60.0
WAIT_FOR_ONE: Final = 15.0
"""Seconds; what holds for one recipient alone need not keep all others waiting for long."""

LOGIN_CODES: Final = frozenset({530, 534, 535, 538})

_ABOUT_US: Final = re.compile(r"5\.(7\.\d+|1\.[78])\b|.*\brelay", re.IGNORECASE | re.DOTALL)
_FINE_CODE: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


class Step(StrEnum):
    """The steps of a conversation, as a receipt names them."""

    GREETING = "the connection"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "the user name or password"
    MAIL = "the sender"
    RCPT = "the recipient"
    DATA = "DATA"
    LETTER = "the letter"


class RefusedError(Exception):
    """The server said something other than yes; the receipt says what that makes certain."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.detail)
        self.receipt = receipt


def receipt_for_reply(step: Step, code: int, text: bytes) -> Receipt:
    """Say what a reply other than the hoped-for one makes certain: mostly that nothing was taken.

    Only after the letter itself, a reply that is neither a yes nor a no leaves a doubt.
    """
    detail = f"the mail server refuses {step} ({code}): {_words(step, text)}"
    if 400 <= code < 500:
        wait = WAIT_FOR_ONE if step is Step.RCPT and code != 421 else USUAL_WAIT
        return Receipt(Answer.BUSY, detail, wait_seconds=wait)
    if code < 400:
        answer = Answer.UNKNOWN if step is Step.LETTER else Answer.UNREACHABLE
        return Receipt(answer, f"the mail server answers {step} with {code}")
    if step is Step.LETTER or (step is Step.DATA and code not in LOGIN_CODES):
        return Receipt(Answer.REFUSED, detail)
    if step is Step.RCPT and not _is_about_us(code, text):
        return Receipt(Answer.REFUSED, detail, refused_recipients=(0,))
    return Receipt(Answer.FORBIDDEN, detail)


def _is_about_us(code: int, text: bytes) -> bool:
    # Many servers keep what they have against a sender until they are told a recipient; taken for
    # a fault of the recipient, it would strike every reader off, one after the other.
    return code in LOGIN_CODES or bool(_ABOUT_US.match(text.decode("utf-8", "replace")))


def _words(step: Step, text: bytes) -> str:
    if step is not Step.AUTH:
        return reason(text.decode("utf-8", "replace"))
    # Some servers say back what they were told, and that was the password.
    fine = _FINE_CODE.match(text)
    return fine[0].decode() if fine else "no"
