"""The reply that a fault gives: a status with what SendGrid usually says, or what it is told."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus

from pprmail.sandbox.addressees import matching, message_in
from pprmail.sandbox.call import Call, Reply, refused
from pprmail.sandbox.faults import Fault, each_of
from pprmail.sandbox.objection import Objection

_MESSAGES: Mapping[int, str] = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    413: "content too large",
    429: "too many requests",
}
_TIME = re.compile(r"\{(now|date)([+-][0-9]{1,9})?\}")


def fault_reply(fault: Fault, *, call: Call, now: datetime) -> Reply:
    """Make the reply of a fault whose answer is a status."""
    status = fault.answer if isinstance(fault.answer, int) else 500
    told = {name: _dated(value, now=now) for name, value in fault.headers.items()}
    plain = _plain(fault, status=status, call=call)
    usual = {name: value for name, value in plain.headers.items() if not _is_in(name, told)}
    return Reply(status, plain.body, usual | told)


def _plain(fault: Fault, *, status: int, call: Call) -> Reply:
    if fault.body is not None:
        kind = "application/json" if fault.body.startswith(("{", "[")) else "text/html"
        return Reply(status, fault.body.encode(), {"Content-Type": kind})
    if status >= 400:
        return refused(status, *_objections(fault, status=status, call=call))
    # Whoever follows a redirect comes back to the same place, where the sandbox counts it.
    return Reply(status, headers={"Location": call.path} if status >= 300 else {})


def _objections(fault: Fault, *, status: int, call: Call) -> list[Objection]:
    message = fault.message or _MESSAGES.get(status) or _phrase(status)
    if fault.field != "recipient":
        return [Objection(message, fault.field)]
    found = matching(message_in(call.body), each_of(fault.recipients))
    return [Objection(message, field) for field, _ in found]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "error"


def _is_in(name: str, headers: Mapping[str, str]) -> bool:
    return name.lower() in {each.lower() for each in headers}


def _dated(value: str, *, now: datetime) -> str:
    def fill(found: re.Match[str]) -> str:
        moment = now + timedelta(seconds=int(found[2] or 0))
        is_date = found[1] == "date"
        return format_datetime(moment, usegmt=True) if is_date else str(int(moment.timestamp()))

    return _TIME.sub(fill, value)
