"""Whatever is exported comes back by an import as it was."""

from pathlib import Path

import pytest

from making import ALLIANCE, NOW, TOPICS, TRAINING, a_newsroom, a_summary, stored
from pprmail.errors import OutputError
from pprmail.model.summary import CONTENT, TextFormat
from pprmail.rendering.prose import html_of
from pprmail.services.archive import listed
from pprmail.services.exporting import export_summaries, markdown_of
from pprmail.services.importing import Imported, bring_in
from pprmail.sources.reading import read_sources
from pprmail.storage.database import Database

WORDS = {"body": "Some *words*.\n\n- and a list", "implications": "What to do."}
ODD_LINES = """## Practice Implications

a title
---

another
===

1. one

2) two

# no heading

- no list

+ none

a*b_c [d](e) <f> & `g` ~h~ | \\i"""


def test_an_export_fills_an_empty_database_with_the_same_content(
    database: Database, tmp_path: Path
) -> None:
    full = a_summary(
        "One: “quoted”?", topics=[TRAINING, ALLIANCE], in_brief="It: yes", author="Bo", **WORDS
    )
    bare = a_summary("no", doi=None, citation=None, type_of_research=None, topics=[], **WORDS)
    stored(
        database, full, bare, a_summary("One: “quoted”?", month="2026-12", slug="one-2", **WORDS)
    )
    written = export_summaries(a_newsroom(database), tmp_path / "out")
    before = contents(database)
    emptied(database)
    assert len(reimported(database, tmp_path / "out").added) == 3
    assert (len(written), contents(database)) == (3, before)


def test_every_file_lies_in_the_folder_of_its_month_under_its_slug(
    database: Database, tmp_path: Path
) -> None:
    stored(database, a_summary("One?"), a_summary("Two?", month="2026-12"))
    assert export_summaries(a_newsroom(database), tmp_path) == [
        tmp_path / "2026-12" / "two.md",
        tmp_path / "2026-11" / "one.md",
    ]


def test_an_export_of_nothing_writes_nothing(database: Database, tmp_path: Path) -> None:
    assert export_summaries(a_newsroom(database), tmp_path / "out") == []
    assert not (tmp_path / "out").exists()


def test_an_export_imported_where_it_came_from_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    stored(database, a_summary("One?", **WORDS), a_summary("Two?", **WORDS))
    export_summaries(a_newsroom(database), tmp_path)
    result = reimported(database, tmp_path)
    assert (result.added, result.kept, len(result.comparison.unchanged)) == ([], [], 2)


def test_exporting_again_brings_the_files_up_to_date_and_leaves_others_alone(
    sqlite: Database, tmp_path: Path
) -> None:
    stored(sqlite, a_summary("One?"))
    (file,) = export_summaries(a_newsroom(sqlite), tmp_path)
    whole = file.read_bytes()
    other = file.with_name("other.md")
    other.write_text("mine")
    file.write_text("old")
    export_summaries(a_newsroom(sqlite), tmp_path)
    assert (file.read_bytes(), other.read_text()) == (whole, "mine")
    assert sorted(path.name for path in file.parent.iterdir()) == ["one.md", "other.md"]


def test_indents_and_line_ends_of_a_page_do_not_become_code_or_breaks() -> None:
    body = "    one\n\ntwo  \nthree\n\n  # four"
    page = a_summary("One?", body=body, text_format=TextFormat.PLAIN)
    assert "\n\none\n\ntwo\nthree\n\n\\# four\n\n" in markdown_of(page, TOPICS)


def test_the_text_of_a_page_is_escaped_so_that_it_reads_the_same() -> None:
    page = a_summary("One?", body=ODD_LINES, text_format=TextFormat.PLAIN)
    written = markdown_of(page, TOPICS)
    for escaped in ("1\\. one", "2\\) two", "\\# no", "\\- no", "\\+ none", "a\\*b\\_c", "\\<f\\>"):
        assert escaped in written


def test_a_page_keeps_its_look_through_export_and_import(
    database: Database, tmp_path: Path
) -> None:
    page = a_summary("One?", body=ODD_LINES, text_format=TextFormat.PLAIN)
    before = html_of(page.body, page.text_format)
    stored(database, page)
    export_summaries(a_newsroom(database), tmp_path)
    emptied(database)
    reimported(database, tmp_path)
    (after,) = listed(a_newsroom(database))
    assert html_of(after.body, after.text_format) == before


def test_a_folder_that_can_not_be_written_is_named(database: Database, tmp_path: Path) -> None:
    stored(database, a_summary("One?"))
    (tmp_path / "2026-11").write_text("a file stands in the way")
    with pytest.raises(OutputError) as failure:
        export_summaries(a_newsroom(database), tmp_path)
    assert failure.value.where == str(tmp_path / "2026-11" / "one.md")


def contents(database: Database) -> list[list[object]]:
    rows = sorted(listed(a_newsroom(database)), key=lambda s: (s.month, s.title))
    return [[row.month, *(getattr(row, name) for name in CONTENT)] for row in rows]


def emptied(database: Database) -> None:
    with database.write() as session:
        for summary in listed(a_newsroom(database)):
            session.delete(session.merge(summary))


def reimported(database: Database, folder: Path) -> Imported:
    return bring_in(a_newsroom(database), read_sources([folder], TOPICS), who="test", now=NOW)
