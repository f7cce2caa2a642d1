from time import process_time

import pytest

from pprmail.rendering.citations import citation_html, citation_text
from pprmail.sources.citation import parse_citation

DOI = "10.1000/xyz123"
WORK = "Doe, J. (2021). A study. Psychotherapy, 5(2), 10–20."


@pytest.mark.parametrize(
    "end",
    [
        f"https://doi.org/{DOI}",
        f"http://dx.doi.org/{DOI}.",
        f"doi.org/{DOI}",
        f"doi:{DOI}",
        f"DOI: {DOI}.",
        f"DOI {DOI}",
        f"(https://doi.org/{DOI})",
        DOI,
        f"Retrieved from https://doi.org/{DOI}",
        f"Available at: doi:{DOI}",
    ],
)
def test_a_doi_at_the_end_is_left_to_its_link(end: str) -> None:
    assert citation_text(f"{WORK} {end}", doi=DOI) == WORK


@pytest.mark.parametrize("piece", ["(", "doi: ", "doi:", "https://", "Retrieved ", " (doi: x"])
def test_no_citation_takes_long_to_be_set(piece: str) -> None:
    line = f"{piece * 20_000}x"
    began = process_time()
    citation_text(line, doi=DOI)
    # It takes milliseconds; what grew with the square of its length would take minutes.
    assert process_time() - began < 5


def test_a_doi_that_ends_in_a_bracket_is_left_to_its_link_too() -> None:
    doi = "10.1016/S0005-7967(98)"
    assert citation_text(f"{WORK} https://doi.org/{doi}", doi=doi) == WORK


@pytest.mark.parametrize("end", ["https://doi.org/10.1000/another", "https://example.org/paper"])
def test_what_is_another_address_stays(end: str) -> None:
    assert citation_text(f"{WORK} {end}", doi=DOI) == f"{WORK} {end}"
    assert citation_text(f"{WORK} https://doi.org/{DOI}", doi=None).endswith(DOI)


@pytest.mark.parametrize(
    ("citation", "italics"),
    [
        (WORK, "<em>Psychotherapy, 5</em>(2)"),
        (
            "Doe, J. (2021). A study. Psychotherapy. Advance online publication.",
            "<em>Psychotherapy</em>.",
        ),
        (
            "Doe, J. (2021). A study of Psychotherapy. Psychotherapy, 5(2), 1–9. https://x.org/Psychotherapy, 5",
            "Psychotherapy. <em>Psychotherapy, 5</em>(2)",
        ),
        (
            "Barkham, M., & Lutz, W. (Eds.). (2021). Handbook of change (7th ed.). Wiley.",
            "<em>Handbook of change</em>",
        ),
        (
            "Doe, J. (2021). Schema Therapy. New York: Schema Therapy Press.",
            "(2021). <em>Schema Therapy</em>. New York",
        ),
    ],
)
def test_what_can_be_asked_for_in_a_library_stands_in_italics(citation: str, italics: str) -> None:
    html = citation_html(citation, parse_citation(citation), doi=None)
    assert italics in html
    assert html.count("<em>") == 1


def test_what_can_t_be_told_is_left_upright_and_markup_is_words() -> None:
    citation = "A note <b>by</b> nobody & all"
    html = citation_html(citation, parse_citation(citation), doi=None)
    assert html == "A note &lt;b&gt;by&lt;/b&gt; nobody &amp; all"
