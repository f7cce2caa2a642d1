"""Recalling: what the provider still keeps is discarded, so that its readers can be written to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from pprmail.errors import StateError
from pprmail.model.issue import Issue
from pprmail.model.request import RECALL, Request, RequestState
from pprmail.sending.envelope import Recalled, Recaller
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.record import pause
from pprmail.storage.audit import note
from pprmail.storage.deliveries import move_request, open_recalls, requests_in, requests_of
from pprmail.storage.issues import issue_by_id, issue_for_change

MOST_AT_ONCE: Final = 8
"""The provider keeps ten; two are left to whoever steers it by hand."""

OVER_AFTER: Final = timedelta(hours=1)
"""After its release, when what was cancelled has long been discarded."""

OVER_UNHEARD: Final = timedelta(days=1)
"""The same, where nobody knows that its maker will not make it still."""

CROWDED: Final = (
    "more requests are in doubt than the provider lets be recalled at once; "
    "settle them by hand, or resume the issue in ten minutes"
)


@dataclass
class Undone:
    """What an undo came to: readers whose letters are recalled, and requests that could not be.

    `asked` are the requests that the provider is to be asked to discard.
    """

    issue: Issue
    asked: Sequence[Request] = ()
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
    return sum(_recall(postroom, doubt) is Recalled.YES for doubt in ripe)


def waits_for_recall(postroom: Postroom, issue: Issue, *, now: datetime) -> bool:
    """Tell whether a doubt of an issue will be recalled as soon as that is safe."""
    if postroom.recaller is None or not postroom.rules.recalls_doubts:
        return False
    with postroom.database.read() as session:
        doubts = [r for r in requests_of(session, issue) if r.state is RequestState.UNKNOWN]
    return any(doubt.batch_id and now < doubt.certain_until for doubt in doubts)


def undo(postroom: Postroom, name: str, *, who: str, now: datetime) -> Undone:
    """Pause an issue and recall all that the provider still keeps of it."""
    return finish_undo(postroom, begin_undo(postroom, name, who=who, now=now))


def begin_undo(postroom: Postroom, name: str, *, who: str, now: datetime) -> Undone:
    """Pause an issue and put what can be recalled in doubt; the provider is asked afterwards.

    If it never is, because the process ends, the next tick does it.
    """
    with postroom.database.write() as session:
        issue = issue_for_change(session, name)
        issue.undo(who=who, now=now)
        undone = _take_back(postroom, session, issue, now=now)
        numbers = [request.id for request in undone.asked]
        note(session, "undo begun", name, who=who, now=now, requests=numbers)
    return undone


def finish_undo(postroom: Postroom, undone: Undone) -> Undone:
    """Ask the provider to discard what was taken back, and say what became of it."""
    for request in undone.asked:
        answer = _recall(postroom, request)
        if answer is Recalled.YES:
            undone.readers += request.size
        else:
            undone.kept.append((request, _WHY[answer]))
    return undone


_WHY: Final = {
    Recalled.NO: "the provider did not take the order",
    Recalled.UNKNOWN: "the provider did not answer; it is in doubt, and tried again",
}


def _take_back(postroom: Postroom, session: Session, issue: Issue, *, now: datetime) -> Undone:
    """Put what can be recalled in doubt, before anything is asked of the provider."""
    asked = list[Request]()
    undone = Undone(issue, asked)
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
    return undone


def _obstacle(postroom: Postroom, request: Request, *, now: datetime) -> str | None:
    if request.state is RequestState.SUBMITTING:
        return "it is under way this very moment; undo again in a while"
    return why_not_recalled(postroom, request, now=now)


def why_not_recalled(postroom: Postroom, request: Request, *, now: datetime) -> str | None:
    """Say what keeps an accepted request from being recalled; None if nothing does."""
    if postroom.recaller is None or request.batch_id is None:
        return "it was sent without a recall window"
    return "its letters have left, or are about to" if now >= request.certain_until else None


def _is_settled_by_us(doubt: Request) -> bool:
    return doubt.batch_id is not None and doubt.release_at is not None


def _is_ripe(postroom: Postroom, doubt: Request, *, now: datetime) -> bool:
    """Whoever made the request must have ended: a cancel may not hold for what comes after it."""
    wanted = postroom.rules.recalls_doubts or doubt.was_accepted
    return wanted and doubt.lease_until < now


def _recall(postroom: Postroom, request: Request) -> Recalled:
    is_late = postroom.clock() >= request.certain_until
    if not is_late and not _has_room(postroom, now=postroom.clock()):
        pause(postroom, request.issue_id, reason=CROWDED)
        return Recalled.UNKNOWN
    if not _mark(postroom, request):
        return Recalled.NO
    answer = _asked(postroom, request, is_late=is_late)
    _settle(postroom, request, answer, now=postroom.clock())
    return answer


def _asked(postroom: Postroom, request: Request, *, is_late: bool) -> Recalled:
    """Ask the provider; that it will discard it counts only if it is heard in time.

    An order that came too late stands there like any other, and is not carried out. Time passes
    while one waits for an answer, or for one's turn on this machine.
    """
    batch_id, until = request.batch_id or "", request.certain_until
    recaller = _recaller(postroom)
    ask = recaller.look if is_late else recaller.recall
    answer = ask(batch_id, until=until)
    is_heard_late = answer is Recalled.YES and postroom.clock() >= until
    return Recalled.UNKNOWN if is_heard_late else answer


def _mark(postroom: Postroom, request: Request) -> bool:
    """Write down that it may be discarded from now on, so that a late answer settles nothing.

    Gives False where an event or a person settled it meanwhile.
    """
    with postroom.database.write() as session:
        fresh = session.get_one(Request, request.id, with_for_update={"key_share": True})
        if fresh.state is not RequestState.UNKNOWN:
            return False
        fresh.settled_by = RECALL
    return True


def _settle(postroom: Postroom, request: Request, answer: Recalled, *, now: datetime) -> None:
    if answer is Recalled.UNKNOWN:
        return
    with postroom.database.write() as session:
        issue_by_id(session, request.issue_id)
        fresh = session.get_one(Request, request.id, with_for_update={"key_share": True})
        if not fresh.is_being_recalled:
            return  # An event proved it accepted meanwhile, or a person decided.
        if answer is Recalled.NO and not fresh.was_accepted:
            fresh.settled_by = None
            return
        # Whether it was accepted is asked only now: its maker may have learned it meanwhile.
        state = RequestState.RECALLED if answer is Recalled.YES else RequestState.ACCEPTED
        move_request(session, request.id, state, settled_by=RECALL, finished_at=now)
        note(session, "doubt settled", str(request.id), who="recall", now=now, state=state)


def _has_room(postroom: Postroom, *, now: datetime) -> bool:
    with postroom.database.read() as session:
        standing = open_recalls(session)
    if len(standing) < MOST_AT_ONCE:
        return True
    over = [recalled for recalled in standing if _is_over(recalled, now=now)]
    return sum(_free(postroom, recalled, now=now) for recalled in over) > 0


def _is_over(recalled: Request, *, now: datetime) -> bool:
    # A process that stood still may wake, and send what only the standing order still discards.
    patience = OVER_AFTER if recalled.http_status is not None else OVER_UNHEARD
    return recalled.release_at is not None and recalled.release_at + patience < now


def _free(postroom: Postroom, recalled: Request, *, now: datetime) -> bool:
    if not _recaller(postroom).free(recalled.batch_id or ""):
        return False
    with postroom.database.write() as session:
        session.get_one(Request, recalled.id).batch_freed_at = now
    return True


def _recaller(postroom: Postroom) -> Recaller:
    if postroom.recaller is None:
        raise StateError(
            "nothing can be recalled: letters are sent without a recall window",
            where="[delivery] recall_window_minutes",
        )
    return postroom.recaller
