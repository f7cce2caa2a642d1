"""Texts are compared word by word, and nothing of either is lost."""

from hypothesis import given
from hypothesis import strategies as st

from pprmail.model.wording import Fate, differences

TEXTS = st.lists(st.sampled_from(["one", " ", "two", ".17", "\n\n", "–", ",", "é"])).map("".join)


@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_read_out_of_the_differences(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(p.text for p in pieces if p.fate is not Fate.COMES) == before
    assert "".join(p.text for p in pieces if p.fate is not Fate.GOES) == after


def test_a_changed_word_is_shown_alone() -> None:
    shown = [(str(p.fate), p.text) for p in differences("It was small.", "It was not large.")]
    assert shown == [
        ("stays", "It was "),
        ("goes", "small"),
        ("comes", "not large"),
        ("stays", "."),
    ]


def test_the_same_text_stays_whole() -> None:
    assert [p.fate for p in differences("One two.", "One two.")] == [Fate.STAYS]
    assert differences("", "") == []
