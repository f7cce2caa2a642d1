"""Recording: what a request came to is written down, however long that takes."""

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from pprmail.errors import StateError, StorageError
from pprmail.model.delivery import DeliveryOutcome
from pprmail.model.issue import IssueState
from pprmail.model.request import RequestState
from pprmail.sending.envelope import Answer, Receipt
from pprmail.services.dispatch.claim import Claim
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.audit import note
from pprmail.storage.deliveries import give_outcome, move_request
from pprmail.storage.issues import issue_by_id
from pprmail.storage.tables import Request

log = structlog.get_logger()

FIRST_PATIENCE: Final = 0.1
LONGEST_PATIENCE: Final = 5.0

STATES: Final = {
    Answer.ACCEPTED: RequestState.ACCEPTED,
    Answer.REFUSED: RequestState.NOT_SENT,
    Answer.BUSY: RequestState.NOT_SENT,
    Answer.TOO_LARGE: RequestState.NOT_SENT,
    Answer.UNREACHABLE: RequestState.NOT_SENT,
    Answer.FORBIDDEN: RequestState.NOT_SENT,
    Answer.UNKNOWN: RequestState.UNKNOWN,
}


def record(postroom: Postroom, claimed: Claim, receipt: Receipt) -> None:
    """Write down what became of a request; the database is waited for as long as it takes."""
    patience = FIRST_PATIENCE
    while True:
        try:
            with postroom.database.write() as session:
                _record(session, claimed, receipt, now=postroom.clock())
        except StorageError as error:
            log.warning(
                "outcome waits for the database", request=claimed.request_id, why=str(error)
            )
            postroom.sleep(patience)
            patience = min(patience * 2, LONGEST_PATIENCE)
        else:
            return


def pause(postroom: Postroom, issue_id: int, *, reason: str) -> None:
    """Let an issue rest because something needs a person."""
    with postroom.database.write() as session:
        _pause(session, issue_id, reason=reason, now=postroom.clock())


def _record(session: Session, claimed: Claim, receipt: Receipt, *, now: datetime) -> None:
    if receipt.answer is not Answer.ACCEPTED:
        # Whoever cancels the issue at this moment is waited for: what goes free now is cancelled.
        issue_by_id(session, claimed.issue.id)
    request = session.get_one(Request, claimed.request_id, with_for_update={"key_share": True})
    named = [place for place in receipt.refused_recipients if place < len(claimed.deliveries)]
    state = STATES[receipt.answer]
    if len(named) == len(claimed.deliveries):
        state = RequestState.REJECTED
    if named and request.state is RequestState.SUBMITTING:
        # Its deliveries are its own only as long as nobody else has settled it.
        ids = [claimed.deliveries[place].id for place in named]
        give_outcome(session, ids, DeliveryOutcome.REJECTED, reason=receipt.detail)
    _move(session, request, state, receipt, now=now)
    if receipt.answer is Answer.FORBIDDEN:
        _pause(session, claimed.issue.id, reason=receipt.detail, now=now)


def _move(
    session: Session, request: Request, state: RequestState, receipt: Receipt, *, now: datetime
) -> None:
    if request.is_being_recalled and state is RequestState.ACCEPTED:
        # It may be discarded already: that it was taken counts only if it was not.
        request.learn_late(http_status=receipt.http_status, message_id=receipt.message_id)
        return
    try:
        move_request(
            session,
            request.id,
            state,
            finished_at=now,
            http_status=receipt.http_status,
            message_id=receipt.message_id,
            detail=receipt.detail or None,
        )
    except StateError:
        # Somebody took this worker for dead meanwhile and settled its request otherwise; what
        # was learned late is kept beside it.
        request.learn_late(http_status=receipt.http_status, message_id=receipt.message_id)
        request.detail = f"learned late: {receipt.answer} {receipt.detail}".strip()
        log.warning("request settled elsewhere", request=request.id, state=request.state)


def _pause(session: Session, issue_id: int, *, reason: str, now: datetime) -> None:
    issue = issue_by_id(session, issue_id)
    if issue.state is IssueState.SENDING and issue.paused_at is None:
        issue.pause(reason=reason, now=now)
        note(session, "issue paused", issue.name, who="dispatch", now=now, reason=reason)
