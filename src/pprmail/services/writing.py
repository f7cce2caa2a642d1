"""Writing: what an editor saves of a summary by hand. The database is the truth; nothing is lost.

Saving behaves as an import does: a new summary joins the draft of its month, a changed one ends
the approval of a letter that holds it. What has gone out in a letter is not changed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pprmail.errors import NotFoundError, StateError
from pprmail.model.issue import Issue
from pprmail.model.month import month_in_words
from pprmail.model.subscriber import address_key
from pprmail.model.summary import CONTENT, Summary, are_one_title
from pprmail.services.newsroom import Newsroom
from pprmail.services.placing import BY_HAND, Placing
from pprmail.sources.entry import Entry
from pprmail.storage.audit import last_line, note
from pprmail.storage.drafts import drop_draft
from pprmail.storage.editors import editor_with_key
from pprmail.storage.summaries import (
    delete_summary,
    free_slug,
    issues_holding,
    summaries_of,
    summary_with,
)

WRITTEN = ("month", *CONTENT)
NAMED_BY = ("title", "month")
SAVED = (
    "summary imported",
    "summary written",
    "summary changed",
    "archive mended",
    "text replaced",
)
"""What the log says when a summary is saved, by hand or from a file."""


@dataclass(frozen=True)
class Writer:
    """Who saves, and the key of the draft that is saved with it."""

    email: str
    public_id: str
    draft: str = ""


@dataclass(frozen=True)
class Saved:
    """A summary after it was saved, and what that meant for the letters."""

    slug: str
    notes: list[str] = field(default_factory=list)
    is_new: bool = True


@dataclass(frozen=True)
class Overtaken:
    """Somebody else saved the summary first: what stands there now, by whom and since when."""

    present: Summary
    who: str
    at: datetime


def add(newsroom: Newsroom, entry: Entry, *, writer: Writer, now: datetime) -> Saved:
    """Save a new summary; a month holds no two of the same title."""
    with newsroom.database.write() as session:
        _refuse_namesake(session, entry)
        summary = Summary(
            slug=free_slug(session, entry.month, entry.title),
            created_at=now,
            updated_at=now,
            **{name: getattr(entry, name) for name in WRITTEN},
        )
        session.add(summary)
        session.flush()
        written = {n: v for n in WRITTEN if (v := getattr(entry, n))}
        note(session, "summary written", summary.slug, who=writer.email, now=now, after=written)
        placing = _placing(session, writer, now)
        placing.offer(summary)
        drop_draft(session, writer.draft, owner=writer.public_id)
    return Saved(summary.slug, placing.notes)


def change(
    newsroom: Newsroom, slug: str, entry: Entry, *, version: int, writer: Writer, now: datetime
) -> Saved | Overtaken:
    """Save a summary anew, unless somebody else did since this version of it was opened."""
    with newsroom.database.write() as session:
        summary = summary_here(session, slug)
        if summary.version != version:
            return overtaken(session, summary)
        placing = _placing(session, writer, now)
        _change(placing, summary, entry)
        drop_draft(session, writer.draft, owner=writer.public_id)
    return Saved(slug, placing.notes)


def mend(
    newsroom: Newsroom, slug: str, entry: Entry, *, version: int, writer: Writer, now: datetime
) -> Saved | Overtaken:
    """Save anew what went out: letters stay as they were sent, and the archive shows the new text.

    A letter that holds it and has not been sent, as one that tells of the mending, needs a new yes.
    """
    with newsroom.database.write() as session:
        summary = summary_here(session, slug)
        if summary.version != version:
            return overtaken(session, summary)
        if entry.month != summary.month:
            raise StateError("what went out stays in its month", where="month")
        placing = _placing(session, writer, now)
        is_new = _mend(placing, summary, entry)
        drop_draft(session, writer.draft, owner=writer.public_id)
    return Saved(slug, placing.notes, is_new)


def take_in(newsroom: Newsroom, slug: str, *, writer: Writer, now: datetime) -> Saved:
    """Take a summary into the letter of its month, even if that ends an approval."""
    with newsroom.database.write() as session:
        summary = summary_here(session, slug)
        placing = _placing(session, writer, now)
        placing.put_in(summary)
    return Saved(slug, placing.notes)


def delete(
    newsroom: Newsroom, slug: str, *, version: int, writer: Writer, now: datetime
) -> Saved | Overtaken:
    """Delete a summary that no reader has got; the log keeps its words."""
    with newsroom.database.write() as session:
        summary = summary_here(session, slug)
        if summary.version != version:
            return overtaken(session, summary)
        _refuse_what_went_out(session, summary)
        placing = _placing(session, writer, now)
        placing.leave(summary)
        before = {n: v for n in WRITTEN if (v := getattr(summary, n))}
        note(session, "summary deleted", slug, who=writer.email, now=now, before=before)
        session.flush()
        delete_summary(session, summary)
    return Saved(slug, placing.notes)


def letters_with(session: Session, summary: Summary) -> Sequence[Issue]:
    """Give the letters in which a summary went out to readers."""
    return [issue for issue in issues_holding(session, summary) if issue.frozen_at is not None]


def overtaken(session: Session, summary: Summary) -> Overtaken:
    """Say who saved a summary last, and when."""
    line = last_line(session, SAVED, summary.slug)
    editor = editor_with_key(session, address_key(line.who)) if line and "@" in line.who else None
    who = (editor and editor.name) or (line.who if line else "")
    return Overtaken(summary, who, summary.updated_at)


def summary_here(session: Session, slug: str) -> Summary:
    """Give a summary, or say that it is gone."""
    summary = summary_with(session, slug)
    if summary is None:
        raise NotFoundError(f"there is no summary “{slug}”")
    return summary


def _placing(session: Session, writer: Writer, now: datetime) -> Placing:
    return Placing(session, [], BY_HAND, writer.email, now)


def _change(placing: Placing, summary: Summary, entry: Entry) -> None:
    _, after = _changes(summary, entry)
    if not after:
        return
    session = placing.session
    _refuse_what_went_out(session, summary)
    if not after.keys().isdisjoint(NAMED_BY):
        _refuse_namesake(session, entry, but=summary)
    if "month" in after:
        placing.leave(summary)
    _write(placing, summary, entry, what="summary changed")
    if "month" in after:
        placing.offer(summary)
    for issue in issues_holding(session, summary):
        placing.reopen(issue)


def _mend(placing: Placing, summary: Summary, entry: Entry) -> bool:
    _, after = _changes(summary, entry)
    if not after:
        return False
    if "title" in after:
        _refuse_namesake(placing.session, entry, but=summary)
    _write(placing, summary, entry, what="archive mended")
    for issue in issues_holding(placing.session, summary):
        placing.reopen(issue)
    return True


def _write(placing: Placing, summary: Summary, entry: Entry, *, what: str) -> None:
    before, after = _changes(summary, entry)
    for name in after:
        setattr(summary, name, getattr(entry, name))
    summary.updated_at = placing.now
    told = (placing.session, what, summary.slug)
    note(*told, who=placing.who, now=placing.now, before=before, after=after)
    placing.session.flush()


def _changes(summary: Summary, entry: Entry) -> tuple[dict[str, Any], dict[str, Any]]:
    changed = [n for n in WRITTEN if getattr(summary, n) != getattr(entry, n)]
    return {n: getattr(summary, n) for n in changed}, {n: getattr(entry, n) for n in changed}


def _refuse_what_went_out(session: Session, summary: Summary) -> None:
    for issue in letters_with(session, summary):
        raise StateError(
            f"it went out in the letter of {issue.month_in_words}, so it is not changed here: "
            "whoever got it would not know",
            where=f"summary {summary.slug}",
            remedy="tick that you mend the archive, and put a dated note on it",
        )


def _refuse_namesake(session: Session, entry: Entry, *, but: Summary | None = None) -> None:
    # A slug keeps the first title, so that it tells nothing of the present one.
    others = [each for each in summaries_of(session, entry.month) if each is not but]
    if any(are_one_title(each.title, entry.title) for each in others):
        month = month_in_words(entry.month)
        raise StateError(f"{month} has a summary of this title already", where="title")
