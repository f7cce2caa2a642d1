"""Events: what becomes of a letter, by its address, in the words of the Event Webhook."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pprmail.sandbox.mail import Letter

HOST_IP = "192.0.2.25"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens to a letter, and what its event tells beyond every event."""

    event: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fate:
    """The steps of a letter in order, and the suppression list that its address ends on."""

    steps: tuple[Step, ...]
    suppressed_as: str | None = None


_PROCESSED = Step("processed", {})
_DEFERRED = Step("deferred", {"response": "451 4.7.1 Try again later", "attempt": "1"})
_DELIVERED = Step("delivered", {"response": "250 2.0.0 Accepted", "ip": HOST_IP, "tls": 1})
_BOUNCED = Step(
    "bounce",
    {
        "reason": "550 5.1.1 The mailbox does not exist",
        "status": "5.1.1",
        "type": "bounce",
        "bounce_classification": "Invalid Address",
        "ip": HOST_IP,
        "tls": 1,
    },
)
_BLOCKED = Step(
    "bounce",
    {
        "reason": "554 5.7.1 Refused because of the sender's reputation",
        "status": "5.7.1",
        "type": "blocked",
        "bounce_classification": "Reputation",
        "ip": HOST_IP,
        "tls": 1,
    },
)
_DROPPED = Step("dropped", {"reason": "Bounced Address", "status": "5.0.0"})
_INVALID = Step("dropped", {"reason": "Invalid", "status": "5.0.0"})
_REPORTED = Step("spamreport", {})

_USUAL = Fate((_PROCESSED, _DELIVERED))
_FATES = {
    "bounce": Fate((_PROCESSED, _BOUNCED), "bounces"),
    "blocked": Fate((_PROCESSED, _BLOCKED), "blocks"),
    "dropped": Fate((_DROPPED,)),
    "complaint": Fate((_PROCESSED, _DELIVERED, _REPORTED), "spam_reports"),
    "defer": Fate((_PROCESSED, _DEFERRED, _DELIVERED)),
    "invalid": Fate((_INVALID,), "invalid_emails"),
}


def fate_of(address: str) -> Fate:
    """Read the fate of a letter from how the local part of its address begins."""
    local = address.lower()
    return next((fate for start, fate in _FATES.items() if local.startswith(start)), _USUAL)


def events_of(letter: Letter, *, at: datetime) -> list[dict[str, Any]]:
    """Make the events of a letter; custom_args lie flat and lose against SendGrid's own names."""
    request = letter.parcel.request
    custom_args, shared = request.custom_args(letter.index), _shared(letter, at=at)
    return [
        {
            **custom_args,
            **shared,
            "event": step.event,
            "sg_event_id": _event_id(step, letter=letter),
            **step.details,
            **_own(step, letter=letter),
        }
        for step in fate_of(letter.address).steps
    ]


def _shared(letter: Letter, *, at: datetime) -> dict[str, Any]:
    request = letter.parcel.request
    place = f"{letter.index}.{letter.place}"
    shared = {
        "email": letter.address,
        "timestamp": int(at.timestamp()),
        # As on the wire: the id of the request comes first, the rest tells messages apart.
        "sg_message_id": f"{request.x_message_id}.recvd-sandbox-{request.number}-{place}",
    }
    if "categories" in request.message:
        shared["category"] = request.message["categories"]
    if "asm" in request.message:
        shared["asm_group_id"] = request.message["asm"]["group_id"]
    return shared


def _event_id(step: Step, *, letter: Letter) -> str:
    plain = f"{step.event}-{letter.index}-{letter.place}-{letter.parcel.request.x_message_id}"
    return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _own(step: Step, *, letter: Letter) -> dict[str, Any]:
    request = letter.parcel.request
    if step is _REPORTED:
        return {}
    own: dict[str, Any] = {"smtp-id": f"<{request.x_message_id}@sandbox.invalid>"}
    if step is _PROCESSED:
        own["send_at"] = _send_at(letter)
    if step is _PROCESSED and "ip_pool_name" in request.message:
        own["pool"] = {"name": request.message["ip_pool_name"], "id": 1}
    if step is _DEFERRED:
        own |= {"domain": letter.address.split("@")[1], "from": request.message["from"]["email"]}
    return own


def _send_at(letter: Letter) -> int:
    message = letter.parcel.request.message
    own = message["personalizations"][letter.index].get("send_at")
    return int(message.get("send_at", 0) if own is None else own)
