"""One request: its intent is on the disk before it is made, and its answer after."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from pprmail.errors import OutputError
from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.lines import is_address
from pprmail.sending.webhook import DELIVERY_ARGUMENT, REQUEST_ARGUMENT
from pprmail.services.dispatch.claim import Claim
from pprmail.services.dispatch.letters import LetterWriter
from pprmail.services.dispatch.postroom import Postroom

log = structlog.get_logger()

LATEST_START: Final = timedelta(seconds=30)
"""After the claim; a lease is longer by as much than the longest request and this together."""


def post(postroom: Postroom, claimed: Claim, writer: LetterWriter) -> Receipt:
    """Make the request that was claimed, and give what is certain of it."""
    size = len(claimed.deliveries)
    try:
        _write_down(postroom, claimed, "intent", issue=claimed.issue.name, size=size)
    except OutputError as error:
        # Without its intent on the disk nothing is sent: that much is certain.
        return Receipt(Answer.FORBIDDEN, detail=str(error))
    receipt = _sent(postroom, claimed, writer)
    try:
        _write_down(postroom, claimed, receipt.answer, message_id=receipt.message_id)
    except OutputError as error:
        log.warning("answer not in the journal", request=claimed.request_id, why=str(error))
    return _checked(claimed, receipt)


def _write_down(postroom: Postroom, claimed: Claim, what: str, **facts: str | int | None) -> None:
    postroom.journal.write(claimed.public_id, what, at=postroom.clock(), **facts)


def _sent(postroom: Postroom, claimed: Claim, writer: LetterWriter) -> Receipt:
    now = postroom.clock()
    recipients = (
        writer.recipient(
            waiting,
            now=now,
            arguments={DELIVERY_ARGUMENT: str(waiting.id), REQUEST_ARGUMENT: claimed.public_id},
        )
        for waiting in claimed.deliveries
    )
    if now > claimed.lease_until - postroom.rules.lease + LATEST_START:
        # Made now, it could still be under way when its lease ends and others settle it.
        return Receipt(
            Answer.UNREACHABLE, "so much time passed after its claim that it was not made"
        )
    envelope = writer.envelope(recipients)
    kept = replace(envelope, batch_id=claimed.batch_id, release_at=claimed.release_at)
    return postroom.sender.send(kept)


def _checked(claimed: Claim, receipt: Receipt) -> Receipt:
    """Look again at the addresses of a request that was refused without naming one."""
    if receipt.answer is not Answer.REFUSED or receipt.refused_recipients:
        return receipt
    unfit = [n for n, w in enumerate(claimed.deliveries) if not is_address(w.email or "")]
    return replace(receipt, refused_recipients=tuple(unfit))
