"""Where a month stands: one sentence, the one next step, and the four stages of a letter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from pprmail.model.calendar import in_words
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month, month_in_words
from pprmail.model.obstacle import obstacle
from pprmail.model.subject import in_words as number


class Step(StrEnum):
    """What an editor does next."""

    WRITE = "write"
    ASSEMBLE = "assemble"
    MEND = "mend"
    TICK = "tick"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    WATCH = "watch"
    DECIDE = "decide"
    REPORT = "report"


class StageState(StrEnum):
    """Whether a stage is behind, here, or still to come."""

    DONE = "done"
    NOW = "now"
    LATER = "later"


@dataclass(frozen=True)
class Stage:
    """One of the four stages."""

    name: str
    state: StageState


STAGES: Final = ("Assemble", "Check", "Approve", "Send")


@dataclass(frozen=True)
class Facts:
    """What is known of a month: `summaries` are all of it, whether or not an issue holds them."""

    month: Month
    summaries: int = 0
    issue: Issue | None = None
    assembles_at: datetime | None = None
    errors: int = 0
    waiting: int = 0
    changed: Sequence[str] = ()
    was_approved: bool = False
    readers: int = 0
    taken: int = 0


@dataclass(frozen=True)
class Standing:
    """Where a month stands."""

    sentence: str
    step: Step
    stages: Sequence[Stage]


def stand(facts: Facts, zone: ZoneInfo) -> Standing:
    """Say where a month stands."""
    sentence, step, done = _told(facts, zone)
    return Standing(sentence, step, list(_stages(done)) if done >= 0 else [])


def _stages(done: int) -> Iterator[Stage]:
    for place, name in enumerate(STAGES):
        here = StageState.NOW if place == done else StageState.LATER
        yield Stage(name, StageState.DONE if place < done else here)


Told = tuple[str, Step, int]
"""A sentence, the next step, and how many stages are behind; -1 where there is no letter."""


def _told(facts: Facts, zone: ZoneInfo) -> Told:
    if facts.issue is None:
        return _not_begun(facts, zone)
    state, words = facts.issue.state, month_in_words(facts.month)
    if state is IssueState.DRAFT:
        return _draft(facts, words)
    if state is IssueState.APPROVED:
        return _approved(facts, facts.issue, words, zone)
    if state is IssueState.SENDING:
        return _sending(facts, facts.issue, words)
    return _ended(facts.issue, words, zone)


def _not_begun(facts: Facts, zone: ZoneInfo) -> Told:
    words = month_in_words(facts.month)
    if not facts.summaries:
        return f"{words} has no summary yet.", Step.WRITE, 0
    said = f"{words} has {_summaries(facts.summaries)}, and its letter is not assembled yet."
    if facts.assembles_at is not None:
        said += f" It assembles itself on {in_words(facts.assembles_at, zone)}."
    return said, Step.ASSEMBLE, 0


def _draft(facts: Facts, words: str) -> Told:
    held = len(facts.issue.entries) if facts.issue else 0
    letter = f"The letter of {words}"
    if not held:
        return f"{letter} is begun, and holds no summary yet.", Step.WRITE, 0
    if facts.errors:
        must = "one thing" if facts.errors == 1 else f"{number(facts.errors)} things"
        said = f"{letter} holds {_summaries(held)}; {must} must be mended before it is approved."
        return said, Step.MEND, 1
    if facts.waiting:
        seen = (
            "one warning waits" if facts.waiting == 1 else f"{number(facts.waiting)} warnings wait"
        )
        return f"{letter} holds {_summaries(held)}; {seen} for you to look at.", Step.TICK, 1
    if facts.was_approved:
        said = f"{letter} was approved and has changed since, so it must be approved again."
        return said, Step.APPROVE, 2
    about = _readers(facts.readers)
    return f"{letter} is ready to be approved, for about {about}.", Step.APPROVE, 2


def _approved(facts: Facts, issue: Issue, words: str, zone: ZoneInfo) -> Told:
    letter = f"The letter of {words}"
    if facts.changed:
        why = "; ".join(facts.changed)
        return f"{letter} must be approved again, because this has changed: {why}.", Step.APPROVE, 2
    if issue.send_at is None:
        return f"{letter} is approved, and has no time to go out yet.", Step.SCHEDULE, 3
    when, about = in_words(issue.send_at, zone), _readers(facts.readers)
    return f"{letter} goes out on {when}, to about {about}.", Step.WATCH, 3


def _sending(facts: Facts, issue: Issue, words: str) -> Told:
    if issue.paused_at is not None:
        return (
            f"The sending of {words} rests. {obstacle(issue.pause_reason or '').words}",
            Step.DECIDE,
            3,
        )
    frozen = issue.frozen_readers or 0
    said = f"The letter of {words} is going out: {facts.taken:,} of {frozen:,} letters are taken."
    return said, Step.WATCH, 3


def _ended(issue: Issue, words: str, zone: ZoneInfo) -> Told:
    if issue.state is IssueState.SKIPPED:
        return f"There is no letter in {words}.", Step.WRITE, -1
    if issue.state is IssueState.CANCELLED:
        return f"The sending of {words} was stopped for good.", Step.REPORT, -1
    when = in_words(issue.sent_at, zone) if issue.sent_at else "at some time"
    to = _readers(issue.frozen_readers or 0)
    return f"The letter of {words} went out to {to}; it was done on {when}.", Step.REPORT, 4


def _summaries(count: int) -> str:
    return f"{number(count)} {'summary' if count == 1 else 'summaries'}"


def _readers(count: int) -> str:
    return f"{count:,} {'reader' if count == 1 else 'readers'}"
