"""Pages: what readers see in a browser; none needs a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pprmail.model.colours import dark_colours, light_colours
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.month import month_in_words, parse_month
from pprmail.model.summary import Summary
from pprmail.rendering.mail import postal_lines
from pprmail.rendering.shelf import Shelf
from pprmail.rendering.views import Views, safe_html


@dataclass(frozen=True)
class Pages:
    """Makes pages: a pure function of name, data, masthead and templates."""

    shelf: Shelf
    views: Views

    @property
    def masthead(self) -> Masthead:
        """Whose pages these are."""
        return self.views.masthead

    def page(self, name: str, **data: Any) -> str:
        """Fill the page of a name."""
        return self.shelf.fill(f"pages/{name}.html", self._surroundings() | data)

    def style(self) -> str:
        """Give the one style sheet, in the newsletter's colours."""
        return self.shelf.fill("pages/style.css", self._surroundings())

    def script(self) -> str:
        """Give the one script, which makes a long form shorter."""
        return self.shelf.source("pages/preferences.js")

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

    def _surroundings(self) -> dict[str, Any]:
        # Links lead to where the pages are mounted, whatever name the visitor came by.
        return {
            "masthead": self.masthead,
            "brand": self.masthead.brand,
            "light": light_colours(self.masthead.brand),
            "dark": dark_colours(self.masthead.brand),
            "prefix": urlsplit(self.masthead.base_url).path.rstrip("/"),
            "month_in_words": month_in_words,
            "postal_lines": postal_lines(self.masthead),
        }
