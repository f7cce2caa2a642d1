"""What a line of a list does to a reader: who comes in, who waits, who is refused, and why."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import (
    Consent,
    ConsentKind,
    EndReason,
    Subscriber,
    SubscriberStatus,
    implied_until,
    new_public_id,
)
from pprmail.sources.subscriber_list import Origin, SubscriberLine

CONSENT_WORDINGS: Final = {
    Origin.LIST: "as stated in the imported list",
    Origin.OPERATOR: "as stated by the operator",
    Origin.EDITOR: "as stated by an editor",
}
"""What the ledger has for the words of a reader that only somebody else could tell of."""

CLOCKS_DIFFER: Final = timedelta(days=1)
"""A day that is given without its zone may begin later here than where it was written down."""

NEEDS_SOURCE: Final = "an active reader needs a consent_source: where and how this person agreed"
NEEDS_DATE: Final = "implied consent needs a consent_at: it ends two years after that day"
COMES_BACK: Final = (
    "these letters had ended before; none goes there until this reader confirms by the mailed link"
)
NOT_BY_IMPORT: Final = (
    "this address can't be brought in by a list; only its owner can sign it up, on the website"
)


class Known(Protocol):
    """A reader who is known: a row that is about to change, or a look at it."""

    @property
    def name(self) -> str | None:
        """As the row has it."""

    @property
    def status(self) -> SubscriberStatus:
        """As the row has it."""

    @property
    def end_reason(self) -> EndReason | None:
        """As the row has it."""

    @property
    def ended_before(self) -> EndReason | None:
        """As the row has it."""

    @property
    def no_match(self) -> NoMatch:
        """As the row has it."""

    @property
    def lapses_at(self) -> datetime | None:
        """As the row has it."""

    @property
    def chosen_topics(self) -> list[str]:
        """As the rows have them."""


@dataclass(frozen=True)
class NewReader:
    """A reader who is not known yet, as rows."""

    row: dict[str, Any]
    topics: list[str] = field(default_factory=list)
    consent: dict[str, Any] | None = None


@dataclass(frozen=True)
class Change:
    """Whether a line changes a reader who is known, and the consent that it adds, if any."""

    is_one: bool
    consent: Consent | None = None


def refusal(
    line: SubscriberLine, known: Known | None, *, is_erased: bool, now: datetime
) -> str | None:
    """Say why a line can't be taken, if it can't."""
    if is_erased:
        return NOT_BY_IMPORT
    if known is not None and _is_revived(known, line):
        return f"this reader's letters have ended ({known.end_reason}); a list brings nobody back"
    if line.consent_at is not None and line.consent_at > now + CLOCKS_DIFFER:
        return f"consent_at: {line.consent_at:%Y-%m-%d} is still to come"
    if _is_implied(line) and line.consent_at is None:
        return NEEDS_DATE
    asks = line.status is SubscriberStatus.ACTIVE and not _is_active(known)
    return NEEDS_SOURCE if asks and not line.consent_source else None


def status_wanted(line: SubscriberLine, known: Known | None, *, now: datetime) -> SubscriberStatus:
    """Say where a line leaves its reader. Nobody becomes active by a consent that is over."""
    wanted = line.status or _status_without_word(line, known)
    # Who came back after an end is asked by mail, and answers for himself.
    must_wait = _is_over(line, now) or (known is not None and known.ended_before is not None)
    if wanted is SubscriberStatus.ACTIVE and not _is_active(known) and must_wait:
        return SubscriberStatus.PENDING
    return wanted


def why_it_waits(line: SubscriberLine, known: Known | None, *, now: datetime) -> str | None:
    """Say why a reader waits whom the line would make active, if it is so."""
    wanted = line.status or _status_without_word(line, known)
    if wanted is status_wanted(line, known, now=now):
        return None
    if line.consent_at is None or not _is_over(line, now):
        return COMES_BACK
    ended = implied_until(line.consent_at).astimezone(line.consent_at.tzinfo)
    return f"the implied consent of {line.consent_at:%Y-%m-%d} ended on {ended:%Y-%m-%d}; no letter goes there until this reader confirms"


def says_what_is_there(line: SubscriberLine, known: Known, *, now: datetime) -> bool:
    """Tell whether a line is sure to change nothing, as most lines of a list do that comes again."""
    if SubscriberStatus.ENDED in {known.status, line.status}:
        return False
    if refusal(line, known, is_erased=False, now=now) or why_it_waits(line, known, now=now):
        return False
    has_words = line.name in {None, known.name} and line.no_match in {None, known.no_match}
    has_topics = line.topics is None or set(line.topics) == set(known.chosen_topics)
    wanted = status_wanted(line, known, now=now)
    # Nobody is active for longer than one whose consent does not end.
    is_for_good = known.status is SubscriberStatus.ACTIVE and known.lapses_at is None
    return has_words and has_topics and (wanted is not SubscriberStatus.ACTIVE or is_for_good)


def new_reader(line: SubscriberLine, *, now: datetime) -> NewReader:
    """Make the rows of a reader who is not known yet."""
    status = status_wanted(line, None, now=now)
    is_ended = status is SubscriberStatus.ENDED
    consent = _consent(line, now=now)
    row = {
        "public_id": new_public_id(),
        "email": line.email,
        "address_key": line.key,
        "name": line.name,
        "status": status,
        "end_reason": line.end_reason or EndReason.IMPORTED if is_ended else None,
        "ended_at": now if is_ended else None,
        "follows_all": not line.topics,
        "no_match": line.no_match or NoMatch.NOTE,
        "created_at": now,
        "updated_at": now,
        "lapses_at": consent["ends_at"] if consent else None,
        "token_epoch": 0,
    }
    return NewReader(row, line.topics or [], consent)


def change(
    known: Subscriber, line: SubscriberLine, wanted: SubscriberStatus, *, now: datetime
) -> Change:
    """Change a reader who is known as a line says."""
    reason = line.end_reason or EndReason.IMPORTED
    if known.status is SubscriberStatus.ENDED:
        # Whose letters have ended is left alone, but for a graver reason.
        changes, consent = [known.end(reason, now=now)], None
    else:
        changes = [_set_words(known, line), _set_topics(known, line, now=now)]
        changes.append(wanted is SubscriberStatus.ENDED and known.end(reason, now=now))
        consent = _consent_that_counts(known, line, wanted, now=now)
    change = Change(any(changes) or consent is not None, consent)
    if change.is_one:
        known.updated_at = now
    return change


def _is_revived(known: Known, line: SubscriberLine) -> bool:
    return known.status is SubscriberStatus.ENDED and line.status is not SubscriberStatus.ENDED


def _is_implied(line: SubscriberLine) -> bool:
    return bool(line.consent_source) and line.consent_kind is ConsentKind.IMPLIED


def _is_active(known: Known | None) -> bool:
    return known is not None and known.status is SubscriberStatus.ACTIVE


def _status_without_word(line: SubscriberLine, known: Known | None) -> SubscriberStatus:
    if known is not None and known.status is not SubscriberStatus.PENDING:
        return known.status
    return SubscriberStatus.ACTIVE if line.consent_source else SubscriberStatus.PENDING


def _is_over(line: SubscriberLine, now: datetime) -> bool:
    if not _is_implied(line) or line.consent_at is None:
        return False
    return implied_until(line.consent_at) <= now


def _consent(line: SubscriberLine, *, now: datetime) -> dict[str, Any] | None:
    if not line.consent_source:
        return None
    at = line.consent_at or now
    return {
        "at": at,
        "how": line.consent_source,
        "kind": line.consent_kind or ConsentKind.EXPRESS,
        "wording": CONSENT_WORDINGS[line.origin],
        "recorded_at": now,
        "ends_at": implied_until(at) if _is_implied(line) else None,
    }


def _set_words(known: Subscriber, line: SubscriberLine) -> bool:
    name = known.name if line.name is None else line.name
    no_match = line.no_match or known.no_match
    if (name, no_match) == (known.name, known.no_match):
        return False
    known.name, known.no_match = name, no_match
    return True


def _set_topics(known: Subscriber, line: SubscriberLine, *, now: datetime) -> bool:
    if line.topics is None or set(line.topics) == set(known.chosen_topics):
        return False
    known.follow(line.topics, now=now)
    return True


def _consent_that_counts(
    known: Subscriber, line: SubscriberLine, wanted: SubscriberStatus, *, now: datetime
) -> Consent | None:
    """Make a reader active by a line's consent, or active for longer than before."""
    if wanted is not SubscriberStatus.ACTIVE:
        return None
    if known.status is SubscriberStatus.ACTIVE and known.lapses_at is None:
        return None
    given = _consent(line, now=now)
    if given is None or (known.lapses_at and not _lasts_longer(given, known)):
        return None
    consent = Consent(subscriber_id=known.id, **given)
    known.be_active_by(consent)
    return consent


def _lasts_longer(given: dict[str, Any], known: Subscriber) -> bool:
    return given["ends_at"] is None or given["ends_at"] > known.lapses_at
