"""Pages copied as text: every entry is found as it is printed, and what is cut is refused."""

from pathlib import Path

import pytest

from making import TOPICS
from pprmail.errors import SourceError
from pprmail.model.summary import TextFormat
from pprmail.sources.blog_page import read_blog_page
from pprmail.sources.entry import Entry, Sources

TOP = """Our Notes
Every month we tell of two studies, and of what a clinician may make of them in the week after.
This month...

…I write about plants, about ponds, and about a bench in the shade of a wall.
Type of Research
Topics
- ALL Topics (clear)
- Adherance
- Placebo Effect
- Training
"""
CITED = "Moss, F., & Fern, R. (2019). Plants and calm: A trial. Psychotherapy Research, 12(3), 4–5."
CITED_TOO = "Reed, P. (2018). Ponds and sleep: A survey. Psychotherapy Research, 11(1), 1–9."
SENTENCE = "People sat among plants for a while, and most of them said that they had felt calmer. "
BODY = SENTENCE * 3 + "Moss and Fern (2019) had hoped for more."
ADVICE = "Offer a plant, and let the person choose where it stands in the room." + " " + SENTENCE
FOOT = "Subscribe\nOlder entries\n© The Garden Network\n"


def _entry(title: str = "Do Plants Calm?", cited: str = CITED, body: str = BODY) -> str:
    lines = [title, cited, body, "Practice Implications", ADVICE.strip()]
    return "\n".join(line for line in lines if line) + "\n"


def _read(folder: Path, text: str) -> Sources:
    path = folder / "page.txt"
    path.write_text(text)
    return read_blog_page(path, TOPICS)


def _one(folder: Path, text: str) -> Entry:
    (entry,) = _read(folder, text).entries
    return entry


def _refusal(folder: Path, text: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        _read(folder, text)
    assert str(folder / "page.txt") in caught.value.where
    return caught.value


def test_introduction_teaser_and_lists_are_no_part_of_an_entry(tmp_path: Path) -> None:
    sources = _read(tmp_path, f"{TOP}May 2021\n{_entry()}")
    (entry,) = sources.entries
    assert (entry.month, entry.title, entry.citation) == ("2021-05", "Do Plants Calm?", CITED)
    assert (entry.body, entry.implications) == (BODY, ADVICE.strip())
    assert entry.text_format is TextFormat.PLAIN
    assert entry.where == f"{tmp_path / 'page.txt'}:13"
    assert (sources.topics_recognised, sources.warnings, entry.gaps) == (3, [], [])


def test_a_topic_that_is_not_listed_is_told(tmp_path: Path) -> None:
    sources = _read(tmp_path, f"{TOP}- Hats and Scarves\nMay 2021\n{_entry()}")
    assert len(sources.warnings) == 1
    assert "“Hats and Scarves”" in sources.warnings[0]


@pytest.mark.parametrize(
    "header", ["May 2021", "MAY 2021", "may 2021:", "May, 2021", "  May 2021 "]
)
def test_a_month_may_be_written_in_other_ways(tmp_path: Path, header: str) -> None:
    assert _one(tmp_path, f"{header}\n{_entry()}").month == "2021-05"


def test_entries_belong_to_the_month_above_them(tmp_path: Path) -> None:
    later, earlier = _entry("One"), _entry("Two", CITED_TOO) + _entry("Three")
    sources = _read(tmp_path, f"{TOP}December 2022\n{later}October 2021\n{earlier}")
    found = [(entry.month, entry.title) for entry in sources.entries]
    assert found == [("2022-12", "One"), ("2021-10", "Two"), ("2021-10", "Three")]
    assert {entry.implications for entry in sources.entries} == {ADVICE.strip()}


def test_a_month_amid_a_sentence_is_no_header(tmp_path: Path) -> None:
    body = f"In May 2021 it rained. {BODY}"
    assert _one(tmp_path, f"June 2021\n{_entry(body=body)}").body == body


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_entry_without_citation_is_read_and_told(tmp_path: Path, place: int) -> None:
    cited = [CITED, CITED_TOO, CITED]
    cited[place] = ""
    entries = "".join(_entry(f"Title {n}", text) for n, text in enumerate(cited))
    found = _read(tmp_path, f"May 2021\n{entries}").entries
    assert [entry.title for entry in found] == ["Title 0", "Title 1", "Title 2"]
    assert [entry.citation for entry in found] == [text or None for text in cited]
    assert [entry.body for entry in found] == [BODY] * 3
    assert found[place].gaps == ["no citation"]


def test_a_citation_whose_authors_can_not_be_told_apart_parts_entries(tmp_path: Path) -> None:
    odd = CITED.replace("Moss, F., & Fern, R.", "Moss F, Fern 3R,")
    page = f"May 2021\n{_entry('One')}{_entry('Two', odd)}"
    assert [(e.title, e.citation) for e in _read(tmp_path, page).entries] == [
        ("One", CITED),
        ("Two", odd),
    ]


def test_a_title_twice_in_a_row_is_one_title(tmp_path: Path) -> None:
    entry = _one(tmp_path, f"May 2021\nDo Plants Calm?\n\n{_entry()}")
    assert (entry.title, entry.citation, entry.body) == ("Do Plants Calm?", CITED, BODY)


@pytest.mark.parametrize(
    "contact", ["Author email: moss@example.org", "E-mail: moss@example.org", "Author’s Email:"]
)
def test_contact_lines_are_told_and_in_no_text(tmp_path: Path, contact: str) -> None:
    sources = _read(tmp_path, f"May 2021\n{_entry('One')}{contact}\n{_entry('Two', CITED_TOO)}")
    assert [entry.title for entry in sources.entries] == ["One", "Two"]
    assert all(contact not in e.body + e.implications for e in sources.entries)
    assert [contact in warning for warning in sources.warnings] == [True]


def test_the_doi_of_a_link_to_the_abstract_is_read(tmp_path: Path) -> None:
    link = "Link to Abstract: https://doi.org/10.1037/pst0000175"
    assert _one(tmp_path, f"May 2021\n{_entry()}{link}\n").doi == "10.1037/pst0000175"


@pytest.mark.parametrize("heading", ["Practice Implications:", "PRACTICE IMPLICATIONS :"])
def test_the_heading_may_be_written_in_other_ways(tmp_path: Path, heading: str) -> None:
    page = f"May 2021\n{_entry()}".replace("Practice Implications", heading)
    assert _one(tmp_path, page).implications == ADVICE.strip()


def test_an_entry_without_the_heading_is_read_and_told(tmp_path: Path) -> None:
    bare = "\n".join(["One", CITED, BODY])
    found = _read(tmp_path, f"June 2021\n{bare}\nMay 2021\n{_entry('Two')}").entries
    assert [(entry.title, entry.body) for entry in found] == [("One", BODY), ("Two", BODY)]
    assert found[0].gaps == ["no “Practice Implications”"]


def test_where_neither_heading_nor_citation_parts_entries_the_page_is_refused(
    tmp_path: Path,
) -> None:
    doubtful = f"One\n{BODY}\nTwo\n{CITED}\n{BODY}\nPractice Implications\n{ADVICE}\n"
    error = _refusal(tmp_path, f"May 2021\n{doubtful}")
    assert "whether another entry begins here" in error.message
    assert error.where.endswith("page.txt:4")


@pytest.mark.parametrize("page", ["Some words.\n", TOP, _entry(), "May 2021\n"])
def test_a_page_that_is_none_of_the_blog_is_refused(tmp_path: Path, page: str) -> None:
    assert "no page of the blog" in _refusal(tmp_path, page).message


@pytest.mark.parametrize("cut", [ADVICE[:40], f"{ADVICE.strip()}\n{SENTENCE * 2}and then"])
def test_a_page_that_ends_in_the_middle_is_refused(tmp_path: Path, cut: str) -> None:
    page = f"May 2021\n{_entry('One')}{_entry('Two', CITED_TOO)}"
    error = _refusal(tmp_path, page.removesuffix(f"{ADVICE.strip()}\n") + cut)
    assert "ends in the middle" in error.message
    assert "copy it again" in error.remedy


@pytest.mark.parametrize(
    "last", [f"Two\n{CITED_TOO}\n{BODY[:150]}", f"Two\n{CITED_TOO}", f"Two\n{BODY}"]
)
def test_a_page_that_ends_above_the_last_heading_is_refused(tmp_path: Path, last: str) -> None:
    page = f"June 2021\n{_entry('One')}May 2021\n{last}"
    assert "ends in the middle" in _refusal(tmp_path, page).message


def test_the_foot_of_the_page_is_told_and_in_no_text(tmp_path: Path) -> None:
    sources = _read(tmp_path, f"May 2021\n{_entry()}{FOOT}")
    assert [entry.implications for entry in sources.entries] == [ADVICE.strip()]
    assert len(sources.warnings) == 1
    assert "foot of the page: “Subscribe”" in sources.warnings[0]


def test_topics_in_the_foot_are_recognised(tmp_path: Path) -> None:
    assert _read(tmp_path, f"May 2021\n{_entry()}Training\n").topics_recognised == 1


def test_several_paragraphs_stay_apart(tmp_path: Path) -> None:
    body = f"{BODY}\n{SENTENCE}"
    entry = _one(tmp_path, f"May 2021\n{_entry(body=body)}{SENTENCE}\n")
    assert entry.body == f"{BODY}\n\n{SENTENCE.strip()}"
    assert entry.implications == f"{ADVICE.strip()}\n\n{SENTENCE.strip()}"


def test_the_text_is_kept_to_the_letter(tmp_path: Path) -> None:
    body = (
        "r = −.19,  β < 0.05 & “so” ‘on’… *not* _marked_ [up] # 1. <b>é</b>\u00a0\\n — 5–6 ﬁn. " * 3
    )
    assert _one(tmp_path, f"May 2021\n{_entry(body=body.strip())}").body == body.strip()


def test_a_page_with_other_line_ends_and_a_byte_order_mark_is_the_same(tmp_path: Path) -> None:
    page = f"{TOP}May 2021\n{_entry()}"
    plain = _read(tmp_path, page)
    path = tmp_path / "page.txt"
    path.write_bytes(("\ufeff" + page.replace("\n", "\r\n")).encode())
    assert read_blog_page(path, TOPICS) == plain


@pytest.mark.parametrize("titles", ["", "One or\nThe Other\n"])
def test_where_no_line_or_more_than_one_may_be_the_title_the_page_is_refused(
    tmp_path: Path, titles: str
) -> None:
    uncited = f"{titles}- {BODY}\nPractice Implications\n{ADVICE}\n"
    error = _refusal(tmp_path, f"May 2021\n{_entry()}{uncited}")
    assert "whether another entry begins here" in error.message
    assert "join lines that are one" in error.remedy
