"""SendGrid out: an envelope becomes one request of v3/mail/send, and its answer a receipt.

The wire format and its limits are those of SendGrid's published API description (v3, mail send).
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from python_http_client.exceptions import HTTPError

from pprmail.errors import ConfigError
from pprmail.sending.envelope import Answer, Envelope, Receipt, Recipient
from pprmail.sending.lines import ascii_address, one_line, reason
from pprmail.sending.transport import FAILURES, cause, certainty, client_for, within

LARGEST_REQUEST: Final = 30_000_000
USUAL_WAIT: Final = 5.0
LONGEST_WAIT: Final = 900.0
"""Seconds; an answer that asks for more is taken for a mistake."""


NOT_TRACKED: Final = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}
"""Every setting is written down: one left out would take the account's own default."""

_NAMED_RECIPIENT: Final = re.compile(r"personalizations\.([0-9]{1,4})\.to(\.|$)")
_SECONDS: Final = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class SendGridSender:
    """Sends through SendGrid: a fresh connection for every request, and one try."""

    api_key: str
    host: str
    timeout: float

    def __post_init__(self) -> None:
        """Refuse a key that can't stand in a header, before anything is promised to anyone."""
        if not re.fullmatch(r"[!-~]+", self.api_key):
            raise ConfigError(
                "this is no key: it is empty, or holds blanks or characters that no key has",
                where="[sendgrid] api_key",
                remedy="copy it again, without a blank or a line break",
            )

    @property
    def deadline(self) -> float:
        """Seconds after which a request is given up, however slowly bytes still trickle in."""
        return self.timeout * 2

    def send(self, envelope: Envelope) -> Receipt:
        """Make one request and say what is certain after it."""
        try:
            body = orjson.dumps(request_body(envelope))
        except orjson.JSONEncodeError as error:
            return Receipt(Answer.REFUSED, detail=f"the request can't be written down: {error}")
        if len(body) > LARGEST_REQUEST:
            return Receipt(Answer.TOO_LARGE, detail="the request is larger than SendGrid takes")
        receipt = within(self.deadline, lambda: self._post(body.decode()))
        return receipt or Receipt(Answer.UNKNOWN, f"no whole answer within {self.deadline:g} s")

    def _post(self, body: str) -> Receipt:
        client = client_for(self.api_key, host=self.host, timeout=self.timeout)
        try:
            response = client.mail.send.post(request_body=body)
        except HTTPError as error:
            return receipt_for_error(error.status_code, error.body, error.headers or {})
        except FAILURES as error:
            is_certain = certainty(error)
            return Receipt(Answer.UNREACHABLE if is_certain else Answer.UNKNOWN, cause(error))
        if response.status_code != 202:
            detail = f"SendGrid answered {response.status_code} instead of 202"
            return Receipt(Answer.UNKNOWN, detail, response.status_code)
        return Receipt(Answer.ACCEPTED, "", 202, response.headers.get("X-Message-Id"))


def request_body(envelope: Envelope) -> dict[str, Any]:
    """Translate an envelope into the body of v3/mail/send."""
    body: dict[str, Any] = {
        "from": _person(envelope.from_email, envelope.from_name),
        "subject": one_line(envelope.subject),
        "content": [
            {"type": "text/plain", "value": envelope.text},
            {"type": "text/html", "value": envelope.html},
        ],
        "tracking_settings": NOT_TRACKED,
        "personalizations": [_personalization(r, envelope.headers) for r in envelope.recipients],
    }
    if envelope.reply_to:
        body["reply_to"] = {"email": envelope.reply_to}
    if envelope.categories:
        body["categories"] = list(envelope.categories)
    if envelope.batch_id and envelope.release_at:
        body["batch_id"] = envelope.batch_id
        body["send_at"] = int(envelope.release_at.timestamp())
    return body


def receipt_for_error(status: int, body: bytes, headers: Mapping[str, str]) -> Receipt:
    """Say what an answer other than a success makes certain.

    Only a refusal in SendGrid's own words is one: a gateway in between may say 400 too.
    """
    errors = _errors(body)
    if errors is None or status in {408, 409} or not 400 <= status < 500:
        return Receipt(Answer.UNKNOWN, f"the answer was {status}", status)
    detail = f"SendGrid refuses ({status}): {_in_words(errors)}"
    if status == 413:
        return Receipt(Answer.TOO_LARGE, detail, status)
    if status == 429:
        return Receipt(Answer.BUSY, detail, status, wait_seconds=_wait(headers))
    if status != 400 or _is_about_the_letter(errors):
        # Key, sender, address of the service, subject, content: the next request fares no better.
        return Receipt(Answer.FORBIDDEN, detail, status)
    return Receipt(Answer.REFUSED, detail, status, refused_recipients=_named(errors))


def _personalization(recipient: Recipient, headers: Mapping[str, str]) -> dict[str, Any]:
    # Whether headers of the whole request are added to these or replaced by them is not
    # documented, so that every recipient carries all of them.
    personalization: dict[str, Any] = {"to": [_person(recipient.email, recipient.name)]}
    if recipient.values:
        personalization["substitutions"] = dict(recipient.values)
    if headers or recipient.headers:
        personalization["headers"] = {**headers, **recipient.headers}
    if recipient.arguments:
        personalization["custom_args"] = dict(recipient.arguments)
    return personalization


def _person(email: str, name: str | None) -> dict[str, str]:
    person, line = {"email": ascii_address(email)}, one_line(name or "")
    return person | {"name": line} if line else person


def _errors(body: bytes) -> list[Mapping[str, Any]] | None:
    try:
        errors = json.loads(body)["errors"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    is_listed = isinstance(errors, list) and errors and all(isinstance(e, dict) for e in errors)
    return errors if is_listed else None


def _in_words(errors: list[Mapping[str, Any]]) -> str:
    said = [
        f"{error['field']}: {error.get('message')}" if error.get("field") else error.get("message")
        for error in errors[:5]
    ]
    return reason("; ".join(str(each or "no reason given") for each in said))


def _is_about_the_letter(errors: list[Mapping[str, Any]]) -> bool:
    """Tell whether what is refused is the same for every reader: sender, subject, content."""
    fields = [str(error.get("field") or "") for error in errors]
    return any(field and not field.startswith("personalizations") for field in fields)


def _named(errors: list[Mapping[str, Any]]) -> tuple[int, ...]:
    """Give the places of recipients, if recipients are all that the refusal is about."""
    found = [_NAMED_RECIPIENT.match(str(error.get("field") or "")) for error in errors]
    return tuple(sorted({int(match[1]) for match in found if match})) if all(found) else ()


def _wait(headers: Mapping[str, str]) -> float:
    for name in ("Retry-After", "X-RateLimit-Reset"):
        text = str(headers.get(name) or "")
        if _SECONDS.fullmatch(text):
            # The reset is given as a moment in some of SendGrid's pages, as seconds in others.
            seconds = int(text) - time.time() if int(text) > 1_000_000_000 else int(text)
            return min(max(seconds, 1.0), LONGEST_WAIT)
    return USUAL_WAIT
