"""A summary as templates see it, in letters and on pages alike."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from pprmail.model.masthead import Masthead
from pprmail.model.reference import Reference
from pprmail.model.subject import lead_of, minutes_in_words, reading_minutes, shortened
from pprmail.model.summary import Summary, TextFormat
from pprmail.model.topic import Topics
from pprmail.rendering.citations import citation_html, citation_text
from pprmail.rendering.notes import note_views
from pprmail.rendering.plain import text_of
from pprmail.rendering.prose import html_of
from pprmail.rendering.references import doi_url, short_name

LONGEST_NAME: Final = 60


@dataclass(frozen=True)
class Views:
    """Makes what templates see: a pure function of a summary, the masthead and the topics.

    `read_citation` takes a citation apart, without guessing; it comes from the room of sources.
    """

    masthead: Masthead
    topics: Topics
    read_citation: Callable[[str], Reference]

    def summaries(
        self, summaries: Sequence[Summary], *, heading: str = "h3"
    ) -> list[dict[str, Any]]:
        """View several that stand together: the names of their studies differ from each other."""
        views = [self.summary(summary, heading=heading) for summary in summaries]
        counted = Counter(view["study"] for view in views)
        for place, view in enumerate(views, start=1):
            if counted[view["study"]] > 1:
                view["study"] += f", summary {place}"
        return views

    def summary(self, summary: Summary, *, heading: str = "h3") -> dict[str, Any]:
        """View one; the headings in its body are of the level given."""
        text_format = summary.text_format
        return {
            **self.title(summary),
            **self._study(summary),
            "slug": summary.slug,
            "notes": note_views(summary.corrections, self.masthead.zone),
            "body_html": safe_html(summary.body, text_format, heading=heading),
            "body_text": text_of(summary.body, text_format),
            "implications_html": safe_html(
                summary.implications, text_format, heading=f"h{int(heading[1]) + 1}"
            ),
            "implications_text": text_of(summary.implications, text_format),
        }

    def title(self, summary: Summary) -> dict[str, Any]:
        """View what a contents list says of a summary, and where it stands in full."""
        return {
            "title": summary.title,
            "topics": self.topics.names(summary.topics),
            "type_of_research": summary.type_of_research,
            "in_brief": summary.in_brief,
            "reading_time": minutes_in_words(reading_minutes(summary.body, summary.implications)),
            "url": self.masthead.url(f"summaries/{summary.slug}"),
        }

    def _study(self, summary: Summary) -> dict[str, Any]:
        """View what is cited; whoever wants it for a reference manager finds two files of it."""
        url = self.masthead.url(f"summaries/{summary.slug}")
        reference = self.read_citation(summary.citation) if summary.citation else None
        named = short_name(reference) if reference else None
        shown = {"citation_html": Markup(), "citation_text": ""}
        if reference and summary.citation:
            html = citation_html(summary.citation, reference, doi=summary.doi)
            shown = {
                "citation_html": html,
                "citation_text": citation_text(summary.citation, doi=summary.doi),
            }
        is_citable = bool(summary.citation or summary.doi)
        return {
            **shown,
            "study": named or f"“{shortened(lead_of(summary.title), LONGEST_NAME)}”",
            "doi": summary.doi,
            "doi_url": doi_url(summary.doi) if summary.doi else None,
            "ris_url": f"{url}.ris" if is_citable else None,
            "bib_url": f"{url}.bib" if is_citable else None,
        }


def safe_html(
    text: str, text_format: TextFormat = TextFormat.MARKDOWN, *, heading: str = "h3"
) -> Markup:
    """Give HTML that templates put in as it is."""
    return Markup(html_of(text, text_format, heading=heading))  # noqa: S704 - it sanitises or escapes
