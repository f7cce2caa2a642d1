"""Where the parts of the desk meet: each leads to the page of another that its words promise."""

import re

import pytest

from making import a_reader, a_summary, stored
from pprmail.bootstrap import App, utc_now
from pprmail.model.editor import Role
from pprmail.model.month import Month
from pprmail.services.assembly import assemble, month_to_write
from pprmail.web.editor.paths import part_of
from web.editor.at_the_desk import DeskVisitor, an_editor
from web.visiting import publish


@pytest.fixture
def editor(app: App) -> DeskVisitor:
    return an_editor(app, Role.ADMIN).fresh()


def hrefs(text: str) -> set[str]:
    return set(re.findall(r'href="([^"]+)"', text.partition("<main")[2]))


def test_the_first_day_leads_to_the_form_and_to_the_page_of_the_blog(editor: DeskVisitor) -> None:
    found = hrefs(editor.get("/editor/").text)
    assert {"/editor/summaries/new", "/editor/blog-page", "/editor/subscribers"} <= found


def test_a_month_without_a_summary_leads_to_the_form_with_that_month(
    app: App, editor: DeskVisitor
) -> None:
    stored(app.database, a_summary("Of Another Month?", month=Month("2020-01")))
    month = month_to_write(app.newsroom, now=utc_now())
    path = f"/editor/summaries/new?month={month}"
    assert path in hrefs(editor.get("/editor/").text)
    assert f'value="{month}"' in editor.get(path).text


def test_what_must_be_mended_leads_to_the_summary_from_the_check_and_from_the_yes(
    app: App, editor: DeskVisitor
) -> None:
    stored(app.database, a_summary("Without Implications?", implications=""))
    assemble(app.newsroom, Month("2026-11"), who="test", now=utc_now())
    for page in ("check", "approve"):
        text = editor.get(f"/editor/issues/2026-11/{page}").text
        assert "/editor/summaries/without-implications" in hrefs(text), page
        assert "Mend it" in text


def test_what_went_out_leads_to_its_notes(app: App, editor: DeskVisitor) -> None:
    a_reader(app.database, "ada@example.org")
    publish(app, a_summary("Sent?"))
    found = hrefs(editor.get("/editor/summaries/sent").text)
    assert "/editor/issues/2026-11/corrections" in found
    assert "/editor/issues/2026-11/report" in hrefs(editor.get("/editor/year/2026").text)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/editor/", "/editor/"),
        ("/editor/issues/2026-11/report", "/editor/"),
        ("/editor/summaries/new", "/editor/summaries"),
        ("/editor/blog-page", "/editor/summaries"),
        ("/editor/subscribers/upload/list", "/editor/subscribers"),
        ("/editor/year/2026", "/editor/subscribers"),
        ("/editor/log", "/editor/account"),
        ("/editor/people/invite", "/editor/people"),
        ("/editor/sign-in", ""),
    ],
)
def test_every_page_belongs_to_one_part_of_the_desk(path: str, part: str) -> None:
    assert part_of(path) == part
