"""Corrections: what was sent and proved wrong is noted with its date, and its readers are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError, StaleError, StateError
from pprmail.model.audience import HOLDERS, Holders
from pprmail.model.correction import LONGEST_NOTE, Correction, CorrectionKind
from pprmail.model.issue import Issue, IssueKind, IssueState
from pprmail.model.summary import Summary
from pprmail.services.issue_editing import tidy_text
from pprmail.services.newsroom import Newsroom
from pprmail.storage.audience import count_readers
from pprmail.storage.audit import note
from pprmail.storage.corrections import correction_for_change, letter_about, notes_on
from pprmail.storage.issues import issue_by_id, issue_for_change, issue_named
from pprmail.storage.summaries import issues_holding


@dataclass(frozen=True)
class Told:
    """A note, and the letter that tells of it, if there is one."""

    note: Correction
    letter: Issue | None


@dataclass(frozen=True)
class Corrected:
    """A summary that was sent: how many hold it and may be written to, and what was noted since."""

    summary: Summary
    holders: int
    notes: Sequence[Told]


@dataclass(frozen=True)
class Reworded:
    """A note after it was saved, and what that meant for its letter.

    `kept_letter` names a letter whose introduction somebody wrote, so that it stays as it is.
    """

    note: Correction
    is_new: bool = True
    ended_approval: bool = False
    kept_letter: Issue | None = None


class GivenUp(StrEnum):
    """What came of giving a letter up."""

    NOW = "now"
    BEFORE = "before"
    TOO_LATE = "too late"


def corrections_of(
    newsroom: Newsroom, name: str, *, now: datetime
) -> tuple[Issue, list[Corrected]]:
    """Give an issue that was sent with what was noted on each of its summaries."""
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
        _refuse_unsent(issue)
        notes = notes_on(session, [summary.id for summary in issue.summaries])
        told = [Told(each, _letter_of(session, each)) for each in notes]
    return issue, [
        Corrected(
            summary=summary,
            holders=_holders(newsroom, issue, summary, now=now),
            notes=[each for each in told if each.note.summary_id == summary.id],
        )
        for summary in issue.summaries
    ]


def add_note(
    newsroom: Newsroom,
    name: str,
    *,
    about: str,
    said: tuple[CorrectionKind, str],
    by: str,
    now: datetime,
) -> Correction:
    """Put a dated note on a summary that an issue has brought to readers."""
    kind, text = said
    with newsroom.database.write() as session:
        issue = issue_for_change(session, name)
        _refuse_unsent(issue)
        summary = _summary_in(issue, about)
        correction = Correction(
            summary_id=summary.id, kind=kind, text=_fit(text), noted_at=now, noted_by=by
        )
        session.add(correction)
        session.flush()
        after = {"kind": kind, "text": correction.text}
        note(session, f"{kind} noted", about, who=by, now=now, before={}, after=after)
    return correction


def reword_note(
    newsroom: Newsroom, number: int, *, text: str, version: int, by: str, now: datetime
) -> Reworded:
    """Say a note otherwise; a letter about it that has not begun to be sent says the same.

    An introduction that somebody has written for the letter since stays, and its approval with it.
    """
    with newsroom.database.write() as session:
        correction = correction_for_change(session, number)
        if correction.is_shown and _is_same(correction.text, text):
            return Reworded(correction, is_new=False)
        if correction.version != version:
            raise StaleError("somebody else changed this note meanwhile", present=correction.text)
        before = correction.text
        correction.reword(_fit(text))
        changed = {"before": {"text": before}, "after": {"text": correction.text}}
        note(session, "note reworded", _slug(session, correction), who=by, now=now, **changed)
        return _tell_anew(session, correction, before, by=by, now=now)


def take_note_down(newsroom: Newsroom, number: int, *, by: str, now: datetime) -> Correction:
    """Show a note no more; a letter about it that has not begun to be sent is not sent."""
    with newsroom.database.write() as session:
        correction = correction_for_change(session, number)
        _give_up(session, correction, by=by, now=now)
        correction.take_down(now=now)
        note(session, "note taken down", _slug(session, correction), who=by, now=now)
    return correction


def give_letter_up(newsroom: Newsroom, number: int, *, by: str, now: datetime) -> GivenUp:
    """Send no letter about a note, which stays; tell whether that was still to be done."""
    with newsroom.database.write() as session:
        return _give_up(session, correction_for_change(session, number), by=by, now=now)


def draft_letter(newsroom: Newsroom, number: int, *, by: str, now: datetime) -> Issue:
    """Draft the letter that tells whoever got a summary; a note has one letter at most."""
    with newsroom.database.write() as session:
        correction = correction_for_change(session, number)
        letter = _letter_of(session, correction)
        if letter is not None and letter.state is not IssueState.SKIPPED:
            return letter
        if not correction.is_shown:
            raise StateError("this note was taken down; write a new one")
        summary = session.get_one(Summary, correction.summary_id)
        month = _month_of(session, summary)
        kind = IssueKind(correction.kind.value)
        letter = letter_about(session, month, summary, kind=kind, now=now)
        correction.letter_id = letter.id
        _tell(session, letter, correction, by=by, now=now)
        note(session, "correction letter drafted", letter.name, who=by, now=now, about=summary.slug)
    return letter


def _holders(newsroom: Newsroom, issue: Issue, summary: Summary, *, now: datetime) -> int:
    rule = Holders.of(HOLDERS | {"summary": summary.slug}, month=issue.month)
    return newsroom.counted(
        ("holders", rule), lambda session: count_readers(session, rule, now=now), now=now
    )


def _give_up(session: Session, correction: Correction, *, by: str, now: datetime) -> GivenUp:
    letter = _letter_of(session, correction)
    if letter is None or letter.state is IssueState.SKIPPED:
        return GivenUp.BEFORE
    if not letter.may_change:
        return GivenUp.TOO_LATE
    issue_by_id(session, letter.id).skip()
    note(session, "correction letter given up", letter.name, who=by, now=now)
    return GivenUp.NOW


def _tell_anew(
    session: Session, correction: Correction, before: str, *, by: str, now: datetime
) -> Reworded:
    letter = _letter_of(session, correction)
    if letter is None or not letter.may_change or _is_same(letter.introduction, correction.text):
        return Reworded(correction)
    if not _is_same(letter.introduction, before):
        return Reworded(correction, kept_letter=letter)
    has_ended = _tell(session, letter, correction, by=by, now=now)
    return Reworded(correction, ended_approval=has_ended)


def _tell(
    session: Session, letter: Issue, correction: Correction, *, by: str, now: datetime
) -> bool:
    letter.introduction, letter.updated_at = correction.text, now
    has_ended = letter.reopen()
    if has_ended:
        note(session, "approval ended", letter.name, who=by, now=now)
    return has_ended


def _letter_of(session: Session, correction: Correction) -> Issue | None:
    return session.get(Issue, correction.letter_id) if correction.letter_id else None


def _month_of(session: Session, summary: Summary) -> Issue:
    sent = [i for i in issues_holding(session, summary) if i.is_monthly and i.frozen_at]
    return issue_for_change(session, sent[-1].name)


def _summary_in(issue: Issue, slug: str) -> Summary:
    found = next((summary for summary in issue.summaries if summary.slug == slug), None)
    if found is None:
        raise NotFoundError(f"the issue of {issue.name} holds no summary “{slug}”")
    return found


def _slug(session: Session, correction: Correction) -> str:
    return session.get_one(Summary, correction.summary_id).slug


def _is_same(before: str, after: str) -> bool:
    """Compare what may have been kept with the line ends of a browser."""
    return tidy_text(before) == tidy_text(after)


def _fit(text: str) -> str:
    said = tidy_text(text)
    if not said:
        raise StateError("say what was wrong; a note can’t be empty")
    if len(said) > LONGEST_NOTE:
        raise StateError(f"the note has {len(said)} characters; {LONGEST_NOTE} are the most")
    return said


def _refuse_unsent(issue: Issue) -> None:
    if not issue.is_monthly or issue.frozen_at is None:
        raise StateError(
            f"the issue of {issue.name} has not been sent, so there is nothing to correct",
            remedy="mend the summary itself",
        )
