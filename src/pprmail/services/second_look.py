"""A second look at a summary's words: hints about slips, each with its place."""

from collections.abc import Iterator

from pprmail.model.hints.finding import FIELDS, hints_about
from pprmail.model.hints.passage import Hint
from pprmail.model.preflight import Finding
from pprmail.model.summary import Summary
from pprmail.sources.citation import parse_citation


def hints_in(summary: Summary) -> list[Hint]:
    """Find what may be a slip in a summary, held against the study that it cites."""
    return hints_about(summary, parse_citation(summary.citation) if summary.citation else None)


def findings_in(summary: Summary) -> Iterator[Finding]:
    """Say the hints as preflight does."""
    for hint in hints_in(summary):
        message = f"{FIELDS[hint.field]}: {hint.message}: “{hint.quote}”"
        yield Finding(hint.code, message, f"summary {summary.slug}")
