"""Editing an issue: its order and its own words; whatever changes ends an approval, and says so."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError, StateError
from pprmail.model.approval import digest_of
from pprmail.model.issue import Issue
from pprmail.services.newsroom import Newsroom
from pprmail.storage.audit import note
from pprmail.storage.issues import issue_for_change, issue_named

FIELDS: Final = ("subject", "preheader", "introduction", "notices")


@dataclass(frozen=True)
class IssueWords:
    """What an issue says beside its summaries; an empty subject or preheader is proposed anew."""

    subject: str | None
    preheader: str | None
    introduction: str
    notices: str

    @classmethod
    def of(cls, issue: Issue) -> "IssueWords":
        """Take them from an issue as it is."""
        return cls(issue.subject, issue.preheader, issue.introduction, issue.notices)

    @classmethod
    def written(cls, fields: Mapping[str, Any]) -> "IssueWords":
        """Take them from a form: lines are single, texts have the line ends that we keep."""
        lines = [" ".join(str(fields.get(name, "")).split()) or None for name in FIELDS[:2]]
        texts = [tidy_text(str(fields.get(name, ""))) for name in FIELDS[2:]]
        return cls(lines[0], lines[1], texts[0], texts[1])

    @property
    def version(self) -> str:
        """Name these words: who saves says which ones were changed.

        The row's own version also moves when editions are rendered, which changes no word.
        """
        return digest_of(asdict(self))[:32]


@dataclass(frozen=True)
class Saved:
    """What a step came to: what it changed, and whether that ended an approval."""

    issue: Issue
    changed: Sequence[str] = ()
    ended_approval: bool = False


@dataclass(frozen=True)
class Stale:
    """Nothing was saved, because somebody else had saved something in between."""

    issue: Issue
    theirs: IssueWords


def issue_to_edit(newsroom: Newsroom, name: str) -> Issue:
    """Give an issue as it is now."""
    with newsroom.database.read() as session:
        return issue_named(session, name)


def save_words(
    newsroom: Newsroom, name: str, words: IssueWords, *, version: str, who: str, now: datetime
) -> Saved | Stale:
    """Keep what an editor wrote, unless somebody else has written there in between."""
    with newsroom.database.write() as session:
        issue = _to_change(session, name)
        present = IssueWords.of(issue)
        changed = {n: v for n, v in asdict(words).items() if getattr(present, n) != v}
        if not changed:
            return Saved(issue)
        if version != present.version:
            return Stale(issue, present)
        before = {field: getattr(present, field) for field in changed}
        for field, value in changed.items():
            setattr(issue, field, value)
        issue.updated_at = now
        note(
            session, "issue words saved", name, who=who, now=now, **_from_to(before, after=changed)
        )
        return Saved(issue, list(changed), _end_approval(session, issue, who=who, now=now))


def move(
    newsroom: Newsroom, name: str, slug: str, *, by: int, who: str, now: datetime
) -> tuple[Saved, int]:
    """Move a summary up (-1) or down (1); give its place, counted from one."""
    with newsroom.database.write() as session:
        issue = _to_change(session, name)
        before = [summary.slug for summary in issue.summaries]
        if slug not in before:
            raise NotFoundError(f"the issue of {name} holds no such summary")
        place = min(max(before.index(slug) + by, 0), len(before) - 1)
        after = [each for each in before if each != slug]
        after.insert(place, slug)
        if after == before:
            return Saved(issue), place + 1
        issue.put_in_order(after)
        issue.updated_at = now
        orders = _from_to({"order": before}, after={"order": after})
        note(session, "summaries put in order", name, who=who, now=now, **orders)
        return Saved(issue, ["order"], _end_approval(session, issue, who=who, now=now)), place + 1


def _to_change(session: Session, name: str) -> Issue:
    issue = issue_for_change(session, name)
    if not issue.may_change:
        raise StateError(f"the issue of {name} is {issue.state}, so its letter stays as it is")
    return issue


def _end_approval(session: Session, issue: Issue, *, who: str, now: datetime) -> bool:
    has_ended = issue.reopen()
    if has_ended:
        note(session, "approval ended", issue.name, who=who, now=now)
    return has_ended


def _from_to(before: Mapping[str, Any], *, after: Mapping[str, Any]) -> dict[str, Any]:
    return {"before": before, "after": dict(after)}


def tidy_text(text: str) -> str:
    """Write a text with the line ends that we keep, and without blanks at its ends."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()
