"""Reading whatever was named: files, folders, pages; all that can't be read is told at once."""

from pathlib import Path

import pytest

from making import ALLIANCE, TOPICS, TRAINING
from pprmail.errors import SourceError
from pprmail.sources.reading import read_sources, with_additions

PAGE = "May 2021\nA Garden\nSome words.\nPractice Implications\nOffer a plant.\n"


def _summary(path: Path, *, title: str = "Gardens", topics: str = "[Training]") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"title: {title}\nmonth: 2026-11\ncitation: ''\ntopics: {topics}"
    path.write_text(f"---\n{head}\n---\nWords.\n")
    return path


def _titles(*paths: Path) -> list[str]:
    return [entry.title for entry in read_sources(paths, TOPICS).entries]


def test_a_folder_is_read_to_its_depth_in_order(tmp_path: Path) -> None:
    for place in ("b.md", "a/z.MD", "a/deep/er/y.md"):
        _summary(tmp_path / place, title=place)
    assert _titles(tmp_path) == ["a/deep/er/y.md", "a/z.MD", "b.md"]


@pytest.mark.parametrize("other", [".draft.md", ".git/a.md", "README.md", "a/readme.md", "a.txt"])
def test_what_is_hidden_or_no_summary_is_passed_over_in_a_folder(
    tmp_path: Path, other: str
) -> None:
    _summary(tmp_path / "a.md", title="Kept")
    _summary(tmp_path / other, title="Passed over")
    assert _titles(tmp_path) == ["Kept"]


def test_a_folder_within_a_hidden_one_is_read_when_it_is_named(tmp_path: Path) -> None:
    _summary(tmp_path / ".hidden" / "drafts" / "a.md")
    assert _titles(tmp_path / ".hidden" / "drafts") == ["Gardens"]


def test_files_and_pages_are_read_in_the_order_given(tmp_path: Path) -> None:
    page = tmp_path / "page.TXT"
    page.write_text(PAGE)
    assert _titles(_summary(tmp_path / "a.md"), page) == ["Gardens", "A Garden"]


def test_an_issue_text_is_told_from_the_summaries_beside_it(tmp_path: Path) -> None:
    _summary(tmp_path / "2026-11" / "a.md")
    (tmp_path / "2026-11" / "issue.md").write_text("Hello.")
    sources = read_sources([tmp_path], TOPICS)
    assert len(sources.entries) == 1
    assert [text.introduction for text in sources.texts] == ["Hello."]


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    bad = [_summary(tmp_path / f"{n}.md", topics="[Hats]") for n in (1, 2)]
    _summary(tmp_path / "3.md")
    missing = tmp_path / "missing"
    with pytest.raises(SourceError) as caught:
        read_sources([tmp_path, missing], TOPICS)
    told = str(caught.value)
    assert told.startswith("3 places can't be read; nothing was imported:\n")
    assert all(f"  {path}" in told for path in [*bad, missing])
    assert str(tmp_path / "3.md") not in told


def test_a_lone_problem_is_told_as_it_is(tmp_path: Path) -> None:
    path = _summary(tmp_path / "a.md", topics="[Trainning]")
    with pytest.raises(SourceError) as caught:
        read_sources([tmp_path], TOPICS)
    assert caught.value.where == f"{path}:5"
    assert caught.value.remedy == "did you mean “Training”?"


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a", "a.md.bak"])
def test_another_kind_of_file_is_refused_with_the_kinds_there_are(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(SourceError, match=r"kind of file.*\.md.*\.txt, \.html"):
        read_sources([_summary(tmp_path / name)], TOPICS)


def test_a_folder_without_a_summary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no Markdown file"):
        read_sources([tmp_path], TOPICS)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to(tmp_path / "gone.md")
    with pytest.raises(SourceError, match="No such file"):
        read_sources([tmp_path], TOPICS)


def test_topics_and_a_type_are_added_to_what_is_there(tmp_path: Path) -> None:
    sources = read_sources([_summary(tmp_path / "a.md")], TOPICS)
    names = ["Training", "Alliance and Therapeutic Relationship"]
    (entry,) = with_additions(sources, TOPICS, names=names, kind="meta-analysis").entries
    assert entry.topics == [TRAINING, ALLIANCE]
    assert entry.type_of_research == "Meta-analysis"
    with pytest.raises(SourceError, match="--topic: “Hats” is no topic"):
        with_additions(sources, TOPICS, names=["Hats"], kind="")
