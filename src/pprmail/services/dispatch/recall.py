"""Recalling: what the provider still keeps is discarded, so that its readers can be written to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from pprmail.errors import StateError
from pprmail.model.issue import Issue
from pprmail.model.request import Request, RequestState
from pprmail.sending.envelope import Recalled, Recaller
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import pause
from pprmail.storage.audit import note
from pprmail.storage.deliveries import move_request, open_recalls, requests_in, requests_of
from pprmail.storage.issues import issue_for_change

CERTAIN_UNTIL: Final = timedelta(minutes=10)
"""Before its release; the provider promises nothing for what is cancelled later."""

MOST_AT_ONCE: Final = 8
"""The provider keeps ten; two are left to whoever steers it by hand."""

OVER_AFTER: Final = timedelta(hours=1)
"""After its release, when what was cancelled has long been discarded."""

CROWDED: Final = "more requests are in doubt than the provider lets be recalled at once"


@dataclass
class Undone:
    """What an undo came to: readers whose letters are recalled, and requests that could not be."""

    issue: Issue
    readers: int = 0
    kept: list[tuple[Request, str]] = field(default_factory=list)


def recall_doubts(postroom: Postroom, *, now: datetime) -> int:
    """Settle the doubts that the provider still keeps; give the number of those recalled.

    Their deliveries wait again. What was accepted before an undo began, and can't be recalled any
    more, is accepted again.
    """
    with postroom.database.read() as session:
        doubts = [r for r in requests_in(session, RequestState.UNKNOWN) if _is_settled_by_us(r)]
    if postroom.recaller is None or not doubts:
        return 0
    ripe = [doubt for doubt in doubts if _is_ripe(postroom, doubt, now=now)]
    return sum(_recall(postroom, doubt, now=now) is Recalled.YES for doubt in ripe)


def waits_for_recall(postroom: Postroom, issue: Issue, *, now: datetime) -> bool:
    """Tell whether a doubt of an issue will be recalled as soon as that is safe."""
    if postroom.recaller is None or not postroom.rules.recalls_doubts:
        return False
    with postroom.database.read() as session:
        doubts = [r for r in requests_of(session, issue) if r.state is RequestState.UNKNOWN]
    return any(doubt.batch_id and now < _last_moment(doubt) for doubt in doubts)


def undo(postroom: Postroom, name: str, *, who: str, now: datetime) -> Undone:
    """Pause an issue and recall all that the provider still keeps of it."""
    with postroom.database.write() as session:
        issue = issue_for_change(session, name)
        issue.undo(who=who, now=now)
        asked, undone = _take_back(postroom, session, issue, now=now)
        note(session, "undo begun", name, who=who, now=now, requests=[r.id for r in asked])
    for request in asked:
        answer = _recall(postroom, request, now=now)
        if answer is Recalled.YES:
            undone.readers += request.size
        else:
            undone.kept.append((request, _WHY[answer]))
    return undone


_WHY: Final = {
    Recalled.NO: "the provider did not take the order",
    Recalled.UNKNOWN: "the provider did not answer; it is in doubt, and tried again",
}


def _take_back(
    postroom: Postroom, session: Session, issue: Issue, *, now: datetime
) -> tuple[Sequence[Request], Undone]:
    """Put what can be recalled in doubt, before anything is asked of the provider."""
    undone, asked = Undone(issue), list[Request]()
    for request in requests_of(session, issue):
        if request.state not in {RequestState.ACCEPTED, RequestState.SUBMITTING}:
            continue
        why = _obstacle(postroom, request, now=now)
        if why is None and len(asked) + len(open_recalls(session)) >= MOST_AT_ONCE:
            why = "the provider recalls only so many at once"
        if why:
            undone.kept.append((request, why))
            continue
        request.take_back()
        asked.append(request)
    return asked, undone


def _obstacle(postroom: Postroom, request: Request, *, now: datetime) -> str | None:
    if request.state is RequestState.SUBMITTING:
        return "it is under way this very moment; undo again in a while"
    if postroom.recaller is None or request.batch_id is None:
        return "it was sent without a recall window"
    return "its letters have left, or are about to" if now >= _last_moment(request) else None


def _is_settled_by_us(doubt: Request) -> bool:
    return doubt.batch_id is not None and doubt.release_at is not None


def _is_ripe(postroom: Postroom, doubt: Request, *, now: datetime) -> bool:
    """Whoever made the request must have ended: a cancel may not hold for what comes after it."""
    wanted = postroom.rules.recalls_doubts or doubt.was_accepted
    return wanted and doubt.lease_until < now


def _recall(postroom: Postroom, request: Request, *, now: datetime) -> Recalled:
    recaller, batch_id = _recaller(postroom), request.batch_id or ""
    if now >= _last_moment(request):
        # Only we cancel it, and only in time: a cancel that stands there now was in time.
        answer = recaller.look(batch_id)
    elif not _has_room(postroom, now=now):
        pause(postroom, request.issue_id, reason=CROWDED)
        return Recalled.UNKNOWN
    else:
        answer = recaller.recall(batch_id)
    _settle(postroom, request, answer, now=now)
    return answer


def _settle(postroom: Postroom, request: Request, answer: Recalled, *, now: datetime) -> None:
    state = {
        Recalled.YES: RequestState.RECALLED,
        Recalled.NO: RequestState.ACCEPTED if request.was_accepted else None,
        Recalled.UNKNOWN: None,
    }[answer]
    if state is None:
        return
    with postroom.database.write() as session:
        try:
            moved = move_request(session, request.id, state, settled_by="recall", finished_at=now)
        except StateError:
            return  # An event proved it accepted meanwhile, or a person decided.
        if moved:
            note(session, "doubt settled", str(request.id), who="recall", now=now, state=state)


def _has_room(postroom: Postroom, *, now: datetime) -> bool:
    with postroom.database.read() as session:
        standing = open_recalls(session)
    if len(standing) < MOST_AT_ONCE:
        return True
    over = [r for r in standing if r.release_at and r.release_at + OVER_AFTER < now]
    return sum(_free(postroom, recalled, now=now) for recalled in over) > 0


def _free(postroom: Postroom, recalled: Request, *, now: datetime) -> bool:
    if not _recaller(postroom).free(recalled.batch_id or ""):
        return False
    with postroom.database.write() as session:
        session.get_one(Request, recalled.id).batch_freed_at = now
    return True


def _last_moment(request: Request) -> datetime:
    # Without a window, a request's letters leave as soon as it is made.
    return (request.release_at or request.created_at) - CERTAIN_UNTIL


def _recaller(postroom: Postroom) -> Recaller:
    if postroom.recaller is None:
        raise StateError(
            "nothing can be recalled: letters are sent without a recall window",
            where="[delivery] recall_window_minutes",
        )
    return postroom.recaller
