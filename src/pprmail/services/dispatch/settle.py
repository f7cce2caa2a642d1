"""Settling: what a crash left open becomes a doubt, and doubts end by evidence or by a person."""

from datetime import datetime
from typing import Final

from pprmail.errors import NotFoundError, StateError
from pprmail.model.issue import Issue, IssueState
from pprmail.model.request import Request, RequestState
from pprmail.sending.journal import accepted_according_to, is_abandoned
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.audit import note
from pprmail.storage.deliveries import count_requests, equation_of, move_request, requests_in
from pprmail.storage.issues import issue_for_change

ORDERS: Final = {
    "accepted": RequestState.ACCEPTED,
    "resend": RequestState.REORDERED,
    "skip": RequestState.SKIPPED,
}
"""What a person may decide about a request whose outcome nobody knows."""


def settle_orphans(postroom: Postroom, *, now: datetime) -> int:
    """Put requests whose worker is gone into doubt, or among the accepted if it wrote that down.

    Never back to waiting: the provider may have taken them. Gives the number of new doubts.
    """
    with postroom.database.read() as session:
        open_requests = requests_in(session, RequestState.SUBMITTING)
    orphans = [r for r in open_requests if _is_orphan(postroom, r, now=now)]
    return sum(_settle(postroom, orphan, now=now) for orphan in orphans)


def resolve(
    postroom: Postroom, name: str, request_id: int, *, order: str, who: str
) -> RequestState:
    """Settle one doubt by a person's order."""
    with postroom.database.write() as session:
        issue = issue_for_change(session, name)
        request = session.get(Request, request_id)
        if request is None or request.issue_id != issue.id:
            raise NotFoundError(
                f"the issue of {name} has no request {request_id}",
                remedy=f"see its doubts: pprmail issue status {name}",
            )
        if request.state is not RequestState.UNKNOWN:
            raise StateError(f"request {request_id} is {request.state}; there is nothing to settle")
        if order == "resend" and issue.state is IssueState.CANCELLED:
            raise StateError(
                f"the issue of {name} is cancelled; nobody is written to again",
                remedy="say what became of it: --as accepted, or --as skip",
            )
        now = postroom.clock()
        if request.is_being_recalled and now < request.certain_until:
            raise StateError(
                f"request {request_id} is being recalled, and may be discarded already",
                remedy=f"see what became of it in a while: pprmail issue status {name}",
            )
        move_request(session, request_id, ORDERS[order], settled_by=who)
        note(session, "doubt settled", name, who=who, now=now, request=request_id, order=order)
    finish_if_settled(postroom, name)
    return ORDERS[order]


def finish_if_settled(postroom: Postroom, name: str) -> bool:
    """Call an issue sent when every promise has an outcome that is known."""
    with postroom.database.write() as session:
        issue = issue_for_change(session, name)
        equation, requests = equation_of(session, issue), count_requests(session, issue)
        doubts = requests[RequestState.UNKNOWN]
        if issue.state is not IssueState.SENDING or not equation.is_settled or doubts:
            return False
        now = postroom.clock()
        issue.finish(now=now)
        note(session, "issue sent", name, who="dispatch", now=now, **equation.as_json())
    return True


def _is_orphan(postroom: Postroom, request: Request, *, now: datetime) -> bool:
    return request.lease_until < now or is_abandoned(postroom.journal.folder, request.worker)


def _settle(postroom: Postroom, orphan: Request, *, now: datetime) -> bool:
    taken = accepted_according_to(postroom.journal.folder, orphan.worker, orphan.public_id)
    state = RequestState.ACCEPTED if taken else RequestState.UNKNOWN
    with postroom.database.write() as session:
        fresh = session.get_one(Request, orphan.id, with_for_update=True)
        if fresh.state is not RequestState.SUBMITTING:
            return False
        detail = "according to the journal" if taken else "the worker ended before it had an answer"
        move_request(session, orphan.id, state, finished_at=now, detail=detail)
        issue = session.get_one(Issue, fresh.issue_id)
        note(
            session,
            "orphan settled",
            issue.name,
            who="dispatch",
            now=now,
            request=fresh.id,
            state=state,
        )
    return not taken
