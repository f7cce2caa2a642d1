"""Enrolment: a list of subscribers is compared with the rows, shown, and only then brought in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import (
    Consent,
    ConsentKind,
    EndReason,
    Subscriber,
    SubscriberStatus,
    new_public_id,
)
from pprmail.sources.subscriber_list import Refused, SubscriberLine, SubscriberList
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscribers_with_keys

AT_ONCE: Final = 500
CONSENT_WORDING: Final = "as stated in the imported list"


@dataclass(frozen=True)
class Enrolment:
    """What a list does to the rows: addresses that are new, change or stay, and refused lines."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def enrol(database: Database, lines: SubscriberList, *, who: str, now: datetime) -> Enrolment:
    """Bring a list in, all of its good lines or, if anything fails, none."""
    with database.write() as session:
        result = _enrolled(session, lines, now=now)
        note(
            session,
            "subscribers imported",
            f"{len(result.new)} new, {len(result.changed)} changed",
            who=who,
            now=now,
        )
    return result


def rehearse_enrolment(database: Database, lines: SubscriberList, *, now: datetime) -> Enrolment:
    """Say what a list would do, and write nothing."""
    with database.read() as session, session.no_autoflush:
        return _enrolled(session, lines, now=now)


def _enrolled(session: Session, lines: SubscriberList, *, now: datetime) -> Enrolment:
    result = Enrolment(refused=list(lines.refused))
    for some in _in_parts(lines.lines):
        known = subscribers_with_keys(session, (line.key for _, line in some))
        for place, line in some:
            reason = _enrol_line(session, line, known.get(line.key), result, now=now)
            if reason:
                result.refused.append(Refused(place, reason))
    return result


def _in_parts(
    lines: Sequence[tuple[str, SubscriberLine]],
) -> Iterator[Sequence[tuple[str, SubscriberLine]]]:
    for start in range(0, len(lines), AT_ONCE):
        yield lines[start : start + AT_ONCE]


def _enrol_line(
    session: Session,
    line: SubscriberLine,
    known: Subscriber | None,
    result: Enrolment,
    *,
    now: datetime,
) -> str | None:
    wanted = line.status or _status_without_word(line, known)
    if wanted is SubscriberStatus.ACTIVE and not line.consent_source and not _is_active(known):
        return "an active reader needs a consent_source: where and how this person agreed"
    if known is None:
        session.add(_subscriber(line, wanted, now=now))
        result.new.append(line.email)
        return None
    if known.status is SubscriberStatus.ENDED and wanted is not SubscriberStatus.ENDED:
        return f"this reader's letters have ended ({known.end_reason}); a list brings nobody back"
    is_changed = _change(known, line, wanted, now=now)
    (result.changed if is_changed else result.unchanged).append(line.email)
    return None


def _status_without_word(line: SubscriberLine, known: Subscriber | None) -> SubscriberStatus:
    if known is not None and known.status is not SubscriberStatus.PENDING:
        return known.status
    return SubscriberStatus.ACTIVE if line.consent_source else SubscriberStatus.PENDING


def _is_active(known: Subscriber | None) -> bool:
    return known is not None and known.status is SubscriberStatus.ACTIVE


def _subscriber(line: SubscriberLine, status: SubscriberStatus, *, now: datetime) -> Subscriber:
    subscriber = Subscriber(
        public_id=new_public_id(),
        email=line.email,
        address_key=line.key,
        name=line.name,
        status=status,
        follows_all=True,
        no_match=line.no_match or NoMatch.NOTE,
        created_at=now,
        updated_at=now,
        preferences=[],
        consents=_consents(line, now=now),
    )
    subscriber.follow(line.topics or [], now=now)
    if status is SubscriberStatus.ENDED:
        subscriber.end(EndReason.IMPORTED, now=now)
    return subscriber


def _consents(line: SubscriberLine, *, now: datetime) -> list[Consent]:
    if not line.consent_source:
        return []
    return [
        Consent(
            at=line.consent_at or now,
            how=line.consent_source,
            kind=line.consent_kind or ConsentKind.EXPRESS,
            wording=CONSENT_WORDING,
            recorded_at=now,
        )
    ]


def _change(
    known: Subscriber, line: SubscriberLine, wanted: SubscriberStatus, *, now: datetime
) -> bool:
    changes = [
        _set_name(known, line),
        _set_no_match(known, line),
        _set_topics(known, line, now=now),
        _set_status(known, line, wanted, now=now),
    ]
    if any(changes):
        known.updated_at = now
    return any(changes)


def _set_name(known: Subscriber, line: SubscriberLine) -> bool:
    if line.name is None or line.name == known.name:
        return False
    known.name = line.name
    return True


def _set_no_match(known: Subscriber, line: SubscriberLine) -> bool:
    if line.no_match is None or line.no_match is known.no_match:
        return False
    known.no_match = line.no_match
    return True


def _set_topics(known: Subscriber, line: SubscriberLine, *, now: datetime) -> bool:
    if line.topics is None or set(line.topics) == set(known.chosen_topics):
        return False
    known.follow(line.topics, now=now)
    return True


def _set_status(
    known: Subscriber, line: SubscriberLine, wanted: SubscriberStatus, *, now: datetime
) -> bool:
    if wanted is SubscriberStatus.ENDED:
        return known.end(EndReason.IMPORTED, now=now)
    if wanted is known.status or wanted is SubscriberStatus.PENDING:
        return False
    known.status = wanted
    known.consents += _consents(line, now=now)
    return True
