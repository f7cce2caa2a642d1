"""An edition: a fingerprint that any changed byte changes, and a name for people."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import NOW, a_summary, an_issue
from pprmail.model.edition import Edition, Rendered, fingerprint_of, name_of

RENDERED = Rendered("Subject", "<p>é</p>", "é", "pm", {"why_note": "Why", "greeting": "Dear"})


def _edition(selection: int, rendered: Rendered = RENDERED) -> Edition:
    return Edition(
        issue_id=1,
        selection=selection,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        mark=rendered.mark,
        words=rendered.words,
        fingerprint=rendered.fingerprint,
        created_at=NOW,
    )


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_only_the_same_texts_have_the_same_fingerprint(one: list[str], other: list[str]) -> None:
    assert (fingerprint_of(*one) == fingerprint_of(*other)) is (one == other)


def test_texts_that_run_into_each_other_are_kept_apart() -> None:
    rows = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("1:a", "bc"), ()]
    assert len({fingerprint_of(*row) for row in rows}) == len(rows)


def test_a_change_of_anything_that_is_sent_changes_the_fingerprint() -> None:
    changed = [
        replace(RENDERED, subject="subject"),
        replace(RENDERED, html="<p>é</p> "),
        replace(RENDERED, text="e"),
        replace(RENDERED, mark="pn"),
        replace(RENDERED, words={"why_note": "Why", "greeting": "Hello"}),
        replace(RENDERED, words={"why_note": "Dear", "greeting": "Why"}),
        replace(RENDERED, words={"why_note": "Why"}),
    ]
    assert len({one.fingerprint for one in (RENDERED, *changed)}) == 8


def test_the_order_in_which_words_were_stored_does_not_matter() -> None:
    turned = dict(reversed(RENDERED.words.items()))
    assert replace(RENDERED, words=turned).fingerprint == RENDERED.fingerprint


@pytest.mark.parametrize(
    ("column", "value"),
    [("subject", "?"), ("html", "<p>e</p>"), ("text", ""), ("mark", "x"), ("words", {})],
)
def test_stored_bytes_that_were_touched_are_noticed(column: str, value: object) -> None:
    edition = _edition(1)
    assert edition.is_intact
    setattr(edition, column, value)
    assert not edition.is_intact


def test_html_is_measured_in_bytes() -> None:
    assert _edition(1).html_bytes == len("<p>é</p>") + 1


@pytest.mark.parametrize(
    ("selection", "name"),
    [
        (0, "edition note"),
        (0b001, "edition 1"),
        (0b101, "edition 1+3"),
        (0b110, "edition 2+3"),
        (0b111, "edition 1+2+3"),
    ],
)
def test_an_edition_is_named_by_the_places_of_its_summaries(selection: int, name: str) -> None:
    issue = an_issue(*(a_summary(title) for title in ("One?", "Two?", "Three?")))
    assert name_of(_edition(selection), issue) == name
