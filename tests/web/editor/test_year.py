"""A year's figures on one page, and as a file."""

from making import EMPATHY, a_reader, a_summary
from pprmail.bootstrap import App, utc_now
from web.editor.at_the_desk import DeskVisitor
from web.visiting import page_of, publish


def test_a_year_stands_on_one_page_and_in_one_file(app: App, editor: DeskVisitor) -> None:
    a_reader(app.database, "ada@example.org", EMPATHY)
    publish(app, a_summary(topics=[EMPATHY]))
    page = page_of(editor.get("/editor/year/2026"))
    row = page.xpath("//section[.//h2[@id='issues']]//tbody/tr")[0]
    assert [cell.text_content() for cell in row.xpath("*")][:3] == ["November 2026", "1", "1"]
    svgs = page.xpath("//svg[@role='img']/title/text()")
    assert [title.partition(";")[0] for title in svgs] == [
        "Readers who came and went, by month",
        "Letters by topic",
    ]
    answer = editor.get("/editor/year/2026.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="2026.csv"'
    assert "\r\n2026-11,1,1," in answer.text
    assert editor.get("/editor/year/1492").status_code == 404
    assert editor.get("/editor/year/x.csv").status_code == 404


def test_the_newest_year_is_this_one(editor: DeskVisitor) -> None:
    assert editor.get("/editor/year").headers["location"] == f"/editor/year/{utc_now().year}"
