"""Pages: what readers see in a browser; none needs a script."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup

from pprmail.model.colours import dark_colours, light_colours
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.month import month_in_words, parse_month
from pprmail.model.summary import Summary
from pprmail.model.topic import Topic
from pprmail.rendering.blanks import Blank, Often
from pprmail.rendering.mail import postal_lines
from pprmail.rendering.shelf import Shelf
from pprmail.rendering.views import Views, safe_html

MOST_BLANKS: Final = 256


@dataclass(frozen=True)
class Pages:
    """Makes pages: a pure function of name, data, masthead and templates."""

    shelf: Shelf
    views: Views
    _parts: dict[tuple[str, str, str, bool], Markup] = field(default_factory=dict)
    _blanks: dict[tuple[object, ...], Blank] = field(default_factory=dict)

    @property
    def masthead(self) -> Masthead:
        """Whose pages these are."""
        return self.views.masthead

    def page(self, name: str, **data: Any) -> str:
        """Fill the page of a name."""
        return self.shelf.fill(f"pages/{name}.html", self._surroundings() | data)

    def often(self, page: Often) -> str:
        """Fill a page that is asked for so often that only what differs is filled each time."""
        made_of = self.shelf.present(f"pages/{page.name}.html", "pages/base.html")
        blank = self._blanks.get((page.name, *page.key))
        if blank is None or blank.made_of != made_of:
            blank = Blank.of(self.page(page.name, **page.data()), made_of)
            if len(self._blanks) >= MOST_BLANKS:
                self._blanks.clear()
            self._blanks[page.name, *page.key] = blank
        return blank.filled(page.values)

    def style(self) -> str:
        """Give the one style sheet, in the newsletter's colours."""
        return self.shelf.fill("pages/style.css", self._surroundings())

    def consent(self) -> str:
        """Give the words that whoever signs up agrees to, in one line."""
        return " ".join(self.shelf.fill("pages/consent.txt", self._surroundings()).split())

    def home(
        self, issue: Issue | None, summaries: Sequence[Summary], *, month: str, **data: Any
    ) -> str:
        """Say what this is, and show the newest letter whole."""
        return self.page(
            "home",
            title=self.masthead.name,
            newest=month,
            introduction=safe_html(issue.introduction, heading="h3") if issue else "",
            summaries=self.views.summaries(summaries, heading="h4"),
            **data,
        )

    def script(self) -> str:
        """Give the one script, which makes a long form shorter."""
        return self.shelf.source("pages/preferences.js")

    def desk(self, name: str, /, **data: Any) -> str:
        """Fill a page of the editors' desk."""
        return self.shelf.fill(f"editor/{name}.html", self._surroundings() | data)

    def desk_style(self) -> str:
        """Give what the desk adds to the style sheet."""
        return self.shelf.fill("editor/style.css", self._surroundings())

    def desk_script(self, name: str) -> str:
        """Give a script of the desk."""
        return self.shelf.source(f"editor/{name}.js")

    def issue(self, issue: Issue | None, summaries: Sequence[Summary], *, month: str) -> str:
        """Show a month's letter, or a month from before the first one."""
        return self.page(
            "issue",
            title=month_in_words(parse_month(month)),
            introduction=safe_html(issue.introduction, heading="h2") if issue else "",
            notices=safe_html(issue.notices) if issue else "",
            summaries=self.views.summaries(summaries),
        )

    def summary(self, summary: Summary) -> str:
        """Show one summary."""
        view = self.views.summary(summary, heading="h2")
        return self.page("summary", title=summary.title, summary=view, month=summary.month)

    def boxes(self, topics: Sequence[Topic], chosen: Collection[str]) -> Markup:
        """Give a box for each topic, those that are chosen ticked.

        A form of many boxes is shown often: each is filled once and kept.
        """
        found = (self.box(topic, is_chosen=topic.slug in chosen) for topic in topics)
        return Markup("".join(found))  # noqa: S704 - filled by a template

    def box(self, topic: Topic, *, is_chosen: bool) -> Markup:
        """Give the box of one topic."""
        return self._part("topic", topic.slug, topic.name, is_chosen=is_chosen)

    def options(self, months: Mapping[str, str], chosen: str | None) -> Markup:
        """Give an option for each month, the chosen one selected."""
        found = (self._part("month", m, w, is_chosen=m == chosen) for m, w in months.items())
        return Markup("".join(found))  # noqa: S704 - filled by a template

    def _part(self, kind: str, value: str, words: str, *, is_chosen: bool) -> Markup:
        name = (kind, value, words, is_chosen)
        if name not in self._parts:
            told = {"value": value, "words": words, "is_chosen": is_chosen}
            part = self.shelf.fill(f"pages/{kind}.html", told)
            self._parts[name] = Markup(part)  # noqa: S704 - filled by a template
        return self._parts[name]

    def _surroundings(self) -> dict[str, Any]:
        # Links lead to where the pages are mounted, whatever name the visitor came by.
        return {
            "masthead": self.masthead,
            "brand": self.masthead.brand,
            "light": light_colours(self.masthead.brand),
            "dark": dark_colours(self.masthead.brand),
            "prefix": urlsplit(self.masthead.base_url).path.rstrip("/"),
            "month_in_words": month_in_words,
            "boxes": self.boxes,
            "options": self.options,
            "postal_lines": postal_lines(self.masthead),
        }
