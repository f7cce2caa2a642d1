"""Proposed subject lines and preheaders: what a line holds, and what is counted instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pprmail.model.subject import (
    LONGEST_PREHEADER,
    LONGEST_SUBJECT,
    headline,
    in_words,
    lead_of,
    minutes_in_words,
    note_headline,
    proposed_preheader,
    proposed_subject,
    reading_minutes,
    shortened,
)

LONG = "Therapist Effects in the Treatment of Depression and Anxiety in Routine Care Settings"
TITLES = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" ")), max_size=6)


@pytest.mark.parametrize(
    ("titles", "subject"),
    [
        ([], ""),
        (["Whose Alliance Is It? A Meta-Analysis"], "Whose Alliance Is It? A Meta-Analysis"),
        (
            ["Whose Alliance Is It? A Meta-Analysis", "Empathy Matters: A Review"],
            "Whose Alliance Is It? · Empathy Matters",
        ),
        (
            [LONG, LONG, LONG],
            "Therapist Effects in the Treatment of Depression and Anxiety in Routine Care…",
        ),
        (
            ["Whose Alliance Is It Anyway?", "Empathy Matters in Therapy: A", LONG, LONG],
            "Whose Alliance Is It Anyway? · Empathy Matters in Therapy · and two more",
        ),
    ],
)
def test_a_subject_names_what_it_holds_and_counts_the_rest(titles: list[str], subject: str) -> None:
    assert proposed_subject(titles) == subject


@given(TITLES)
def test_no_proposal_is_longer_than_its_line(titles: list[str]) -> None:
    assert len(proposed_subject(titles)) <= LONGEST_SUBJECT
    assert len(proposed_preheader(titles)) <= LONGEST_PREHEADER


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("Whose Alliance Is It? A Meta-Analysis", "Whose Alliance Is It?"),
        ("Empathy Matters: A Review", "Empathy Matters"),
        ("Empathy Matters: Does It?", "Empathy Matters"),
        ("Therapist Effects", "Therapist Effects"),
        # A lead of a word or two would say nothing.
        ("CBT: How Does It Work?", "CBT: How Does It Work?"),
        ("Why? A Question", "Why? A Question"),
    ],
)
def test_a_lead_ends_at_the_first_question_mark_or_colon(title: str, lead: str) -> None:
    assert lead_of(title) == lead


@pytest.mark.parametrize(
    ("said", "preheader"),
    [
        (["In brief."], "In brief."),
        (["First.", "Second."], "First. · Second."),
        ([f"{'A ' * 62}A.", "Long words follow."], f"{'A ' * 62}A.…"),
        ([], ""),
    ],
)
def test_a_preheader_says_as_much_as_there_is_room_for(said: list[str], preheader: str) -> None:
    assert proposed_preheader(said) == preheader


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two, three", 13, "one two…"),
        ("one · two", 7, "one…"),
        ("unbreakable", 6, "unbre…"),
    ],
)
def test_a_text_is_cut_at_a_words_end(text: str, longest: int, expected: str) -> None:
    assert shortened(text, longest) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "one summary for you"),
        (2, "two summaries for you"),
        (6, "six summaries for you"),
        (7, "7 summaries for you"),
    ],
)
def test_a_headline_counts_in_words(count: int, expected: str) -> None:
    assert headline(count) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "one summary, outside your topics"),
        (3, "three summaries, outside your topics"),
    ],
)
def test_a_letter_of_titles_alone_says_so(count: int, expected: str) -> None:
    assert note_headline(count) == expected


def test_small_numbers_are_written_in_words() -> None:
    assert [in_words(n) for n in (1, 6, 7)] == ["one", "six", "7"]


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (100, 1), (400, 2), (2300, 10)])
def test_reading_takes_a_minute_at_least(words: int, minutes: int) -> None:
    assert reading_minutes("word " * words, "") == minutes


def test_a_reading_time_is_written_out() -> None:
    assert [minutes_in_words(n) for n in (1, 2, 11)] == ["1 min read", "2 min read", "11 min read"]
