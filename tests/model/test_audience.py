"""Who gets what: selections worked out with bit masks, compared with plain sets."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pprmail.model.audience import FOLLOWS_ALL, MOST_TOPICS, Matching, NoMatch, matching
from pprmail.model.topic import Topic, Topics

SLUGS = ("a", "b", "c", "d", "e")
MERGED = ("old-a", "older-a")
TOPICS = Topics(
    (
        *(Topic(slug, slug.upper(), "group") for slug in SLUGS),
        Topic("old-a", "Old A", "group", merged_into="a"),
        Topic("older-a", "Older A", "group", merged_into="old-a"),
    )
)
ISSUES = st.lists(st.lists(st.sampled_from(SLUGS + MERGED), max_size=4), min_size=1, max_size=6)
CHOICES = st.sets(st.sampled_from(SLUGS + MERGED))
ONE_LETTER = (["a", "b"], ["b", "c"], ["a"])


def _now(slug: str) -> str:
    return "a" if slug in MERGED else slug


def _selected(issue: list[list[str]], chosen: set[str]) -> int:
    """Add up the places of all summaries that carry a chosen topic, as a person would."""
    mine = {_now(slug) for slug in chosen}
    return sum(1 << n for n, row in enumerate(issue) if mine & {_now(slug) for slug in row})


def _every_choice() -> list[set[str]]:
    return [set(some) for size in range(6) for some in combinations(SLUGS, size)]


def _read(found: Matching, chosen: set[str], no_match: NoMatch) -> tuple[int | None, int]:
    return found.for_reader(chosen, follows_all=False, no_match=no_match)


@given(ISSUES)
def test_the_selections_are_those_that_some_choice_of_topics_makes(issue: list[list[str]]) -> None:
    found = matching(issue, TOPICS)
    everything = (1 << len(issue)) - 1
    by_hand = {_selected(issue, chosen) for chosen in _every_choice()} | {everything, 0}
    selections = found.selections()
    assert sorted(selections) == sorted(by_hand)
    assert (selections[0], selections[-1]) == (everything, 0)


@given(ISSUES)
def test_selections_are_closed_under_union(issue: list[list[str]]) -> None:
    selections = set(matching(issue, TOPICS).selections())
    assert {one | other for one, other in product(selections, repeat=2)} == selections


@given(ISSUES, CHOICES, st.sampled_from(NoMatch))
def test_a_reader_gets_every_summary_of_a_chosen_topic_and_no_other(
    issue: list[list[str]], chosen: set[str], no_match: NoMatch
) -> None:
    found = matching(issue, TOPICS)
    without = {NoMatch.NOTE: 0, NoMatch.ALL: found.everything, NoMatch.SKIP: None}
    selection, _ = _read(found, chosen, no_match)
    assert selection == (_selected(issue, chosen) or without[no_match])
    assert selection is None or selection in found.selections()


@given(ISSUES, CHOICES)
def test_a_reader_is_told_exactly_the_chosen_topics_that_the_issue_carries(
    issue: list[list[str]], chosen: set[str]
) -> None:
    found = matching(issue, TOPICS)
    _, why = _read(found, chosen, NoMatch.NOTE)
    carried = list(dict.fromkeys(_now(slug) for row in issue for slug in row))
    mine = {_now(slug) for slug in chosen}
    assert found.topics_behind(why) == [slug for slug in carried if slug in mine]


@given(ISSUES, st.integers(0, 63))
def test_the_topics_that_lead_to_a_selection_lead_to_nothing_beyond_it(
    issue: list[list[str]], mask: int
) -> None:
    found = matching(issue, TOPICS)
    inside = {_now(slug) for n, row in enumerate(issue) for slug in row if mask >> n & 1}
    beyond = {_now(slug) for n, row in enumerate(issue) for slug in row if not mask >> n & 1}
    assert set(found.topics_leading_to(mask)) == inside - beyond


@pytest.mark.parametrize("no_match", list(NoMatch))
def test_who_follows_everything_gets_everything(no_match: NoMatch) -> None:
    found = matching(ONE_LETTER, TOPICS)
    chosen = found.for_reader(["c"], follows_all=True, no_match=no_match)
    assert chosen == (0b111, FOLLOWS_ALL)
    nothing_carried = matching([[], []], TOPICS)
    assert nothing_carried.for_reader([], follows_all=True, no_match=no_match)[0] == 0b11


@pytest.mark.parametrize(
    ("no_match", "selection"), [(NoMatch.NOTE, 0), (NoMatch.ALL, 0b111), (NoMatch.SKIP, None)]
)
def test_a_month_without_a_match_is_as_the_reader_wants_it(
    no_match: NoMatch, selection: int | None
) -> None:
    found = matching(ONE_LETTER, TOPICS)
    assert _read(found, {"d", "e"}, no_match) == (selection, 0)
    assert _read(found, set(), no_match) == (selection, 0)
    # A topic that no list knows any more is no match, and no error.
    assert _read(found, {"gone"}, no_match) == (selection, 0)


def test_the_full_letter_comes_first_and_the_note_last() -> None:
    assert matching(ONE_LETTER, TOPICS).selections() == [0b111, 0b011, 0b101, 0b010, 0]


def test_a_choice_under_an_old_slug_is_a_choice_of_the_topic_it_was_merged_into() -> None:
    found = matching([["a"], ["older-a"], ["b"]], TOPICS)
    for slug in ("a", *MERGED):
        assert _read(found, {slug}, NoMatch.NOTE) == (0b011, 0b01)
    assert found.slugs == ("a", "b")


def test_a_topic_that_is_not_listed_stands_for_itself() -> None:
    found = matching([["unheard-of"], ["a"]], TOPICS)
    assert _read(found, {"unheard-of"}, NoMatch.NOTE) == (0b01, 0b01)


def test_as_many_topics_as_may_be_fit_into_a_signed_number_of_64_bits() -> None:
    many = Topics(tuple(Topic(f"t{n}", f"T {n}", "group") for n in range(MOST_TOPICS)))
    found = matching([[topic.slug for topic in many.listed]], many)
    _, why = _read(found, {topic.slug for topic in many.listed}, NoMatch.NOTE)
    # The number of everything chosen one by one must not be taken for that of following all.
    assert FOLLOWS_ALL < 0 < why < 1 << 63
    assert len(found.topics_behind(why)) == MOST_TOPICS
