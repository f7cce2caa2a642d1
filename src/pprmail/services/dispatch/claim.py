"""Claiming: the intent to send is committed before anything is sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.approval import digest_of
from pprmail.model.delivery import DeliveryOutcome
from pprmail.model.edition import Edition
from pprmail.model.issue import Issue
from pprmail.model.request import Request, RequestState
from pprmail.model.subscriber import new_public_id
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.audit import note
from pprmail.storage.deliveries import (
    Waiting,
    give_outcome,
    issue_to_claim_from,
    put_into_request,
    waiting_deliveries,
)
from pprmail.storage.issues import latest_approval

GONE: Final = "left after the freeze, or the consent ended"


@dataclass(frozen=True)
class Claim:
    """A request that is written down, and everything that its envelope needs."""

    request_id: int
    public_id: str
    issue: Issue
    edition: Edition
    deliveries: Sequence[Waiting]
    lease_until: datetime
    batch_id: str | None = None
    release_at: datetime | None = None


def claim(
    postroom: Postroom,
    issue_id: int,
    *,
    now: datetime,
    batch_id: str | None = None,
    most: int = 0,
    without: Collection[int] = (),
) -> Claim | None:
    """Take the next deliveries of one edition; None when none waits or the issue rests.

    `batch_id` is what the provider can discard the request by; `most` may lower its size;
    `without` are deliveries to leave for later.
    """
    limit = min(most, postroom.rules.batch_size) or postroom.rules.batch_size
    with postroom.database.write() as session:
        issue = issue_to_claim_from(session, issue_id)
        if issue is None:
            return None
        # With a recall window, letters leave when it is over.
        leaves = now + postroom.rules.recall_window if batch_id else now
        ready = _ready(session, issue, limit, without, at=leaves)
        if not ready:
            return None
        edition = session.get_one(Edition, ready[0].edition_id)
        changed = _changed(postroom, session, issue, edition)
        if changed:
            reason = f"what was approved has changed: {', '.join(changed)}"
            issue.pause(reason=reason, now=now)
            note(session, "issue paused", issue.name, who="dispatch", now=now, reason=reason)
            return None
        request = _request(postroom, issue, edition, size=len(ready), now=now)
        if batch_id:
            request.batch_id = batch_id
            # The provider takes whole seconds.
            request.release_at = (now + postroom.rules.recall_window).replace(microsecond=0)
        session.add(request)
        session.flush()
        put_into_request(session, request, [waiting.id for waiting in ready])
        return _claim(request, issue, edition, ready)


def _claim(request: Request, issue: Issue, edition: Edition, ready: Sequence[Waiting]) -> Claim:
    return Claim(
        request_id=request.id,
        public_id=request.public_id,
        issue=issue,
        edition=edition,
        deliveries=ready,
        lease_until=request.lease_until,
        batch_id=request.batch_id,
        release_at=request.release_at,
    )


def _ready(
    session: Session, issue: Issue, limit: int, without: Collection[int], *, at: datetime
) -> list[Waiting]:
    while waiting := waiting_deliveries(session, issue.id, limit=limit, at=at, without=without):
        gone = [w.id for w in waiting if not w.may_receive or not w.email]
        if gone:
            give_outcome(session, gone, DeliveryOutcome.SUPPRESSED_LATE, reason=GONE)
        ready = [w for w in waiting if w.id not in set(gone)]
        if ready:
            return ready
    return []


def _changed(postroom: Postroom, session: Session, issue: Issue, edition: Edition) -> list[str]:
    approval = latest_approval(session, issue)
    signed = approval.manifest if approval else {}
    present = {f"edition {edition.selection}": edition.rendered.fingerprint}
    for field, value in postroom.newsroom.masthead.sender_line.items():
        present[f"masthead.{field}"] = digest_of(value)
    return [field for field, digest in present.items() if signed.get(field) != digest]


def _request(
    postroom: Postroom, issue: Issue, edition: Edition, *, size: int, now: datetime
) -> Request:
    return Request(
        public_id=new_public_id(),
        issue_id=issue.id,
        edition_id=edition.id,
        size=size,
        state=RequestState.SUBMITTING,
        worker=postroom.journal.worker,
        lease_until=now + postroom.rules.lease,
        created_at=now,
    )
