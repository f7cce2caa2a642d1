from pathlib import Path

from making import MASTHEAD, a_press
from pprmail.rendering.blanks import Often, mark
from pprmail.rendering.pages import MOST_BLANKS, Pages
from pprmail.rendering.shelf import Shelf
from pprmail.shipped import shipped

OWN = """{% extends "pages/base.html" %}{% block content %}<h1>{{ words }}</h1>{{ called }}{% endblock %}"""


def pages(folder: Path, template: str = OWN) -> Pages:
    (folder / "pages").mkdir()
    (folder / "pages" / "own.html").write_text(template)
    return Pages(Shelf([folder, shipped("templates")]), a_press(MASTHEAD).views)


def often(name: str, words: str = "Hello") -> Often:
    def data() -> dict[str, object]:
        return {"title": "A page", "words": words, "called": mark("name")}

    return Often("own", (words,), data, {"name": name})


def test_a_page_that_is_filled_often_is_what_its_template_would_make_of_it(tmp_path: Path) -> None:
    site = pages(tmp_path)
    for name in ("Ada", "Bo & <b>", "\x07Zoë “Z”", ""):
        told = {"title": "A page", "words": "Hello", "called": name}
        assert site.often(often(name)) == site.page("own", **told)


def test_nothing_that_a_reader_wrote_is_kept_or_taken_for_a_place(tmp_path: Path) -> None:
    site = pages(tmp_path)
    site.often(often("Somebody’s own words"))
    assert "Somebody" not in repr(site._blanks)
    assert mark("name") in site.often(often(mark("name")))


def test_a_template_that_was_changed_is_filled_anew(tmp_path: Path) -> None:
    site = pages(tmp_path)
    assert "<h1>Hello</h1>" in site.often(often("Ada"))
    (tmp_path / "pages" / "own.html").write_text(OWN.replace("h1", "h2") + " ")
    assert "<h2>Hello</h2>" in site.often(often("Ada"))


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    site = pages(tmp_path)
    for number in range(MOST_BLANKS + 2):
        site.often(often("Ada", f"Hello {number}"))
    assert len(site._blanks) <= MOST_BLANKS
