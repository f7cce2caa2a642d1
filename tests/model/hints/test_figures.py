"""Figures that can't be are found; figures as papers print them are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.hints.reading import codes_in, hints_in


@pytest.mark.parametrize(
    "text",
    [
        "The correlation was r = .46 (95% CI .247 to .302).",
        "The correlation was *r* = .46 (95% CI: .247, .302).",
        "Symptoms fell (SMD = 0.30; 95% CI: -0.67, -0.07; p = 0.01).",
        "Overall, r = .504 (95% CI [.253, .354], p < .001, k = 53).",
        "It was B = −.65, SE = .02, 95% CI −.092 to −.038.",
        "The odds ratio was 2.5 (95% CI 1.2–1.9).",
        "Use rose by 57% (95% CI, 62 to 123).",
        "A gain of 0.77 (95% confidence interval 0.93–1.11) followed.",
        "(β = −0.006, 95% CI = 0.010, 0.020)",
    ],
)
def test_an_estimate_outside_its_interval_is_found(text: str) -> None:
    assert codes_in(text) == ["outside_interval"]


@pytest.mark.parametrize(
    "text",
    [
        "The correlation was r = .275 (95% CI .247 to .302), close to earlier estimates.",
        "The average was r = -.339 (95% CI: -0.436, -0.234) with low heterogeneity.",
        "The ratio mattered (β = −0.006, 95% CI −0.010 to −0.002).",
        "It was d = 0.5, SE = 9, n = 40, 95% CI 0.3 to 0.7.",
        "The odds ratio was 1.5 (95% CI 1.2–1.9), in 12 studies (95% CI in brackets).",
        "Use rose by 57% (95% CI 12–123).",
        "57% of them (95% CI 0.43 to 0.70) stayed: SMD = −0.03; 95% CI [−0.45, 0.40], p = 0.90.",
        "Rounded, d was 0.3 (95% CI 0.34 to 0.9).",
        "We saw Q = 41.2, 95% CI for the mean 0.1 to 0.2.",
        "r = .242 (95% CI [.179, .306], p = .001, k = 13)",
        "In 2,410 people the mean was 1,250 (95% CI 1,100 to 1,400).",
    ],
)
def test_an_estimate_inside_its_interval_is_passed_over(text: str) -> None:
    assert codes_in(text) == []


@given(low=st.integers(-200, 200), width=st.integers(0, 200), away=st.integers(-300, 300))
def test_an_estimate_is_told_if_and_only_if_it_is_outside(low: int, width: int, away: int) -> None:
    estimate = low + away
    shown = [f"{n / 100:.2f}".replace("-", "−") for n in (estimate, low, low + width)]
    found = codes_in(f"It was d = {shown[0]} (95% CI {shown[1]} to {shown[2]}).")
    # Half of the last digit on either side may be rounding.
    assert found == ([] if -1 <= away <= width + 1 else ["outside_interval"])


@given(low=st.integers(0, 99), high=st.integers(0, 99))
def test_an_interval_is_backwards_if_and_only_if_its_ends_changed_places(
    low: int, high: int
) -> None:
    found = codes_in(f"There was a gain (95% CI 0.{low:02d} to 0.{high:02d}).")
    assert found == (["backwards"] if low > high else [])


@pytest.mark.parametrize(
    "text", ["p = 1.4", "p < 05", "*p* = −.03", "a p-value of 1.2", "p = .000"]
)
def test_a_p_that_can_not_be_is_found(text: str) -> None:
    assert codes_in(f"The difference held ({text}).") == ["impossible_p"]


@pytest.mark.parametrize(
    "text",
    [
        "p < .0001",
        "p = 0.05",
        "P = .049",
        "*p* = 1.0 in both",
        "see p. 45",
        "p > .001",
        "group = 3",
    ],
)
def test_a_p_that_can_be_is_passed_over(text: str) -> None:
    assert codes_in(f"They tell of it ({text}).") == []


def test_a_correlation_beyond_one_is_found() -> None:
    assert codes_in("The correlation was r = 1.7, and k = 12.") == ["impossible_correlation"]
    assert codes_in("The correlation was r = −.97, with OR = 1.7 and error = 4.") == []


@pytest.mark.parametrize(
    "text",
    ["120% of the patients came.", "It was 104 per cent of all variance.", "d = 1, 950% CI 0 to 2"],
)
def test_more_than_the_whole_is_found(text: str) -> None:
    assert codes_in(text) == ["impossible_percentage"]


def test_growth_may_be_over_a_hundred_percent() -> None:
    assert (
        codes_in("Costs rose by 120%, to 220% of the former sum. 100% of the patients came.") == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "Ages ranged from 65 to 18.",
        "The range: 12–8.",
        "They met for 20–12 sessions.",
        "aged 65–18",
    ],
)
def test_a_range_that_runs_backwards_is_found(text: str) -> None:
    assert codes_in(text) == ["backwards"]


@pytest.mark.parametrize(
    "text",
    [
        "Scores fell from 12 to 5 within 8–12 sessions.",
        "Ages ranged from 18 to 65 years, in 2019–21 and on pages 829–43.",
        "It ranged from -0.5 to 0.2, and from .5 to 1,200.",
        "See 10.1037/10-8 sessions or COVID-19 patients.",
    ],
)
def test_a_range_that_runs_onward_is_passed_over(text: str) -> None:
    assert codes_in(text) == []


def test_a_hint_shows_its_place_as_it_was_typed() -> None:
    body = "A [link](https://example.org/a_(b)) and *then* some; **p** = 1.4 it was."
    (hint,) = hints_in(body)
    assert body[hint.start : hint.end] == "p** = 1.4"
    assert (hint.field, hint.quote) == ("body", "p = 1.4")
