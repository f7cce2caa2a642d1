"""Marks without their other half are found; what only looks like it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.hints.reading import PLAIN, codes_in, hints_in


@pytest.mark.parametrize(
    "text",
    [
        "Symptoms fell (B = −.148 (95% CI [−.215, −.081]; p < .0001). They fell more.",
        "The first [see above.\n\nThe second] is fine (or not).",
        "One thing) and another.",
        "She said “yes and went.",
        'She said "yes and went.',
        "He called it ‘resistance in one paper.",
        "A „word in German.",
        "So he did” and went.",
    ],
)
def test_an_opening_without_its_end_is_found(text: str) -> None:
    assert set(codes_in(text)) == {"unclosed"}


@pytest.mark.parametrize(
    "text",
    [
        "Symptoms fell (B = −.148 (95% CI [−.215, −.081]; p < .0001)).",
        "There are three: a) one, b) two and 3) three (not four).",
        "- 1) one\n- 2) two",
        "See [the study](https://doi.org/10.1016/S0140-6736(97)11096-0) or https://example.org/a_(b",
        "“A long quotation.\n\n“It goes on here.”",
        "Therapists’ and clients’ views of the ’90s, and of ‘resistance’, don’t differ.",
        'A „word“ in German, a “word” in English, and a 6" ruler.',
        'He said "yes" and "no".',
        "the alliance’s share",
    ],
)
def test_what_is_whole_is_passed_over(text: str) -> None:
    assert codes_in(text) == []


@given(
    st.recursive(
        st.just("x"),
        lambda inner: st.one_of(
            inner.map(lambda t: f"({t})"),
            inner.map(lambda t: f"[{t}] "),
            st.tuples(inner, inner).map(" ".join),
        ),
    )
)
def test_brackets_that_match_are_never_told(text: str) -> None:
    assert codes_in(text, **PLAIN) == []
    assert codes_in(f"{text} (", **PLAIN) == ["unclosed"]


def test_a_german_letter_in_place_of_beta_is_found() -> None:
    assert codes_in("It was small (ß = −0.006), said Großmann of the Straße.") == ["eszett"]
    assert codes_in("It was small (β = −0.006), said Großmann of the Straße.") == []


def test_two_kinds_of_minus_are_found_once_for_the_whole_summary() -> None:
    hints = hints_in(
        "It was -0.30 (95% CI: -0.67, 0.07).", implications="An SMD of −0.03 is little."
    )
    assert [(h.code, h.field, h.quote) for h in hints] == [
        ("two_minus_signs", "implications", "−0.03")
    ]
    assert "a minus sign (−) here and a hyphen (-) elsewhere" in hints[0].message


@pytest.mark.parametrize(
    "text",
    [
        "It was −0.30 (95% CI −0.67 to 0.07) in 8-12 sessions, pages 3–9, with COVID-19.",
        "It was -.30 – or so – among 3-year-olds; F(2,-4) and [-.436, -.234].",
    ],
)
def test_one_kind_of_minus_beside_hyphens_and_dashes_is_passed_over(text: str) -> None:
    assert codes_in(text) == []
