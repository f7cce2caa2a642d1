"""A summary is written, checked, shown and saved in the browser, with and without its scripts."""

from typing import Any

import pytest
from sqlalchemy import update

from making import ALLIANCE, MONTH, NOW, a_summary, stored
from pprmail.bootstrap import App
from pprmail.model.correction import CorrectionKind
from pprmail.model.issue import IssueState
from pprmail.services.archive import listed, shown
from pprmail.services.assembly import assemble
from pprmail.services.corrections import add_note, draft_letter
from pprmail.services.review import approve
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Issue
from services.test_pasted import FIRST
from sources.test_blog_page import TOP
from web.editor.at_the_desk import DeskVisitor, an_editor
from web.visiting import digest_of_rows, page_of

SLUG = "a-question-about-alliance"
ONE = f"/editor/summaries/{SLUG}"
NEW = "/editor/summaries/new"
FIELDS = {
    "title": "One Thing?",
    "month": "2026-11",
    "citation": "Doe, J. (2021). A study of something. Journal of Studies, 5(2), 10–20. "
    "https://doi.org/10.1000/xyz123",
    "type_of_research": "Meta-analysis",
    "topics": [ALLIANCE],
    "body": "Some *words* about it.\r\n\r\nMore words.",
    "implications": "What one may do.",
    "draft": "a-key",
}


def test_a_new_summary_is_saved_and_joins_the_letter(app: App, editor: DeskVisitor) -> None:
    stored(app.database, a_summary())
    assemble(app.newsroom, MONTH, who="test", now=NOW)
    answer = editor.post(NEW, **FIELDS)
    assert answer.headers["location"] == "/editor/summaries/one-thing"
    assert "was taken into the issue of 2026-11" in editor.follow(answer).text
    saved = shown(app.newsroom, "one-thing")
    assert (saved.body, saved.doi) == ("Some *words* about it.\n\nMore words.", "10.1000/xyz123")
    assert saved.topics == [ALLIANCE]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", " ", "Please give it a title."),
        ("month", "November", "written as 2026-11"),
        ("doi", "10.1", "no whole DOI"),
        ("type_of_research", "Rumour", "choose one of the list"),
        ("topics", ["nonsense", ALLIANCE], "is no topic"),
        ("title", "x" * 3000, "far too long"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(
    app: App, editor: DeskVisitor, field: str, value: Any, said: str
) -> None:
    answer = editor.post(NEW, **(FIELDS | {field: value}))
    assert answer.status_code == 422
    page = page_of(answer)
    beside = page.get_element_by_id(f"{field}-wrong")
    assert said in beside.text_content()
    marked = page.xpath("//*[@aria-invalid='true']")[0]
    assert f"{field}-wrong" in marked.get("aria-describedby")
    assert "More words." in page.get_element_by_id("body").text
    assert list(listed(app.newsroom)) == []


def test_a_title_that_the_month_has_already_is_told_beside_it(editor: DeskVisitor) -> None:
    editor.post(NEW, **FIELDS)
    answer = editor.post(NEW, **FIELDS)
    assert answer.status_code == 422
    assert "November 2026 has a summary of this title already" in answer.text


def test_checking_tells_lengths_citation_and_hints_and_saves_nothing(
    app: App, editor: DeskVisitor
) -> None:
    before = digest_of_rows(app.database)
    body = "  🙂 Then r = .9 (95% CI .1 to .2)."
    answer = editor.post(NEW, **(FIELDS | {"body": body, "do": "check"}))
    assert answer.status_code == 200
    page = page_of(answer)
    assert page.get_element_by_id("body-hint").text_content() == "10 words; 80 to 350 are usual"
    assert "10.1000/xyz123" in page.xpath("//*[@id='study']//dd/text()")
    (place,) = page.xpath("//a[@class='place']")
    assert place.get("href") == "#body"
    # Browsers count this face as two.
    units = body.encode("utf-16-le")
    start, end = (2 * int(place.get(f"data-{name}")) for name in ("start", "end"))
    assert units[start:end].decode("utf-16-le") == "r = .9 (95% CI .1 to .2"
    assert digest_of_rows(app.database) == before


def test_what_another_saved_meanwhile_is_shown_beside_ones_own(app: App) -> None:
    stored(app.database, a_summary(body="Some old words."))
    edith, bo = an_editor(app), an_editor(app, email="bo@example.org")
    first = fields_of(edith, ONE)
    assert bo.post(ONE, **(first | {"body": "Some new words."})).status_code == 303
    answer = edith.post(ONE, **(first | {"body": "Some other words."}))
    assert answer.status_code == 409
    page = page_of(answer)
    assert "Bo saved it at" in page.text_content()
    assert [page.xpath(f"//section//{tag}/text()")[-1] for tag in ("del", "ins")] == [
        "new",
        "other",
    ]
    assert page.get_element_by_id("body").text.strip() == "Some other words."
    assert shown(app.newsroom, SLUG).body == "Some new words."
    again = fields_in(page)
    assert edith.post(ONE, **again).status_code == 303
    assert shown(app.newsroom, SLUG).body == "Some other words."


def test_a_summary_that_was_deleted_meanwhile_takes_no_text_with_it(
    app: App, editor: DeskVisitor
) -> None:
    stored(app.database, a_summary())
    first = fields_of(editor, ONE)
    version = {"version": first["version"]}
    assert editor.post(f"{ONE}/delete", **version).status_code == 303
    answer = editor.post(ONE, **(first | {"body": "All my words."}))
    assert answer.status_code == 409
    page = page_of(answer)
    assert "deleted this summary while you were writing" in page.text_content()
    assert page.get_element_by_id("summary").get("action") == NEW
    assert editor.post(NEW, **fields_in(page)).status_code == 303
    assert shown(app.newsroom, SLUG).body == "All my words."


def test_a_change_says_that_it_ended_the_approval(app: App, editor: DeskVisitor) -> None:
    stored(app.database, a_summary())
    assemble(app.newsroom, MONTH, who="test", now=NOW)
    approve(app.newsroom, MONTH, by="editor@example.org", now=NOW)
    assert "saving a change ends that approval" in editor.get(ONE).text
    answer = editor.post(ONE, **(fields_of(editor, ONE) | {"body": "Other words."}))
    assert "The approval of 2026-11 has ended" in editor.follow(answer).text


def test_what_went_out_is_shown_and_changed_only_knowingly(app: App, editor: DeskVisitor) -> None:
    stored(app.database, a_summary())
    assemble(app.newsroom, MONTH, who="test", now=NOW)
    fields = fields_of(editor, ONE)
    with app.database.write() as session:
        issue = issue_named(session, MONTH)
        sent = update(Issue).where(Issue.id == issue.id)
        session.execute(sent.values(state=IssueState.SENT, frozen_at=NOW))
    page = editor.get(ONE).text
    assert "went out in the letter of November 2026" in page
    assert "<textarea" not in page
    answer = editor.post(ONE, **(fields | {"body": "Typed while it was sent."}))
    assert answer.status_code == 422
    assert "Typed while it was sent." in answer.text
    mended = editor.post(ONE, **(fields | {"body": "Mended.", "mends": "yes"}))
    assert "The archive shows the new text." in editor.follow(mended).text
    assert shown(app.newsroom, SLUG).body == "Mended."
    assert "I mend what the archive shows" in editor.get(f"{ONE}?mend=archive").text
    assert "can’t be deleted" in editor.get(f"{ONE}/delete").text
    version = shown(app.newsroom, SLUG).version
    assert editor.post(f"{ONE}/delete", version=str(version)).status_code == 422


def test_mending_says_that_it_ended_the_approval_of_a_letter_about_it(
    app: App, editor: DeskVisitor
) -> None:
    words = {"body": "Some words.", "implications": "What one may do."}
    stored(app.database, a_summary(**words))
    assemble(app.newsroom, MONTH, who="test", now=NOW)
    with app.database.write() as session:
        session.execute(update(Issue).values(state=IssueState.SENT, frozen_at=NOW))
    said = CorrectionKind.CORRECTION, "It was wrong."
    noted = add_note(app.newsroom, MONTH, about=SLUG, said=said, by="e", now=NOW)
    letter = draft_letter(app.newsroom, noted.id, by="e", now=NOW)
    approve(app.newsroom, letter.name, by="editor@example.org", now=NOW)
    form = fields_in(page_of(editor.get(f"{ONE}?mend=archive"))) | {"mends": "yes"}
    assert "Nothing was changed." in editor.follow(editor.post(ONE, **form)).text
    mended = editor.follow(editor.post(ONE, **(form | {"body": "Mended."})))
    assert "The archive shows the new text." in mended.text
    assert "The approval of 2026-11-c1 has ended" in mended.text


def test_a_proof_is_the_letter_itself_in_which_nothing_can_act(
    app: App, editor: DeskVisitor
) -> None:
    stored(app.database, a_summary())
    before = digest_of_rows(app.database)
    saved = editor.get(f"{ONE}/proof")
    typed = editor.post(f"{NEW}/proof", **(FIELDS | {"body": "<script>alert(1)</script>"}))
    for answer in (saved, typed):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none';")
        assert "script-src" not in policy
        assert "frame-ancestors 'self'" in policy
        assert "<script" not in answer.text
    assert "&lt;script&gt;" in typed.text
    assert "One Thing?" in typed.text
    assert digest_of_rows(app.database) == before


def test_unsaved_text_is_kept_offered_taken_up_and_discarded(app: App, editor: DeskVisitor) -> None:
    stored(app.database, a_summary())
    typed = fields_of(editor, ONE) | {"body": "Half a sentence", "draft": "mine"}
    answer = editor.post(f"{ONE}/draft", **typed)
    assert "Kept as unsaved text at" in answer.text
    offered = editor.get(ONE).text
    assert "You have unsaved text of" in offered
    assert "Half a sentence" not in offered
    taken = page_of(editor.get(f"{ONE}?draft=mine"))
    assert taken.get_element_by_id("body").text.strip() == "Half a sentence"
    other = an_editor(app, email="bo@example.org")
    assert "unsaved text" not in other.get(ONE).text
    assert "Half a sentence" not in other.get(f"{ONE}?draft=mine").text
    assert "Edith is writing here, too" in other.get(ONE).text
    editor.post(f"{ONE}/discard", draft="mine")
    assert "You have unsaved text" not in editor.get(ONE).text
    assert shown(app.newsroom, SLUG).body != "Half a sentence"


def test_a_text_that_is_as_it_was_saved_is_no_unsaved_text(app: App, editor: DeskVisitor) -> None:
    stored(app.database, a_summary(body="Some words.", implications="Some more."))
    first = fields_of(editor, ONE) | {"draft": "mine"}
    editor.post(f"{ONE}/draft", **(first | {"body": "Some words, and"}))
    answer = editor.post(f"{ONE}/draft", **first)
    assert "Kept" not in answer.text
    assert "You have unsaved text" not in editor.get(ONE).text


def test_the_list_leads_to_each_summary_and_names_its_gaps(app: App, editor: DeskVisitor) -> None:
    stored(app.database, a_summary(implications="", body="It was p = 1.4."))
    assemble(app.newsroom, MONTH, who="test", now=NOW)
    page = editor.get("/editor/summaries").text
    assert f'href="{ONE}"' in page
    assert "letter being written" in page
    assert "No Practice Implications · one thing worth a second look" in page


def test_the_copy_stands_in_the_order_of_the_blog(app: App, editor: DeskVisitor) -> None:
    stored(app.database, a_summary(body="Some *words* & more.\n\n- one\n- two"))
    page = page_of(editor.get(f"{ONE}/copy"))
    copied = page.get_element_by_id("to-copy")
    kinds = [element.tag for element in copied]
    assert kinds == ["h2", "p", "p", "ul", "h3", "p"]
    assert copied.xpath(".//em/text()") == ["Journal of Studies, 5", "words"]
    assert copied[1].text_content().endswith(" https://doi.org/10.1000/xyz123")


def test_a_pasted_copy_is_read_as_the_same_entry(app: App, editor: DeskVisitor) -> None:
    words = "Some words about what was found, and some more of them. " * 4
    stored(app.database, a_summary(body=words.strip(), implications=words.strip()))
    page = page_of(editor.get(f"{ONE}/copy"))
    lines = [element.text_content() for element in page.get_element_by_id("to-copy")]
    pasted = TOP + "November 2026\n" + "\n".join(lines) + "\n"
    answer = editor.post("/editor/blog-page", page=pasted, do="look")
    shown_page = page_of(answer)
    assert "0 new, 1 changed, 0 the same" in shown_page.text_content()
    (field, *_) = shown_page.xpath("//dt/text()")
    # The page tells nothing otherwise but its DOI, which stands in the citation there.
    assert field == "Citation"


def test_a_page_of_the_blog_is_looked_at_and_then_imported(app: App, editor: DeskVisitor) -> None:
    before = digest_of_rows(app.database)
    files = {"file": ("page.txt", FIRST.text.encode())}
    looked = editor.upload("/editor/blog-page", files, topic=ALLIANCE, type_of_research="")
    assert "2 new, 0 changed, 0 the same. Nothing is imported yet." in looked.text
    assert digest_of_rows(app.database) == before
    page = page_of(looked)
    (form,) = page.xpath("//form[.//textarea]")
    fields = {name: value for name, value in form.form_values() if name not in {"csrf", "take"}}
    places = page.xpath("//input[@name='take']/@value")
    none = editor.post("/editor/blog-page", **(fields | {"do": "import"}))
    assert (none.status_code, "Nothing is chosen" in none.text) == (422, True)
    answer = editor.post("/editor/blog-page", **(fields | {"do": "import", "take": places[:1]}))
    assert "Imported: 1 new, 0 replaced." in editor.follow(answer).text
    assert [(s.slug, s.topics) for s in listed(app.newsroom)] == [("do-plants-calm", [ALLIANCE])]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("page.pdf", b"%PDF"), "This kind of file can't be read"),
        (("page.txt", b"\xff\xfe\x00"), "not UTF-8"),
        (("page.html", b"<html>"), "cut off"),
        (("page.txt", b"Just words."), "no page of the blog"),
    ],
)
def test_what_is_no_page_is_refused_with_the_reason(
    editor: DeskVisitor, file: tuple[str, bytes], said: str
) -> None:
    answer = editor.upload("/editor/blog-page", {"file": file})
    assert answer.status_code == 422
    alert = page_of(answer).xpath("//*[@role='alert']")[0]
    assert said in alert.text_content()


def fields_of(visitor: DeskVisitor, path: str) -> dict[str, Any]:
    return fields_in(page_of(visitor.get(path)))


def fields_in(page: Any) -> dict[str, Any]:
    form = page.get_element_by_id("summary")
    fields: dict[str, Any] = {}
    for name, value in form.form_values():
        if name == "topics":
            fields.setdefault("topics", []).append(value)
        elif name != "csrf":
            fields[name] = value
    return fields
