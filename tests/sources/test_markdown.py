"""Summaries and issue texts in Markdown: every key is read, and an error names line and remedy."""

from pathlib import Path

import pytest

from making import ALLIANCE, TOPICS, TRAINING
from pprmail.errors import SourceError
from pprmail.model.summary import TextFormat
from pprmail.sources.entry import Entry
from pprmail.sources.markdown import read_issue_text, read_summary
from pprmail.sources.reading import read_sources

SHIPPED = Path(__file__).parents[2] / "summaries"
HEAD = {
    "title": "Do Gardens Calm?",
    "month": "2026-11",
    "citation": '"Moss, F. (2021). Gardens and calm. Mindfulness, 5(2), 10–20."',
    "topics": "[Training, alliance and therapeutic relationship]",
}
TEXT = "People sat among plants.\n\n## Practice Implications\n\nOffer a plant.\n"


def _written(folder: Path, text: str, name: str = "gardens.md") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def _source(text: str = TEXT, /, **keys: str | None) -> str:
    given = {key: value for key, value in (HEAD | keys).items() if value is not None}
    lines = [f"{key}: {value}" for key, value in given.items()]
    return "\n".join(["---", *lines, "---", "", text])


def _read(folder: Path, text: str) -> Entry:
    return read_summary(_written(folder, text), TOPICS)


def _refusal(folder: Path, text: str, line: int = 1) -> SourceError:
    with pytest.raises(SourceError) as caught:
        _read(folder, text)
    assert caught.value.where == f"{folder / 'gardens.md'}:{line}"
    return caught.value


def test_every_key_is_read(tmp_path: Path) -> None:
    more = {
        "doi": "https://doi.org/10.1037/pst0000175",
        "type_of_research": "meta-ANALYSIS",
        "in_brief": "Plants  help.",
        "author": "A. Writer",
    }
    entry = _read(tmp_path, _source(**more))
    assert (entry.title, entry.month, entry.doi) == (HEAD["title"], "2026-11", "10.1037/pst0000175")
    assert entry.citation == HEAD["citation"].strip('"')
    assert entry.topics == [TRAINING, ALLIANCE]
    assert entry.type_of_research == "Meta-analysis"
    assert (entry.in_brief, entry.author) == ("Plants help.", "A. Writer")
    assert (entry.body, entry.implications) == ("People sat among plants.", "Offer a plant.")
    assert entry.text_format is TextFormat.MARKDOWN
    assert (entry.source_name, entry.warnings, entry.gaps) == ("gardens.md", [], [])


def test_what_is_not_given_is_nothing(tmp_path: Path) -> None:
    entry = _read(tmp_path, _source("Words.", citation='""', topics="[]"))
    assert entry.citation is entry.doi is entry.type_of_research is entry.author is None
    assert len(entry.gaps) == 3


def test_the_doi_of_the_citation_is_read(tmp_path: Path) -> None:
    cited = '"Moss, F. (2021). Gardens. Mindfulness, 5, 1–9. https://doi.org/10.1037/pst0000175"'
    assert _read(tmp_path, _source(citation=cited)).doi == "10.1037/pst0000175"


def test_a_misspelt_key_names_its_line_and_the_one_meant(tmp_path: Path) -> None:
    error = _refusal(tmp_path, _source(citation=None, citaton="Moss"), line=5)
    assert error.message == "“citaton” is no key here"
    assert error.remedy == "did you mean citation?"


@pytest.mark.parametrize("key", list(HEAD))
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    error = _refusal(tmp_path, _source(**{key: None}))
    assert error.message == f"“{key}” is missing"
    assert "title, month, citation, topics" in error.remedy


def test_an_unknown_topic_names_its_line_and_the_one_meant(tmp_path: Path) -> None:
    error = _refusal(tmp_path, _source(topics="[Trainning]"), line=5)
    assert error.message == "“Trainning” is no topic"
    assert error.remedy == "did you mean “Training”?"


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "November 2026", "2026-11-03", "26-11"])
def test_a_bad_month_names_its_line_and_the_form(tmp_path: Path, month: str) -> None:
    error = _refusal(tmp_path, _source(month=month), line=3)
    assert f"“{month}” is not a month; write it as 2026-11" in error.message


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("title", '""', "“title” is empty"),
        ("title", "[One, Two]", "can't hold a list"),
        ("title", '"A\\0B"', "can't be printed"),
        ("title", "a" * 2001, "far too long"),
        ("doi", "10.1037/", "no whole DOI"),
        ("type_of_research", "Rumour", "no type of research"),
    ],
)
def test_a_bad_value_names_its_line(tmp_path: Path, key: str, value: str, complaint: str) -> None:
    line = 2 if key == "title" else 6
    assert complaint in _refusal(tmp_path, _source(**{key: value}), line).message


def test_topics_that_are_no_list_are_refused(tmp_path: Path) -> None:
    assert "is a list" in _refusal(tmp_path, _source(topics="Training"), line=5).message


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark_change_nothing(tmp_path: Path, ends: str, mark: str) -> None:
    plain = _read(tmp_path, _source())
    assert _read(tmp_path, mark + _source().replace("\n", ends)) == plain


def test_front_matter_that_is_not_closed_is_refused(tmp_path: Path) -> None:
    error = _refusal(tmp_path, _source().replace("\n---\n", "\n", 1))
    assert error.message == "the front matter has no end"
    assert error.remedy == "add a line of ---"


def test_a_file_without_front_matter_lacks_every_key(tmp_path: Path) -> None:
    assert _refusal(tmp_path, TEXT).message == "“title” is missing"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("title: One: Two", "mapping values are not allowed"),
        ("title: [One", "expected"),
        ("title: *nobody", "undefined alias"),
        ("title: One\ntitle: Two", "“title” stands twice"),
        ("\ttitle: One", "cannot start any token"),
        ("title: \x07", "no such character|special characters"),
        ("title: " + "[" * 3000, "nested too deeply|expected"),
    ],
)
def test_what_is_not_yaml_is_refused_with_a_remedy(
    tmp_path: Path, line: str, complaint: str
) -> None:
    with pytest.raises(SourceError, match=complaint) as caught:
        _read(tmp_path, f"---\n{line}\n---\n{TEXT}")
    assert str(tmp_path / "gardens.md") in caught.value.where
    assert "quote a value" in caught.value.remedy


def test_front_matter_that_is_a_list_is_refused(tmp_path: Path) -> None:
    assert "no list of “key: value”" in _refusal(tmp_path, f"---\n- a\n---\n{TEXT}").message


@pytest.mark.parametrize("title", ["2026", "10.10", "Yes", "2026-11-03", "0x1F", "1e3", "12:30"])
def test_values_stay_as_they_are_written(tmp_path: Path, title: str) -> None:
    assert _read(tmp_path, _source(title=title)).title == title


def test_yaml_makes_nothing_but_texts(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    title = f'!!python/object/apply:os.mkdir ["{mark}"]'
    assert "can't hold a list" in _refusal(tmp_path, _source(title=title), line=2).message
    assert not mark.exists()


def test_a_line_of_dashes_in_the_text_belongs_to_the_text(tmp_path: Path) -> None:
    assert _read(tmp_path, _source("One.\n\n---\n\nTwo.\n")).body == "One.\n\n---\n\nTwo."


@pytest.mark.parametrize("line", ["## practice implications:", "##  Practice Implications ##"])
def test_the_heading_may_be_written_in_other_ways(tmp_path: Path, line: str) -> None:
    entry = _read(tmp_path, _source(TEXT.replace("## Practice Implications", line)))
    assert entry.implications == "Offer a plant."


def test_the_heading_is_none_amid_a_paragraph(tmp_path: Path) -> None:
    entry = _read(
        tmp_path, _source("The practice implications:\nnone.\n\n### Practice Implications")
    )
    assert entry.implications == ""


def test_a_month_that_is_not_its_folders_is_doubted(tmp_path: Path) -> None:
    folder = tmp_path / "2026-10"
    folder.mkdir()
    assert _read(folder, _source()).warnings == ["its month is 2026-11, but its folder is 2026-10"]


def test_an_issue_text_takes_its_month_from_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "2026-11"
    folder.mkdir()
    text = "---\nsubject: Plants\norder: [b, a]\n---\nHello.\n\n## Notices\n\nWe moved.\n"
    found = read_issue_text(_written(folder, text, "issue.md"))
    assert (found.month, found.subject, found.preheader) == ("2026-11", "Plants", None)
    assert (found.order, found.introduction, found.notices) == (["b", "a"], "Hello.", "We moved.")


def test_an_issue_text_outside_of_a_month_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="named after its month"):
        read_issue_text(_written(tmp_path, "Hello.", "issue.md"))


def test_the_ten_shipped_summaries_lack_nothing() -> None:
    entries = read_sources([SHIPPED], TOPICS).entries
    assert len(entries) == 10
    assert [(e.where, e.gaps, e.warnings) for e in entries if e.gaps or e.warnings] == []


def test_front_matter_that_runs_on_into_the_text_is_refused(tmp_path: Path) -> None:
    error = _refusal(tmp_path, f"---\ntitle: One\n{'words ' * 4000}\n---\n")
    assert error.message == "the front matter is far too long"
    assert "before the text" in error.remedy
