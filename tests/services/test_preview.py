import json
from dataclasses import replace
from pathlib import Path

from lxml import html

from making import (
    ALLIANCE,
    EMPATHY,
    NOW,
    SIGNER,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.rendering.pages import Pages
from pprmail.services.preview import write_preview
from pprmail.services.review import see
from pprmail.storage.database import Database


def preview(database: Database, folder: Path) -> Path:
    newsroom = a_newsroom(database)
    a_reader(database, "r@example.org", ALLIANCE)
    name = an_approved_issue(
        newsroom, a_summary("First of Two?"), a_summary("Second of Two?", topics=[EMPATHY])
    )
    pages = Pages(newsroom.press.shelf, newsroom.press.views)
    postroom = a_postroom(newsroom, folder)
    return write_preview(postroom, pages, see(newsroom, name, now=NOW), folder / "out").parent


def test_the_manifest_names_every_edition_and_its_files(sqlite: Database, tmp_path: Path) -> None:
    folder = preview(sqlite, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    keys = {"edition", "summaries", "subscribers", "fingerprint", "html", "text", "eml"}
    assert [set(entry) for entry in manifest] == [keys] * 4
    assert [(e["edition"], e["subscribers"]) for e in manifest] == [
        ("edition 1+2", 0),
        ("edition 1", 1),
        ("edition 2", 0),
        ("edition note", 0),
    ]
    files = {entry[kind] for entry in manifest for kind in ("html", "text", "eml")}
    assert {path.name for path in folder.iterdir()} == files | {"index.html", "manifest.json"}


def test_a_preview_is_the_letter_but_for_links_that_open_nothing(
    sqlite: Database, tmp_path: Path
) -> None:
    folder = preview(sqlite, tmp_path)
    html = (folder / "edition-1-2.html").read_text()
    text = (folder / "edition-2.txt").read_text()
    assert "-pm." not in html + text
    assert "because you follow all topics" in html
    assert "because you follow Empathy." in text
    token = html.partition("/unsubscribe/")[2].partition('"')[0]
    assert SIGNER.read_leave(token) != "preview"


def test_the_index_shows_who_would_get_what(sqlite: Database, tmp_path: Path) -> None:
    index = (preview(sqlite, tmp_path) / "index.html").read_text()
    assert "Edition 1: 1 reader today" in index
    assert "Topics that lead here: Alliance and Therapeutic Relationship" in index
    assert "sandbox" in index


def test_the_index_shows_the_plain_text_as_well(sqlite: Database, tmp_path: Path) -> None:
    folder = preview(sqlite, tmp_path)
    page = html.document_fromstring((folder / "index.html").read_text())
    shown = ["".join(map(str, pre.itertext())) for pre in page.iter("pre")]
    assert shown[1] == (folder / "edition-1.txt").read_text()


def test_previewing_again_gives_the_same_letters(sqlite: Database, tmp_path: Path) -> None:
    folder = preview(sqlite, tmp_path)
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in {".html", ".txt"}}
    newsroom = a_newsroom(sqlite)
    pages = Pages(newsroom.press.shelf, newsroom.press.views)
    seen = see(newsroom, "2026-11", now=NOW)
    write_preview(replace(a_postroom(newsroom, tmp_path)), pages, seen, folder)
    after = {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in {".html", ".txt"}}
    assert after == before
