"""The verdict: what the rows claim, held against the provider's own ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pprmail.bootstrap import App
from pprmail.model.delivery import Delivery
from pprmail.model.issue import IssueState
from pprmail.model.request import Request
from pprmail.model.subscriber import Subscriber
from pprmail.sandbox import Acceptance, Ledger
from pprmail.sending.journal import intents
from pprmail.sending.webhook import DELIVERY_ARGUMENT, REQUEST_ARGUMENT
from pprmail.services.reports import IssueStatus, status
from pprmail.storage.deliveries import promises_of, requests_of
from pprmail.storage.issues import issue_named, present_editions

LETTERS: dict[str, tuple[int, ...]] = {
    "accepted": (1,),
    "unknown": (0, 1),
    "skipped": (0, 1),
    "rejected": (0,),
    "suppressed_late": (0,),
    "cancelled": (0,),
    "pending": (0,),
}
"""How many letters the ledger may hold for a delivery that stands like this in the rows."""


@dataclass(frozen=True)
class Verdict:
    """What became of a sending; `complaints` are promises that were not kept, in words."""

    status: IssueStatus
    complaints: Sequence[str]
    letters: int
    duplicates: int
    lost: int


def judge(app: App, month: str, ledger: Ledger, *, now: datetime) -> Verdict:
    """Hold rows, journal and ledger against each other, when all that was to leave has left."""
    found = status(app.newsroom, month, now=now)
    kept = Counter(_delivery(each) for each in ledger.kept())
    with app.database.read() as session:
        promises = promises_of(session, found.issue)
        requests = {r.public_id: r for r in requests_of(session, found.issue)}
        editions = present_editions(session, issue_named(session, month))
        approved = {(_digest(edition.text), _digest(edition.html)) for edition in editions}
    complaints = [
        *unevenness(found),
        *_miscounted(promises, kept),
        *_strangers(ledger, {delivery.id for delivery, _, _ in promises}),
        *_against_their_will(promises, ledger, requests),
        *_without_intent(app, ledger),
        *_never_approved(ledger, approved),
    ]
    return Verdict(
        status=found,
        complaints=complaints,
        letters=kept.total(),
        duplicates=sum(n - 1 for n in kept.values() if n > 1),
        lost=sum(not kept[d.id] for d, _, r in promises if standing_of(d, r) == "accepted"),
    )


def unevenness(found: IssueStatus) -> Iterator[str]:
    """Say where the equation does not hold, or a state does not follow from it."""
    if not found.balanced:
        yield f"the equation does not balance: {found.equation.as_json()}, uneven {found.uneven}"
    is_open = found.equation.pending + found.equation.in_flight + len(found.doubts) > 0
    if found.issue.state is IssueState.SENT and is_open:
        yield f"it is called sent, and is not: {found.equation.as_json()}"
    if bool(found.equation.held) != bool(found.doubts):
        yield "what is held and the doubts that are listed are not the same"


def standing_of(delivery: Delivery, request: Request | None) -> str:
    """Say in one word where a delivery stands."""
    if delivery.outcome is not None:
        return delivery.outcome
    return request.state if request is not None else "pending"


def _miscounted(
    promises: Sequence[tuple[Delivery, Subscriber, Request | None]], kept: Counter[int]
) -> Iterator[str]:
    for delivery, _, request in promises:
        standing = standing_of(delivery, request)
        if kept[delivery.id] not in LETTERS.get(standing, ()):
            yield f"delivery {delivery.id} is {standing} and has {kept[delivery.id]} letters"


def _strangers(ledger: Ledger, promised: set[int]) -> Iterator[str]:
    for each in ledger.acceptances():
        if _delivery(each) not in promised:
            yield f"request {each.request} of the ledger has a letter that was never promised"


def _against_their_will(
    promises: Sequence[tuple[Delivery, Subscriber, Request | None]],
    ledger: Ledger,
    requests: dict[str, Request],
) -> Iterator[str]:
    made = defaultdict[int, list[datetime]](list)
    for each in ledger.acceptances():
        request = requests.get(each.custom_args.get(REQUEST_ARGUMENT, ""))
        if request is None:
            yield f"request {each.request} of the ledger is in no row"
        else:
            made[_delivery(each)].append(request.created_at)
    for delivery, reader, _ in promises:
        if reader.ended_at and any(at > reader.ended_at for at in made[delivery.id]):
            yield f"the reader of delivery {delivery.id} had left before it was claimed"


def _without_intent(app: App, ledger: Ledger) -> Iterator[str]:
    journal = app.postroom.journal
    intended = {each.request for each in intents(journal.folder, journal.installation)}
    for each in ledger.acceptances():
        if each.custom_args.get(REQUEST_ARGUMENT) not in intended:
            yield f"request {each.request} of the ledger has no intent in the journal"


def _never_approved(ledger: Ledger, approved: set[tuple[str, str]]) -> Iterator[str]:
    for entry in ledger.accepted:
        text, html = (content["sha256"] for content in entry["contents"])
        if (text, html) not in approved:
            yield f"request {entry['request']} of the ledger holds what nobody approved"


def _delivery(acceptance: Acceptance) -> int:
    return int(acceptance.custom_args.get(DELIVERY_ARGUMENT, 0))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
