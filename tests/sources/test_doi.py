"""DOIs: every form that is read, and the cut ones that are not."""

import pytest

from pprmail.sources.citation import normalise_doi, parse_citation

WHOLE = [
    "10.1037/ccp0000594",
    "10.1037/a0038252",
    "10.1037/0022-006X.68.3.438",
    "10.1037//0022-006X.60.3.441",
    "10.1080/10503307.2020.1741047",
    "10.1080/0092623X.2014.996929",
    "10.1080/10503300500485565",
    "10.1007/s10802-022-00986-2",
    "10.1007/s10608-006-9082-z",
    "10.1016/j.cpr.2017.10.011",
    "10.1016/j.brat.2020.103733",
    "10.1016/S0140-6736(20)30460-8",
    "10.1002/cpp.2642",
    "10.1002/(SICI)1097-4679(199911)55:11<1365::AID-JCLP4>3.0.CO;2-2",
    "10.1176/appi.ajp.2014.14070908",
    "10.1017/S0033291720001234",
    "10.1093/med-psych/9780190843953.003.0008",
    "10.1000.10/ABC",
]
CUT = [
    "10.1080/1050",
    "10.1080/",
    "10.1080",
    "10.1080/10503307",
    "10.1080/10503307.2020",
    "10.1080/10503307.2020.",
    "10.1037/a003",
    "10.1007/s10802-022-",
    "10.1007/s10802",
    "10.1016/j.cpr.2017.10",
    "10.1016/j",
    "10.1016/S0140-6736(20",
    "10.1002/jclp-",
]


@pytest.mark.parametrize("doi", WHOLE)
@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "https://doi.org/{}",
        "http://dx.doi.org/{}",
        "doi.org/{}",
        "doi:{}",
        "DOI: {}",
        "DOI {}",
        "doi: https://doi.org/{}",
        " {} ",
        "{}.",
        "https://doi.org/{}.",
        "({})",
        "{},",
        "“{}”",
    ],
)
def test_a_whole_doi_is_given_bare(form: str, doi: str) -> None:
    assert normalise_doi(form.format(doi).strip("“")) == doi
    assert parse_citation(f"Hale, R. (2020). Hope. Mindfulness. {form.format(doi)}").doi == doi


@pytest.mark.parametrize("doi", CUT)
@pytest.mark.parametrize("form", ["{}", "https://doi.org/{}", "doi:{}", "DOI: {}"])
def test_a_doi_that_was_cut_is_not_given(form: str, doi: str) -> None:
    assert normalise_doi(form.format(doi)) is None
    assert parse_citation(f"Hale, R. (2020). Hope. Mindfulness. {form.format(doi)}").doi is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "doi:",
        "none",
        "PMID 123456",
        "https://example.org/10.1037",
        "10.1037/ccp 0000594",
        "11.1037/ccp",
    ],
)
def test_what_is_no_doi_is_not_given(value: str) -> None:
    assert normalise_doi(value) is None


def test_a_short_prefix_is_a_doi_only_where_it_is_called_one() -> None:
    assert normalise_doi("doi: https://doi.org/10.1/x") == "10.1/x"
    assert parse_citation("Hale, R. (2020). A score of 10.5/x in hope.").doi is None


def test_signs_that_a_browser_writes_as_numbers_are_written_out() -> None:
    value = "https://doi.org/10.1016/S0140-6736%2820%2930460-8"
    assert normalise_doi(value) == "10.1016/S0140-6736(20)30460-8"


def test_of_two_different_dois_neither_is_given() -> None:
    twice = (
        "Hale, R. (2020). Hope. Mindfulness. doi:10.1037/a0038252 https://doi.org/10.1037/a0038252"
    )
    assert parse_citation(twice).doi == "10.1037/a0038252"
    assert parse_citation(f"{twice} Correction: 10.1037/a0038253").doi is None


def test_a_doi_is_given_even_where_nothing_else_can_be_read() -> None:
    assert parse_citation("See doi:10.1037/a0038252.").doi == "10.1037/a0038252"
