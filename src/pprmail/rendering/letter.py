"""Editions: one selection of an issue's summaries, rendered once for all its readers."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pprmail.model.edition import Rendered
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.personal import PARTS, key
from pprmail.model.subject import (
    headline,
    in_words,
    proposed_preheader,
    proposed_subject,
)
from pprmail.model.summary import TextFormat
from pprmail.model.topic import Topics
from pprmail.rendering.colours import dark_colours
from pprmail.rendering.inliner import inline
from pprmail.rendering.plain import text_of
from pprmail.rendering.shelf import Shelf, TemplateProblemError
from pprmail.rendering.views import safe_html, summary_view

FOLDERS: Final = ("email", "email/letter")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Press:
    """Makes letters of issues: a pure function of issue, masthead, topics and templates."""

    shelf: Shelf
    masthead: Masthead
    topics: Topics

    def template_digests(self) -> dict[str, str]:
        """Give the SHA-256 of every template that a letter is made with."""
        return self.shelf.digests(*FOLDERS)

    def edition(self, issue: Issue, selection: int) -> Rendered:
        """Render one selection as subject, HTML and text."""
        mark = _free_mark(issue, self.masthead)
        data = self._data(issue, selection, mark)
        subject = " ".join(self.shelf.fill("email/letter/subject.txt", data).split())
        data["subject"] = subject
        return Rendered(
            subject=subject,
            html=inline(self.shelf.fill("email/letter/body.html", data)),
            text=tidy(self.shelf.fill("email/letter/body.txt", data)),
            mark=mark,
            words=self._words(),
        )

    def _data(self, issue: Issue, selection: int, mark: str) -> dict[str, Any]:
        chosen = [s for place, s in enumerate(issue.summaries) if selection >> place & 1]
        others = [s for place, s in enumerate(issue.summaries) if not selection >> place & 1]
        titles = [s.title for s in chosen]
        preheader = issue.preheader if chosen else None
        return surroundings(self.masthead) | {
            "issue": issue,
            "selection": selection,
            "fixed_subject": issue.subject,
            "proposed_subject": proposed_subject(titles),
            "headline": headline(len(chosen)),
            "preheader": preheader or proposed_preheader(titles, [s.in_brief for s in chosen]),
            "introduction_html": safe_html(issue.introduction),
            "introduction_text": text_of(issue.introduction, TextFormat.MARKDOWN),
            "notices_html": safe_html(issue.notices),
            "notices_text": text_of(issue.notices, TextFormat.MARKDOWN),
            "summaries": [summary_view(summary, self.masthead, self.topics) for summary in chosen],
            "also": [
                {"title": s.title, "url": self.masthead.url(f"summaries/{s.slug}")} for s in others
            ],
            "archive_url": self.masthead.url(f"archive/{issue.month}"),
            "reader": self._reader(mark),
        }

    def _reader(self, mark: str) -> dict[str, str]:
        parts = {part: key(mark, part) for part in PARTS}
        return parts | {
            "leave_url": self.masthead.url(f"unsubscribe/{parts['leave']}"),
            "preferences_url": self.masthead.url(f"preferences/{parts['preferences']}"),
        }

    def _words(self) -> dict[str, str]:
        try:
            return tomllib.loads(self.shelf.source("email/letter/words.toml"))
        except tomllib.TOMLDecodeError as error:
            raise TemplateProblemError(
                f"this is not TOML: {error}", where="template email/letter/words.toml"
            ) from None


def _free_mark(issue: Issue, masthead: Masthead) -> str:
    # A reader's parts are put in by replacing their keys wherever they stand, so that no key
    # may occur in what an editor wrote.
    written = " ".join([*_written(issue), masthead.name, masthead.postal_address])
    return next(m for m in _marks() if f"-{m}." not in written)


def _marks() -> Sequence[str]:
    return ["pm", *(f"pm{number}" for number in range(1, 100_000))]


def _written(issue: Issue) -> list[str]:
    fields = ("title", "citation", "doi", "type_of_research", "in_brief", "body", "implications")
    texts = [getattr(summary, field) for summary in issue.summaries for field in fields]
    texts += [issue.subject, issue.preheader, issue.introduction, issue.notices]
    return [text for text in texts if text]


def surroundings(masthead: Masthead) -> dict[str, Any]:
    """Give what every mail's template may ask for."""
    return {
        "masthead": masthead,
        "brand": masthead.brand,
        "dark": dark_colours(masthead.brand),
        "postal_lines": [line.strip() for line in masthead.postal_address.splitlines()],
        "contact": masthead.reply_to,
        "in_words": in_words,
    }


def tidy(text: str) -> str:
    """Take white space away that a template left at line ends and between parts."""
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return _BLANK_LINES.sub("\n\n", lines) + "\n"
