"""The endpoint mail/send: all of a request is taken, or nothing."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pprmail.sandbox.call import Call, Reply, refused
from pprmail.sandbox.depot import Depot
from pprmail.sandbox.mail import AcceptedRequest
from pprmail.sandbox.options import Clock, OnAccept
from pprmail.sandbox.tally import Tally
from pprmail.sandbox.validation.message import objections_to


@dataclass(frozen=True, kw_only=True)
class MailSend:
    """Judges requests, and hands those it accepts to the depot; `on_accept` then hears of them."""

    clock: Clock
    depot: Depot
    tally: Tally
    on_accept: OnAccept

    def post(self, call: Call) -> Reply:
        """Answer 400 with every objection, 200 in sandbox mode, else 202 once it is on the disk."""
        message, now = call.json(), self.clock()
        knows = partial(self.depot.schedule.batches.knows, now=now)
        objections = objections_to(message, now=now, knows_batch=knows)
        if objections:
            return refused(400, *objections)
        if _only_to_be_checked(message):
            return Reply(200)
        return self._accept(_request(call, message=message, now=now))

    def _accept(self, request: AcceptedRequest) -> Reply:
        try:
            self.depot.accept(request)
        except OSError:
            # The disk would not take the line: as after any 500, the sender can't know.
            return refused(500, "internal server error")
        self.tally.add("accepted")
        self.on_accept(request)
        return Reply(202, headers={"X-Message-Id": request.x_message_id})


def _only_to_be_checked(message: dict[str, Any]) -> bool:
    mode = message.get("mail_settings", {}).get("sandbox_mode", {})
    return bool(mode.get("enable", False))


def _request(call: Call, *, message: dict[str, Any], now: datetime) -> AcceptedRequest:
    return AcceptedRequest(
        number=call.number,
        at=now,
        x_message_id=secrets.token_urlsafe(16),
        message=message,
        sha256=hashlib.sha256(call.body).hexdigest(),
        telling=call.telling,
    )
