"""The study that a summary is about, as a file for the programs that keep references."""

from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import App
from pprmail.model.month import month_in_words, parse_month
from pprmail.model.summary import Summary
from pprmail.rendering.notes import note_lines
from pprmail.rendering.references import bibtex, ris
from pprmail.services.archive import Cited
from pprmail.web.answers import PUBLIC, app_of
from pprmail.web.archive import asked_slug


def as_ris(request: Request) -> Response:
    """Give the cited study as a RIS record."""
    cited, note = _asked(request)
    record = ris(cited.reference, citation=cited.summary.citation or "", note=note)
    name = f"{cited.summary.slug}.ris"
    return _file(record, name, media_type="application/x-research-info-systems; charset=utf-8")


def as_bibtex(request: Request) -> Response:
    """Give the cited study as a BibTeX entry."""
    cited, note = _asked(request)
    slug, citation = cited.summary.slug, cited.summary.citation or ""
    entry = bibtex(cited.reference, slug=slug, citation=citation, note=note)
    return _file(entry, f"{slug}.bib", media_type="application/x-bibtex; charset=utf-8")


def _asked(request: Request) -> tuple[Cited, str]:
    app = app_of(request)
    cited = app.archive.cited(asked_slug(request))
    return cited, _note(app, cited.summary)


def _note(app: App, summary: Summary) -> str:
    """Say where the study came from, for whoever finds it among their references years later."""
    masthead, month = app.newsroom.masthead, month_in_words(parse_month(summary.month))
    url = masthead.url(f"summaries/{summary.slug}")
    told = f"Summary of this study: “{summary.title}”, {masthead.name}, {month}, {url}"
    return " — ".join([told, *note_lines(summary.corrections, masthead.zone)])


def _file(text: str, name: str, *, media_type: str) -> Response:
    # A slug holds small letters, digits and hyphens alone, so the name needs no quoting.
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=PUBLIC | saved)
