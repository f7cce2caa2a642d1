"""Editions: one selection of an issue's summaries, rendered once for all its readers."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from itertools import count
from typing import Any, Final

from pprmail.model.edition import Rendered
from pprmail.model.issue import Issue, IssueKind
from pprmail.model.masthead import Masthead
from pprmail.model.personal import PARTS, key
from pprmail.model.subject import (
    LONGEST_SUBJECT,
    headline,
    note_headline,
    proposed_preheader,
    proposed_subject,
    shortened,
)
from pprmail.model.summary import Summary, TextFormat
from pprmail.rendering.inspection import words_of_paragraphs
from pprmail.rendering.mail import rendered, surroundings
from pprmail.rendering.plain import text_of
from pprmail.rendering.shelf import Shelf, TemplateProblemError
from pprmail.rendering.views import Views, safe_html

FOLDERS: Final = {
    IssueKind.MONTHLY: "email/letter",
    IssueKind.CORRECTION: "email/correction",
    IssueKind.RETRACTION: "email/retraction",
}
OPENINGS: Final = {
    IssueKind.CORRECTION: "Correction: ",
    IssueKind.RETRACTION: "Retracted article: ",
}


@dataclass(frozen=True)
class Press:
    """Makes letters of issues: a pure function of issue, masthead, topics and templates."""

    shelf: Shelf
    views: Views

    @property
    def masthead(self) -> Masthead:
        """Whose letters these are."""
        return self.views.masthead

    def template_digests(self, kind: IssueKind = IssueKind.MONTHLY) -> dict[str, str]:
        """Give the SHA-256 of every template that a letter of this kind is made with."""
        return self.shelf.digests(FOLDERS[kind])

    def edition(self, issue: Issue, selection: int) -> Rendered:
        """Render one selection as subject, HTML and text."""
        folder = FOLDERS[issue.kind]
        data = self._data(issue, selection) if issue.is_monthly else self._about(issue)
        words = _words(self.shelf, f"{folder}/words.toml")
        topics = self.views.topics.names(slug for s in issue.summaries for slug in s.topics)
        mark = _free_mark([data, words, topics])
        mail = rendered(self.shelf, folder, data | {"reader": self._reader(mark)})
        return Rendered(mail.subject, mail.html, mail.text, mark, words)

    def _data(self, issue: Issue, selection: int) -> dict[str, Any]:
        chosen = [s for place, s in enumerate(issue.summaries) if selection >> place & 1]
        others = [s for s in issue.summaries if s not in chosen]
        return {
            **surroundings(self.masthead),
            **_frame(issue),
            "selection": selection,
            "proposed_subject": proposed_subject([s.title for s in chosen]),
            "headline": headline(len(chosen)) if chosen else note_headline(len(others)),
            "preheader": _preheader(issue, chosen, others),
            "summaries": self.views.summaries(chosen),
            "also": [self.views.title(summary) for summary in others],
            "archive_url": self.masthead.url(f"archive/{issue.month}"),
            "subscribe_url": self.masthead.url("subscribe"),
        }

    def _about(self, issue: Issue) -> dict[str, Any]:
        """Tell of one summary; nobody is handed what a retracted article reported once more."""
        (summary,) = issue.summaries
        is_retracted = issue.kind is IssueKind.RETRACTION
        told = words_of_paragraphs(safe_html(issue.introduction))
        return {
            **surroundings(self.masthead),
            **_frame(issue),
            "about": self.views.title(summary),
            "proposed_subject": shortened(OPENINGS[issue.kind] + summary.title, LONGEST_SUBJECT),
            "preheader": issue.preheader or proposed_preheader([told]),
            "summaries": self.views.summaries([] if is_retracted else [summary]),
            "also": [],
            "archive_url": self.masthead.url(f"archive/{issue.month}"),
            "subscribe_url": self.masthead.url("subscribe"),
        }

    def _reader(self, mark: str) -> dict[str, str]:
        parts = {part: key(mark, part) for part in PARTS}
        return parts | {
            "leave_url": self.masthead.url(f"unsubscribe/{parts['leave']}"),
            "preferences_url": self.masthead.url(f"preferences/{parts['preferences']}"),
        }


def _frame(issue: Issue) -> dict[str, Any]:
    return {
        "month_in_words": issue.month_in_words,
        "fixed_subject": issue.subject,
        # It stands below the headline alone, notices below a heading of their own.
        "introduction_html": safe_html(issue.introduction, heading="h2"),
        "introduction_text": text_of(issue.introduction, TextFormat.MARKDOWN),
        "notices_html": safe_html(issue.notices),
        "notices_text": text_of(issue.notices, TextFormat.MARKDOWN),
    }


def _preheader(issue: Issue, chosen: Sequence[Summary], others: Sequence[Summary]) -> str:
    if not chosen:
        return proposed_preheader([summary.title for summary in others])
    if issue.preheader:
        return issue.preheader
    briefs = [summary.in_brief for summary in chosen if summary.in_brief]
    # The subject names the titles already; where nothing is said in brief, the text begins.
    opening = words_of_paragraphs(safe_html(chosen[0].body, chosen[0].text_format))
    said = [*briefs, opening] if briefs or opening else [summary.title for summary in chosen]
    return proposed_preheader([words for words in said if words])


def _words(shelf: Shelf, name: str) -> dict[str, str]:
    try:
        words = tomllib.loads(shelf.source(name))
    except tomllib.TOMLDecodeError as error:
        raise TemplateProblemError(
            f"this is not TOML: {error}", where=f"template {name}"
        ) from error
    if not all(isinstance(wording, str) for wording in words.values()):
        raise TemplateProblemError("every wording must be a text", where=f"template {name}")
    return words


def _free_mark(content: Any) -> str:
    # A reader's parts are put in by replacing their keys wherever they stand, so that no key
    # may occur in what is rendered with them, whoever wrote it.
    written = "\n".join(_strings(content))
    marks = ("pm" if number == 0 else f"pm{number}" for number in count())
    return next(mark for mark in marks if f"-{mark}." not in written)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif is_dataclass(value):
        yield from _strings(vars(value))
