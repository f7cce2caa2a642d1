"""A summary as templates see it, in letters and on pages alike."""

from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup

from pprmail.model.masthead import Masthead
from pprmail.model.subject import reading_minutes
from pprmail.model.summary import Summary, TextFormat
from pprmail.model.topic import Topics
from pprmail.rendering.plain import text_of
from pprmail.rendering.prose import html_of

_PLAIN_IN_A_DOI: Final = "/:;().,-_~!*'@$&+="
"""Older DOIs also hold "<", "#" and the like, which would end an address or change it."""


def summary_view(
    summary: Summary, masthead: Masthead, topics: Topics, *, heading: str = "h3"
) -> dict[str, Any]:
    """Give what a template may ask of a summary; the headings in its body are of the level given."""
    text_format = summary.text_format
    return {
        "slug": summary.slug,
        "title": summary.title,
        "topics": topics.names(summary.topics),
        "type_of_research": summary.type_of_research,
        "in_brief": summary.in_brief,
        "citation": summary.citation,
        "doi": summary.doi,
        "doi_url": _doi_url(summary.doi) if summary.doi else None,
        "url": masthead.url(f"summaries/{summary.slug}"),
        "minutes": reading_minutes(summary.body, summary.implications),
        "body_html": safe_html(summary.body, text_format, heading=heading),
        "body_text": text_of(summary.body, text_format),
        "implications_html": safe_html(summary.implications, text_format),
        "implications_text": text_of(summary.implications, text_format),
    }


def safe_html(
    text: str, text_format: TextFormat = TextFormat.MARKDOWN, *, heading: str = "h3"
) -> Markup:
    """Give HTML that templates put in as it is."""
    return Markup(html_of(text, text_format, heading=heading))  # noqa: S704 - it sanitises or escapes


def _doi_url(doi: str) -> str:
    return f"https://doi.org/{quote(doi, safe=_PLAIN_IN_A_DOI)}"
