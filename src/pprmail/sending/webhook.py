"""SendGrid in: signed reports become events in our own words; unknown ones are kept as unknown."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pprmail.errors import ConfigError, PprmailError
from pprmail.model.event import EventKind
from pprmail.model.subscriber import EndReason

SIGNATURE_HEADER: Final = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER: Final = "X-Twilio-Email-Event-Webhook-Timestamp"
DELIVERY_ARGUMENT: Final = "pm_d"
REQUEST_ARGUMENT: Final = "pm_r"

KINDS: Final = {
    "processed": EventKind.PROCESSED,
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DEFERRED,
    "bounce": EventKind.BOUNCED,
    "dropped": EventKind.DROPPED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
}
ENDS: Final = {
    EventKind.BOUNCED: EndReason.BOUNCED,
    EventKind.COMPLAINED: EndReason.COMPLAINED,
    EventKind.UNSUBSCRIBED: EndReason.UNSUBSCRIBED,
}
DROPPED_BECAUSE: Final = {
    "bounced address": EndReason.BOUNCED,
    "invalid": EndReason.BOUNCED,
    "spam reporting address": EndReason.COMPLAINED,
    "unsubscribed address": EndReason.UNSUBSCRIBED,
}
"""Reasons of a drop that say something of the reader, whom the provider will not write to."""

OUR_NAMES: Final = (REQUEST_ARGUMENT, DELIVERY_ARGUMENT)
THEIR_NAMES: Final = ("sg_message_id", "email")
FACT: Final = ("event", "timestamp", "type", "attempt", "url", "url_offset", "ip", "useragent")
"""What makes one report of a letter another fact than the next one of the same letter."""

OF_THIS_MESSAGE: Final = ("blocked", "expired")
"""Kinds of bounce that say nothing of the address: the next letter may go there."""

LARGEST_ID: Final = 2**31 - 1
_TIMESTAMP: Final = re.compile(r"[0-9]{10}")
_NAME: Final = re.compile(r"[!-~]{1,200}")


class ForgedReportError(PprmailError):
    """A report is not signed by the provider, or is no report: it is refused without detail."""


@dataclass(frozen=True)
class ReportedEvent:
    """One report; `ends` says why its reader is to get no more letters, if that follows."""

    kind: EventKind
    at: datetime
    provider_key: str | None
    fact_key: str
    request: str | None
    delivery_id: int | None
    payload: dict[str, Any]
    ends: EndReason | None


@dataclass(frozen=True)
class ReportReader:
    """Checks signatures with the provider's public key and reads what was signed."""

    public_key: ec.EllipticCurvePublicKey

    @classmethod
    def of(cls, text: str) -> "ReportReader":
        """Take the key as SendGrid shows it: base64 without a frame, on one line or several."""
        try:
            key = load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ConfigError(
                "this is no public key", where="[sendgrid] webhook_public_key", remedy=_WHERE
            ) from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise ConfigError(
                "this is a key of another kind",
                where="[sendgrid] webhook_public_key",
                remedy=_WHERE,
            )
        return cls(key)

    def read(self, body: bytes, *, signature: str, timestamp: str) -> list[ReportedEvent]:
        """Give the events of a signed report; anything else is refused.

        The signature covers timestamp and body as one string, so that a digit could wander from
        one to the other: ten digits and a list are asked for.
        """
        if not _TIMESTAMP.fullmatch(timestamp) or not self._is_signed(body, signature, timestamp):
            raise ForgedReportError("the report is not signed by the provider")
        try:
            reports = json.loads(body)
            if isinstance(reports, list):
                return [event_of(r if isinstance(r, dict) else {"report": r}) for r in reports]
        except (ValueError, RecursionError) as error:
            raise ForgedReportError("the report is not JSON") from error
        raise ForgedReportError("the report is no list")

    def _is_signed(self, body: bytes, signature: str, timestamp: str) -> bool:
        try:
            signed = base64.b64decode(signature, validate=True)
            self.public_key.verify(signed, timestamp.encode() + body, ec.ECDSA(SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


_WHERE: Final = "copy it from SendGrid: Settings, Mail Settings, Signed Event Webhook"


def event_of(report: Mapping[str, Any]) -> ReportedEvent:
    """Say one report in our own words; whatever it lacks, it is kept."""
    kind = _kind(report)
    return ReportedEvent(
        kind=kind,
        at=_moment(report.get("timestamp")),
        provider_key=_text(report.get("sg_event_id")),
        fact_key=_fact_key(report),
        request=_text(report.get(REQUEST_ARGUMENT)),
        delivery_id=_number(report.get(DELIVERY_ARGUMENT)),
        payload=_storable(report),
        ends=_end(kind, report),
    )


def _kind(report: Mapping[str, Any]) -> EventKind:
    kind = KINDS.get(str(report.get("event")), EventKind.UNKNOWN)
    if kind is EventKind.BOUNCED and report.get("type") in OF_THIS_MESSAGE:
        return EventKind.BLOCKED
    return kind


def _end(kind: EventKind, report: Mapping[str, Any]) -> EndReason | None:
    if kind is EventKind.DROPPED:
        return DROPPED_BECAUSE.get(str(report.get("reason")).casefold())
    return ENDS.get(kind)


def _fact_key(report: Mapping[str, Any]) -> str:
    # A retried report can carry a new id, so that the fact itself is a key too.
    is_ours = report.get(DELIVERY_ARGUMENT) is not None
    is_known = report.get("event") is not None and report.get("timestamp") is not None
    names = [*(OUR_NAMES if is_ours else THEIR_NAMES), *FACT] if is_known else sorted(report)
    fact = [[name, report.get(name)] for name in names if name != "sg_event_id"]
    return sha256(json.dumps(fact, sort_keys=True).encode()).hexdigest()


def _moment(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _number(value: Any) -> int | None:
    text = str(value)
    is_number = text.isascii() and text.isdecimal() and len(text) <= 10
    return int(text) if is_number and 0 < int(text) <= LARGEST_ID else None


def _storable(report: Mapping[str, Any]) -> dict[str, Any]:
    return {_kept(name): _kept(value) for name, value in report.items()}


def _kept(value: Any) -> Any:
    # Python reads lone surrogates, NUL and NaN as JSON, but no database keeps them.
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "�")
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return _storable(value)
    return [_kept(each) for each in value] if isinstance(value, list) else value
