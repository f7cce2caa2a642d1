"""Hints over whole texts: the sample months hold none, and no text makes the search fail."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from making import TOPICS, a_summary
from model.hints.reading import CITED
from pprmail.model.hints.finding import hints_about
from pprmail.model.summary import TextFormat
from pprmail.shipped import shipped
from pprmail.sources.citation import parse_citation
from pprmail.sources.reading import read_sources

PIECES = st.sampled_from(
    '( ) [ ] “ ” „ " ‘ ’ ß β − - – p = .05 1.2 < > 95% CI to , ; . * _ \\ ` no difference '
    "significant Fluckiger Howrad r = % of the patients ranged from 7 3 \n\n".split(" ")
)


def test_the_sample_months_raise_no_alarm() -> None:
    entries = read_sources([Path(shipped("summaries"))], TOPICS).entries
    assert len(entries) == 10
    for entry in entries:
        assert hints_about(entry, parse_citation(entry.citation or "")) == []


@given(st.lists(PIECES, max_size=40), st.sampled_from(TextFormat))
def test_every_hint_names_a_piece_of_what_was_typed(words: list[str], written: TextFormat) -> None:
    body = " ".join(words)
    for hint in hints_about(a_summary(body=body, text_format=written), CITED):
        assert 0 <= hint.start <= hint.end <= len(body)


@given(st.text(max_size=300))
def test_no_text_makes_the_search_fail(body: str) -> None:
    hints_about(a_summary(title=body, body=body, implications=body), CITED)
