"""The files of a cited study: whose they are, and who gets none."""

from pathlib import Path

import pytest
import rispy  # type: ignore[import-untyped]
from pybtex.database import parse_string  # type: ignore[import-untyped]

from making import a_reader, a_summary, an_approved_issue, stored
from pprmail.bootstrap import App
from pprmail.model.month import Month
from web.visiting import Visitor, an_app, begin, digest_of_rows, publish

SLUG = "a-question-about-alliance"
RIS, BIBTEX = f"/summaries/{SLUG}.ris", f"/summaries/{SLUG}.bib"
BOTH = pytest.mark.parametrize("path", [RIS, BIBTEX])


@pytest.fixture
def app(app: App) -> App:
    """The app, with somebody to send letters to."""
    a_reader(app.database, "somebody@example.org")
    return app


def test_a_published_summary_has_its_study_as_a_ris_file(app: App, visitor: Visitor) -> None:
    publish(app, a_summary())
    answer = visitor.get(RIS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-research-info-systems; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{SLUG}.ris"'
    (record,) = rispy.loads(answer.content.decode())
    assert (record["title"], record["authors"]) == ("A study of something", ["Doe, J."])
    assert record["doi"] == "10.1000/xyz123"


def test_a_published_summary_has_its_study_as_a_bibtex_file(app: App, visitor: Visitor) -> None:
    publish(app, a_summary())
    answer = visitor.get(BIBTEX)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-bibtex; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{SLUG}.bib"'
    entry = parse_string(answer.content.decode(), "bibtex").entries[f"doe2021-{SLUG}"]
    assert entry.fields["journal"] == "Journal of Studies"


@BOTH
def test_a_file_says_which_summary_it_came_from(app: App, visitor: Visitor, path: str) -> None:
    publish(app, a_summary())
    came_from = f"“A Question About Alliance?”, {app.newsroom.masthead.name}, November 2026, "
    page = f"https://letter.example.org/summaries/{SLUG}"
    assert came_from + page in visitor.get(path).content.decode()


@BOTH
def test_a_file_is_kept_by_browsers_as_long_as_its_page(
    app: App, visitor: Visitor, path: str
) -> None:
    publish(app, a_summary())
    page = visitor.get(f"/summaries/{SLUG}").headers["cache-control"]
    assert visitor.get(path).headers["cache-control"] == page == "public, max-age=300"


@BOTH
def test_a_head_request_tells_of_the_file_and_changes_nothing(
    app: App, visitor: Visitor, path: str
) -> None:
    publish(app, a_summary())
    before = digest_of_rows(app.database)
    whole, head = visitor.get(path), visitor.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-disposition", "content-length", "cache-control"):
        assert head.headers[name] == whole.headers[name]
    assert digest_of_rows(app.database) == before


@BOTH
def test_an_unpublished_summary_has_no_file(app: App, visitor: Visitor, path: str) -> None:
    an_approved_issue(app.newsroom, a_summary())
    assert_no_page(visitor, path)


@BOTH
def test_a_file_is_there_from_the_moment_the_letter_is_being_sent(
    app: App, visitor: Visitor, path: str
) -> None:
    begin(app, a_summary())
    assert visitor.get(path).status_code == 200


@BOTH
def test_a_summary_from_before_the_first_letter_has_its_file(
    app: App, visitor: Visitor, path: str
) -> None:
    stored(app.database, a_summary(month=Month("2026-09")))
    assert "September 2026" in visitor.get(path).content.decode()


@BOTH
def test_a_summary_that_cites_nothing_has_a_page_and_no_file(
    app: App, visitor: Visitor, path: str
) -> None:
    stored(app.database, a_summary(month=Month("2026-09"), citation=None, doi=None))
    assert visitor.get(f"/summaries/{SLUG}").status_code == 200
    assert_no_page(visitor, path)


@BOTH
def test_a_doi_alone_is_enough_for_a_file(app: App, visitor: Visitor, path: str) -> None:
    stored(app.database, a_summary(month=Month("2026-09"), citation=None))
    assert "10.1000/xyz123" in visitor.get(path).text


@BOTH
def test_the_summarys_own_doi_goes_before_the_citations(
    app: App, visitor: Visitor, path: str
) -> None:
    cited = "Doe, J. (2021). A study. Journal of Studies, 5(2), 1–2. https://doi.org/10.1000/cited1"
    stored(app.database, a_summary("Own?", month=Month("2026-09"), citation=cited))
    stored(app.database, a_summary("Cited?", month=Month("2026-09"), citation=cited, doi=None))
    assert doi_in(visitor, path.replace(SLUG, "own")) == "10.1000/xyz123"
    assert doi_in(visitor, path.replace(SLUG, "cited")) == "10.1000/cited1"


def test_what_could_not_be_read_comes_as_it_is_printed(app: App, visitor: Visitor) -> None:
    words = "As we heard at the meeting\r\nER  - \r\nTY  - BOOK"
    stored(app.database, a_summary(month=Month("2026-09"), citation=words, doi=None))
    (record,) = rispy.loads(visitor.get(RIS).content.decode())
    assert record["notes"][0] == "As we heard at the meeting ER - TY - BOOK"
    (key,) = parse_string(visitor.get(BIBTEX).content.decode(), "bibtex").entries
    assert key == SLUG


@pytest.mark.parametrize("ending", ["ris", "bib"])
def test_what_nobody_has_heard_of_has_no_file_on_either_database(
    visitor_on_each: Visitor, ending: str
) -> None:
    for slug in ("nothing", "", "a%00b", "%ff%fe", "a.ris", "..", "x" * 5000, '"; DROP TABLE'):
        assert_no_page(visitor_on_each, f"/summaries/{slug}.{ending}")


def test_where_the_site_has_a_path_files_are_found_below_it(
    tmp_path: Path, sqlite_url: str
) -> None:
    base = "https://example.org/our/letter"
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        stored(app.database, a_summary(month=Month("2026-09")))
        visitor = Visitor.of(app, base)
        answers = [visitor.get(f"{base}{path}") for path in (RIS, BIBTEX)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(f"{base}/summaries/{SLUG}" in answer.content.decode() for answer in answers)


def doi_in(visitor: Visitor, path: str) -> str:
    text = visitor.get(path).content.decode()
    if path.endswith(".ris"):
        return str(rispy.loads(text)[0]["doi"])
    (entry,) = parse_string(text, "bibtex").entries.values()
    return str(entry.fields["doi"])


def assert_no_page(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, "There is no such page" in answer.text) == (404, True), path
    assert "content-disposition" not in answer.headers
