"""The five suppression lists, fed by what the sandbox's own letters met with."""

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from pprmail.sandbox.call import Call, RefusedError, Reply, answer, refused
from pprmail.sandbox.events import HOST_IP, fate_of
from pprmail.sandbox.objection import Objection

LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")
LONGEST_PAGE = 500

# What a list tells of an address beside `created` and `email`.
_TOLD: Mapping[str, tuple[str, ...]] = {
    "bounces": ("reason", "status"),
    "blocks": ("reason", "status"),
    "spam_reports": ("ip",),
    "invalid_emails": ("reason",),
}


class Suppressions:
    """Remembers each address once a list, in the order of their first coming."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lists: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in LISTS}

    def note(self, address: str, *, at: datetime) -> None:
        """Put an address on the list that its fate leads to, if it leads to one."""
        fate = fate_of(address)
        if fate.suppressed_as is None:
            return
        facts = {"ip": HOST_IP, **fate.steps[-1].details}
        told = {name: facts[name] for name in _TOLD[fate.suppressed_as]}
        entry = {"created": int(at.timestamp()), "email": address, **told}
        with self._lock:
            self._lists[fate.suppressed_as].setdefault(address.lower(), entry)

    def get(self, call: Call, name: str) -> Reply:
        """Answer a page of a list; both ends of the span of time belong to it."""
        start, end = _number(call, "start_time"), _number(call, "end_time")
        limit, offset = _number(call, "limit") or LONGEST_PAGE, _number(call, "offset") or 0
        with self._lock:
            entries = list(self._lists[name].values())
        found = [
            each
            for each in entries
            if (start is None or each["created"] >= start)
            and (end is None or each["created"] <= end)
        ]
        return answer(200, found[offset : offset + min(limit, LONGEST_PAGE)])


def _number(call: Call, name: str) -> int | None:
    text = call.parameter(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(refused(400, Objection("Must be a whole number.", name)))
    return int(text)
