"""Batches at SendGrid: a name that a request can be discarded by until shortly before it leaves.

What is asked of them is what SendGrid documents under "Cancel scheduled sends": a batch that was
cancelled at least ten minutes before its `send_at` is discarded then, and at most ten may be
cancelled at once. Whether a cancel also holds for what arrives after it was not tried live.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from python_http_client.exceptions import HTTPError

from pprmail.sending.envelope import Answer, Recalled, Receipt
from pprmail.sending.sendgrid import receipt_for_error
from pprmail.sending.transport import FAILURES, cause, client_for, within

CANCEL = "cancel"
DEFINITE = frozenset({Answer.FORBIDDEN, Answer.BUSY})


@dataclass(frozen=True)
class SendGridBatches:
    """Makes, cancels and frees batches; a fresh connection for every call, and one try."""

    api_key: str
    host: str
    timeout: float

    def new_batch(self) -> str | Receipt:
        """Give a fresh name, or what kept SendGrid from giving one; no letter is involved yet."""
        try:
            answer = self._asked(lambda client: client.mail.batch.post(request_body="{}"))
            return str(json.loads(answer.body)["batch_id"])
        except HTTPError as error:
            receipt = receipt_for_error(error.status_code, error.body, error.headers or {})
            if receipt.answer in DEFINITE:
                return receipt
            return Receipt(Answer.UNREACHABLE, receipt.detail, receipt.http_status)
        except (*FAILURES, ValueError, KeyError, TypeError) as error:
            return Receipt(Answer.UNREACHABLE, f"no batch was made: {cause(error)}")

    def recall(self, batch_id: str, *, until: datetime) -> Recalled:
        """Have a batch discarded, and read back whether it will be."""
        order = json.dumps({"batch_id": batch_id, "status": CANCEL})
        try:
            self._asked(lambda client: client.user.scheduled_sends.post(request_body=order))
        except HTTPError as error:
            # A batch that was cancelled before is refused too; what stands there tells them apart.
            if error.status_code >= 500:
                return Recalled.UNKNOWN
        except FAILURES:
            return Recalled.UNKNOWN
        return self.look(batch_id, until=until)

    def look(self, batch_id: str, *, until: datetime) -> Recalled:
        """Read whether a batch will be discarded, by an order that stood in time."""
        try:
            answer = self._asked(lambda client: client.user.scheduled_sends._(batch_id).get())
            held = json.loads(answer.body)
            states = {each["batch_id"]: each["status"] for each in held}
            told_at = _told_at(answer)
        except (HTTPError, *FAILURES, ValueError, KeyError, TypeError):
            return Recalled.UNKNOWN
        if states.get(batch_id) != CANCEL:
            return Recalled.NO
        # An order that came too late stands there as well, and is not carried out.
        return Recalled.YES if told_at is None or told_at < until else Recalled.UNKNOWN

    def free(self, batch_id: str) -> bool:
        """Take a cancelling back whose time is over; true if none stands any more."""
        try:
            self._asked(lambda client: client.user.scheduled_sends._(batch_id).delete())
        except HTTPError as error:
            return bool(error.status_code == 404)
        except FAILURES:
            return False
        return True

    def _asked(self, call: Callable[[Any], Any]) -> Any:
        client = client_for(self.api_key, host=self.host, timeout=self.timeout)
        answer = within(self.timeout * 2, lambda: call(client))
        if answer is None:
            raise TimeoutError("no whole answer in time")
        return answer


def _told_at(answer: Any) -> datetime | None:
    """Give the provider's own time, which alone says whether an order was in time."""
    written = answer.headers.get("Date")
    return parsedate_to_datetime(written) if written else None
