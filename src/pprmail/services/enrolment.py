"""Enrolment: a list of subscribers is compared with the rows, shown, and only then brought in."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy.orm import Session

from pprmail.model.link import Signer
from pprmail.model.subscriber import Subscriber
from pprmail.services.enrolment_rules import (
    NewReader,
    change,
    new_reader,
    refusal,
    says_what_is_there,
    status_wanted,
    why_it_waits,
)
from pprmail.sources.subscriber_list import Refused, SubscriberLine, SubscriberList
from pprmail.storage.audit import note
from pprmail.storage.database import Database
from pprmail.storage.erasure import ERASED
from pprmail.storage.lists import known_readers
from pprmail.storage.subscribers import (
    add_readers,
    any_erased,
    digests_present,
    subscribers_with_keys,
)

AT_ONCE: Final = 500

Line = tuple[str, SubscriberLine]


def nobody_watches(done: int, total: int) -> None:
    """Take no notice of progress."""


@dataclass(frozen=True)
class Enrolment:
    """What a list does to the rows: addresses that are new, change or stay, and refused lines.

    `waiting` are lines that say “active” and come in as “pending”, with the reason.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    waiting: list[Refused] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """Give a short name of all of it: another outcome has another one."""
        refused, waiting = (
            [(r.where, r.reason) for r in some] for some in (self.refused, self.waiting)
        )
        told = [self.new, self.changed, len(self.unchanged), refused, waiting]
        return sha256(json.dumps(told).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Registrar:
    """Compares lists with the rows, and brings them in; the signer knows who was erased."""

    database: Database
    signer: Signer
    watch: Callable[[int, int], None] = nobody_watches

    def enrol(self, lines: SubscriberList, *, who: str, now: datetime) -> Enrolment:
        """Bring a list in, all of its good lines or, if anything fails, none."""
        with self.database.write() as session:
            result = self._enrolled(session, lines, now=now, writes=True)
            counts = f"{len(result.new)} new, {len(result.changed)} changed"
            note(session, "subscribers imported", counts, who=who, now=now)
        return result

    def enrol_as_shown(
        self, lines: SubscriberList, mark: str, *, who: str, now: datetime
    ) -> Enrolment | None:
        """Bring a list in if that does exactly what was shown; None, and nothing, if it would not."""
        with self.database.write() as session:
            result = self._enrolled(session, lines, now=now, writes=True)
            if result.mark != mark:
                session.rollback()
                return None
            counts = f"{len(result.new)} new, {len(result.changed)} changed"
            note(session, "subscribers imported", counts, who=who, now=now)
        return result

    def rehearse(self, lines: SubscriberList, *, now: datetime) -> Enrolment:
        """Say what a list would do, and write nothing."""
        with self.database.read() as session, session.no_autoflush:
            return self._enrolled(session, lines, now=now, writes=False)

    def _enrolled(
        self, session: Session, lines: SubscriberList, *, now: datetime, writes: bool
    ) -> Enrolment:
        result, done = Enrolment(refused=list(lines.refused)), 0
        may_be_erased = any_erased(session)
        for some in _in_parts(lines.lines):
            erased = self._erased(session, some) if may_be_erased else set()
            part = _Part(session, result, erased, now, writes)
            fresh = part.taken(some)
            if writes:
                session.flush()
                add_readers(session, fresh)
            # What is done with is let go of: a list may be longer than memory.
            session.expunge_all()
            done += len(some)
            self.watch(done, len(lines.lines))
        result.refused.sort(key=lambda refused: _number(refused.where))
        return result

    def _erased(self, session: Session, some: Sequence[Line]) -> set[str]:
        """Name the address keys among some lines whose owners had themselves erased."""
        named = {
            digest: line.key for _, line in some for digest in self.signer.digests(ERASED, line.key)
        }
        return {named[digest] for digest in digests_present(session, named)}


@dataclass(frozen=True)
class _Part:
    session: Session
    result: Enrolment
    erased: set[str]
    now: datetime
    writes: bool

    def taken(self, some: Sequence[Line]) -> list[NewReader]:
        """Compare some lines; change whom they know, and give whom they bring."""
        same = self._said_again(some)
        keys = (line.key for _, line in some if line.key not in same)
        known = subscribers_with_keys(self.session, keys, for_change=self.writes)
        fresh = []
        for place, line in some:
            if line.key in same:
                self.result.unchanged.append(line.email)
                continue
            present = known.get(line.key)
            reason = refusal(line, present, is_erased=line.key in self.erased, now=self.now)
            if reason:
                self.result.refused.append(Refused(place, reason))
                continue
            self._say_if_it_waits(place, line, present)
            if present is None:
                self.result.new.append(line.email)
                fresh.append(new_reader(line, now=self.now))
            else:
                self._change(present, line)
        return fresh

    def _said_again(self, some: Sequence[Line]) -> set[str]:
        """Name the keys of lines that change nothing; whose rows need not be locked for them."""
        seen = known_readers(self.session, [line.key for _, line in some])
        return {
            line.key
            for _, line in some
            if line.key not in self.erased
            and (known := seen.get(line.key)) is not None
            and says_what_is_there(line, known, now=self.now)
        }

    def _say_if_it_waits(self, place: str, line: SubscriberLine, known: Subscriber | None) -> None:
        why = why_it_waits(line, known, now=self.now)
        if why:
            self.result.waiting.append(Refused(place, why))

    def _change(self, known: Subscriber, line: SubscriberLine) -> None:
        done = change(known, line, status_wanted(line, known, now=self.now), now=self.now)
        if done.consent is not None:
            self.session.add(done.consent)
        (self.result.changed if done.is_one else self.result.unchanged).append(line.email)


def _in_parts(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    for start in range(0, len(lines), AT_ONCE):
        yield lines[start : start + AT_ONCE]


def _number(place: str) -> int:
    last = place.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0
