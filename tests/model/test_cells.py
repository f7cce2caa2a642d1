"""Cells: nothing that a table's program could take for a formula, and everything comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pprmail.model.cells import guarded, unguarded

SIGNS = "=+-@\t\r\n＝＋－＠"
texts = st.text(alphabet=st.one_of(st.sampled_from(f"{SIGNS}' a"), st.characters()), max_size=12)


@given(texts)
def test_what_is_guarded_comes_back_unchanged(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(texts)
def test_no_guarded_cell_begins_with_a_sign_even_behind_spaces(text: str) -> None:
    assert not guarded(text).lstrip(" ").startswith(tuple(SIGNS))


@given(st.text(alphabet="abcé 1.@=", max_size=12).map(lambda text: f"a{text}"))
def test_a_cell_that_begins_with_a_letter_stays_as_it_is(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@pytest.mark.parametrize("text", ["'Brien", "'", "", "' a", "O'=1"])
def test_an_apostrophe_that_guards_nothing_stays(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(A1)", "'=HYPERLINK(A1)"),
        ("+tag@example.org", "'+tag@example.org"),
        ("＝1+1", "'＝1+1"),
        ("'=1", "''=1"),
        (" =1", "' =1"),
    ],
)
def test_a_guard_is_one_apostrophe(text: str, cell: str) -> None:
    assert guarded(text) == cell
