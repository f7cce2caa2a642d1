"""What a p above .05 does not say is found; careful words are not."""

import pytest

from model.hints.reading import codes_in


@pytest.mark.parametrize(
    "text",
    [
        "There was no difference between the formats (p = .52).",
        "The groups did not differ, t(40) = 1.2, p > .05.",
        "Both were equally effective (Q(1) = 0.41, *p* = .524).",
        "Clients seen by video had similar levels of relief (SMD = −0.03; p = 0.90).",
        "It had no effect on dropout (p = .31), but a strong one on symptoms (p < .001).",
    ],
)
def test_no_difference_beside_a_p_above_the_limit_is_found(text: str) -> None:
    assert codes_in(text) == ["no_difference"]


@pytest.mark.parametrize(
    "text",
    [
        "The two did not differ significantly (p = .52).",
        "They found no significant differences (Q(1) = 0.41, p = .524) in the association.",
        "There was no evidence of a difference (p = .11).",
        "There was no difference in an equivalence test (p = .20).",
        "No difference was seen before. Later they differed (p = .01).",
        "There was next to no difference: SMD = −0.03, p = .90.",
        "There was no effect, et al. said. Then p was lower: p = .03.",
    ],
)
def test_careful_words_are_passed_over(text: str) -> None:
    assert codes_in(text) == []


@pytest.mark.parametrize(
    "text",
    ["The effect was significant (p = .12).", "Groups differed significantly, *p* > .05."],
)
def test_significant_beside_a_p_above_the_limit_is_found(text: str) -> None:
    assert codes_in(text) == ["significant"]


@pytest.mark.parametrize(
    "text",
    [
        "The effect was not significant (p = .12).",
        "The contrast was far from significant, Q(1) = 0.41, p = .524.",
        "The effect was non-significant (p = .12).",
        "The effect was significant (p = .04), the other was smaller (p = .12).",
        "A clinically significant change was seen (p = .08).",
        "They spoke of significant others (p = .08).",
        "It didn’t reach a significant level (p = .06). It was significant at p = .05.",
    ],
)
def test_significant_in_other_ways_is_passed_over(text: str) -> None:
    assert codes_in(text) == []
