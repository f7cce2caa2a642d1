"""Proofs: a summary as it will look in the letter, made by the press itself and kept nowhere."""

from datetime import datetime
from typing import Any, Final

from pprmail.model.audience import FOLLOWS_ALL, MONTHLY
from pprmail.model.issue import Issue, IssueKind, IssueState, IssueSummary
from pprmail.model.personal import Personal, filled_in
from pprmail.model.slug import slug_of
from pprmail.model.summary import CONTENT, Summary
from pprmail.services.newsroom import Newsroom
from pprmail.sources.entry import Entry

_NOBODY: Final = "preview"
"""In place of a reader's tokens: links of a proof open nothing."""

_PLACES: Final = (
    ('<td class="edge panel"', '<td id="implications" class="edge panel"'),
    ('<td class="edge quiet"', '<td id="citation" class="edge quiet"'),
    ("<head>", '<head><base target="_blank">'),
)
"""Names of places, so that the part can be shown that is being written; and no link leads away."""


def proof(newsroom: Newsroom, entry: Entry, *, now: datetime) -> str:
    """Give the HTML of a letter that holds nothing but this summary."""
    summary = unsaved_summary(entry, now=now)
    issue = _letter(summary, now=now)
    rendered = newsroom.press.edition(issue, 1)
    topics = newsroom.topics.names(summary.topics)
    personal = Personal(rendered.words, rendered.mark, topics, 1)
    values = personal.values(None, FOLLOWS_ALL, links=(_NOBODY, _NOBODY))
    html = filled_in(rendered.html, values)
    for plain, named in _PLACES:
        html = html.replace(plain, named, 1)
    return html


def unsaved_summary(entry: Entry, *, now: datetime) -> Summary:
    """Make a summary of what a form holds; it is not stored."""
    fields: dict[str, Any] = {name: getattr(entry, name) for name in CONTENT}
    summary = Summary(month=entry.month, slug=slug_of(entry.title), created_at=now, updated_at=now)
    for name, value in fields.items():
        setattr(summary, name, value)
    return summary


def _letter(summary: Summary, *, now: datetime) -> Issue:
    issue = Issue(
        name=summary.month,
        kind=IssueKind.MONTHLY,
        month=summary.month,
        state=IssueState.DRAFT,
        introduction="",
        notices="",
        audience=MONTHLY,
        created_at=now,
        updated_at=now,
    )
    issue.entries = [IssueSummary(summary=summary, position=0)]
    return issue
