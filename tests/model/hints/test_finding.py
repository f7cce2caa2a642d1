"""Hints over whole texts: the sample months hold none, and no text makes the search fail."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import TOPICS, a_summary
from model.hints.reading import CITED, codes_in
from pprmail.model.hints.finding import hints_about
from pprmail.model.summary import TextFormat
from pprmail.shipped import shipped
from pprmail.sources.citation import parse_citation
from pprmail.sources.reading import read_sources

PIECES = st.sampled_from(
    '( ) [ ] “ ” „ " ‘ ’ ß β − - – p = .05 1.2 < > 95% CI to , ; . * _ \\ ` no difference '
    "significant Fluckiger Howrad r = % of the patients ranged from 7 3 \n\n".split(" ")
)


SOUND = (
    "Patients in CBT improved more than those on the waiting list, g = 0.83, 95% CI [0.62, 1.04], p < .001.",
    "The effect on depression (SMD −0.42, 95% CI −0.58 to −0.26; I² = 54%) held at follow-up.",
    "Hazard ratio 0.72 (0.55 to 0.94).",
    "Dropout was 19.7% (95% CI: 18.7% to 20.7%), and one in five left (k = 669, n = 83,834).",
    "Therapists explained 5% (95% CI 3–7%) of the variance in outcome.",
    "The odds ratio for response was 1.35 (95 % CI 1.02–1.79; p = 0.04).",
    "Alliance predicted outcome (r = .28; 95% CI, .26–.30), with no difference between raters.",
    "The between-group difference was not statistically significant (t(48) = 1.03, p = .31, d = 0.29).",
    "Remission occurred in 48% vs. 45% (difference 3%, 95% CI −9% to 15%; P = .61).",
    "Neither treatment was superior (F(1, 118) = 0.44, p = .51).",
    "The groups were comparable at baseline in age and sex.",
    "A one-unit increase in empathy went with 9% better outcome (r = .31 [.24, .38]).",
    "Of 1,201 clients, 20 % dropped out; 100% of them were phoned.",
    "Sessions lasted 45–60 minutes over 12-16 weeks; ages ranged between 18 and 75 (M = 34.2, SD = 11.7).",
    "In years 2–4 the rate fell from 30% to 12%.",
    "“Feeling heard,” one client said, ‘was what mattered’.",
    "(1) ask; (2) listen; and (3) repair.",
    "See Table 2 (p. 45), pp. 829–843, and www.example.org/a_(b).",
    "The effect was medium in size (Cohen’s d = -0.5).",
    "Effects were d=0.45 (95%CI 0.20-0.70).",
    "Results were similar in both groups (p = .03 for time).",
    "There was no significant effect of type of therapy, Q(3) = 2.9, p = .41, so all helped about equally.",
    "The correlation was significant, r(98) = .21, p = .036.",
    "It was significant in men (p = .02) but not in women (p = .30).",
    "Reliability was good (α = .91; ω = .93).",
    "The 5–10-minute check (e.g., the ORS) and the “0–10 scale” are short.",
    "The range of effects was wide (0.05–1.2).",
    "Clients’ own words, in Müller’s and Wampold & Imel’s books, differ.",
    "Up to 150% of the usual dose was allowed, and costs were 120% of those in usual care.",
    "The interaction reached significance, β = .12, t = 2.0, p = .046; b = −1.3.",
    "Two-thirds (66%) of the therapists (n = 33) said ‘yes’.",
    "It took 10-8 = 2 points. The score went 12–8 in favour.",
    "Mean change was −5.2 points (95% CI, −7.1 to −3.3).",
    "The RR was 0.61 (95% CI 0.37 to 1.00, p = .05).",
    "ES = 0.36 (SE = 0.12; 95% CI 0.12, 0.60)",
    "Attrition varied from 0 to 60%.",
    "The therapist's 'style' isn't fixed, and 1990s' data aren't either.",
)
"""Sentences as they stand in summaries and abstracts, with nothing wrong in them."""


@pytest.mark.parametrize("sentence", SOUND)
def test_a_sound_sentence_raises_no_alarm(sentence: str) -> None:
    assert codes_in(sentence) == []


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
