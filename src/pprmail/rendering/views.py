"""A summary as templates see it, in letters and on pages alike."""

from typing import Any

from markupsafe import Markup

from pprmail.model.masthead import Masthead
from pprmail.model.subject import reading_minutes
from pprmail.model.summary import Summary, TextFormat
from pprmail.model.topic import Topics
from pprmail.rendering.plain import text_of
from pprmail.rendering.prose import html_of


def summary_view(summary: Summary, masthead: Masthead, topics: Topics) -> dict[str, Any]:
    """Give what a template may ask of a summary."""
    return {
        "slug": summary.slug,
        "title": summary.title,
        "topics": topics.names(summary.topics),
        "type_of_research": summary.type_of_research,
        "in_brief": summary.in_brief,
        "citation": summary.citation,
        "doi_url": f"https://doi.org/{summary.doi}" if summary.doi else None,
        "url": masthead.url(f"summaries/{summary.slug}"),
        "minutes": reading_minutes(summary.body, summary.implications),
        "body_html": safe_html(summary.body, summary.text_format),
        "body_text": text_of(summary.body, summary.text_format),
        "implications_html": safe_html(summary.implications, summary.text_format),
        "implications_text": text_of(summary.implications, summary.text_format),
    }


def safe_html(text: str, text_format: TextFormat = TextFormat.MARKDOWN) -> Markup:
    """Give HTML that templates put in as it is."""
    return Markup(html_of(text, text_format))  # noqa: S704 - html_of sanitises or escapes
