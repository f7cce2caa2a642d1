"""The list of topics: what is shipped is whole, and a list that contradicts itself is refused."""

from pathlib import Path

import pytest

from making import TOPICS
from pprmail.errors import SourceError
from pprmail.model.slug import slug_of
from pprmail.model.topic import fold
from pprmail.sources.topics import read_topics


def _list(folder: Path, *lines: str) -> Path:
    path = folder / "topics.toml"
    path.write_text("\n".join(['[groups."All"]', *lines]))
    return path


def test_there_are_36_topics_each_with_a_slug_and_a_name_of_its_own() -> None:
    assert len(TOPICS.listed) == len(TOPICS.choosable) == 36
    assert len({topic.slug for topic in TOPICS.listed}) == 36
    assert len({fold(topic.name) for topic in TOPICS.listed}) == 36


def test_a_slug_is_its_name_in_small_letters() -> None:
    for topic in TOPICS.listed:
        assert topic.slug == slug_of(topic.name)


def test_every_topic_stands_in_one_group() -> None:
    grouped = [topic for topics in TOPICS.groups().values() for topic in topics]
    assert sorted(t.slug for t in grouped) == sorted(t.slug for t in TOPICS.listed)


@pytest.mark.parametrize("spelling", ["CBT", "cbt", "  Placebo   effect ", "placebo-effect"])
def test_a_topic_is_found_by_name_slug_and_alias(spelling: str) -> None:
    assert TOPICS.find(spelling) is not None


def test_the_misspelling_of_the_old_page_is_known() -> None:
    assert TOPICS.names(["Adherance", "adherence"]) == ["Adherence"]


def test_there_are_types_of_research() -> None:
    assert "Meta-analysis" in TOPICS.types_of_research


def test_a_spelling_that_means_two_topics_is_refused(tmp_path: Path) -> None:
    path = _list(tmp_path, 'a = { name = "Hope" }', 'b = { name = "Trust", aliases = ["HOPE"] }')
    with pytest.raises(SourceError, match="means both a and b"):
        read_topics(path)


@pytest.mark.parametrize("goal", ["nowhere", "a", "b"])
def test_a_merge_that_leads_nowhere_is_refused(tmp_path: Path, goal: str) -> None:
    first = f'a = {{ name = "Hope", merged_into = "{goal}" }}'
    path = _list(tmp_path, first, 'b = { name = "Trust", merged_into = "a" }')
    with pytest.raises(SourceError, match="leads nowhere"):
        read_topics(path)


def test_a_merged_topic_leads_to_the_one_that_took_it(tmp_path: Path) -> None:
    path = _list(tmp_path, 'a = { name = "Hope", merged_into = "b" }', 'b = { name = "Trust" }')
    topics = read_topics(path)
    assert topics.names(["Hope", "Trust"]) == ["Trust"]
    assert [topic.slug for topic in topics.choosable] == ["b"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("a = {", "not TOML"),
        ('a = { nmae = "Hope" }', "groups.All.a.name"),
        ('a = { name = "Hope", colour = "red" }', "groups.All.a.colour"),
    ],
)
def test_a_list_that_is_none_names_what_is_wrong(tmp_path: Path, line: str, complaint: str) -> None:
    path = _list(tmp_path, line)
    with pytest.raises(SourceError, match=complaint) as caught:
        read_topics(path)
    assert caught.value.where == str(path)
