"""The equation while it changes: the same terms as `equation_of`, counted in what is short.

A request's letters are as many as it wrote down; whatever lacks a request, or has an outcome of its
own, stands in an index. The report counts every row instead, and proves that both agree.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pprmail.model.delivery import DeliveryOutcome, Equation
from pprmail.model.request import RequestState
from pprmail.storage.tables import Delivery, Issue, Request


def standing_of(session: Session, issue: Issue, requests: Sequence[Request]) -> Equation:
    """Count the equation of an issue, given all of its requests."""
    mine = Delivery.issue_id == issue.id
    is_waiting = (Delivery.request_id.is_(None), Delivery.outcome.is_(None))
    pending = session.scalar(select(func.count()).where(mine, *is_waiting))
    own = select(Delivery.outcome, func.count()).where(mine, Delivery.outcome.is_not(None))
    outcomes = dict(session.execute(own.group_by(Delivery.outcome)).all())
    return Equation(
        frozen=issue.frozen_readers or 0,
        pending=pending or 0,
        in_flight=_letters(requests, RequestState.SUBMITTING),
        accepted=_letters(requests, RequestState.ACCEPTED),
        held=_letters(requests, RequestState.UNKNOWN, RequestState.SKIPPED),
        rejected=outcomes.get(DeliveryOutcome.REJECTED, 0),
        suppressed_late=outcomes.get(DeliveryOutcome.SUPPRESSED_LATE, 0),
        cancelled=outcomes.get(DeliveryOutcome.CANCELLED, 0),
    )


def _letters(requests: Sequence[Request], *states: RequestState) -> int:
    return sum(request.size for request in requests if request.state in states)
