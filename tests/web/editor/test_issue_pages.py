import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from making import EMPATHY, MONTH, TRAINING, a_reader, a_summary, stored
from pprmail.bootstrap import App, utc_now
from pprmail.model.issue import IssueState
from pprmail.model.link import LinkProblem
from pprmail.services.assembly import assemble, assemble_in
from pprmail.services.issue_editing import IssueWords, issue_to_edit
from pprmail.services.review import approve
from pprmail.storage.tables import AuditEntry, Delivery, Issue
from pprmail.web.editor.editions import LETTER_POLICY
from web.editor.at_the_desk import EDITOR, DeskVisitor
from web.visiting import digest_of_rows, page_of

ISSUE = f"/editor/issues/{MONTH}"
FIRST, SECOND = "first-of-two", "second-of-two"
PAGES = ("", "/check", "/editions", "/editions/3", "/editions/0/letter", "/skip", "/test")


@pytest.fixture
def issue(app: App) -> str:
    """A draft of two summaries, the first of which has no DOI."""
    first = a_summary("First of Two?", doi=None, in_brief="In a few words.")
    stored(app.database, first, a_summary("Second of Two?", topics=[EMPATHY, TRAINING]))
    a_reader(app.database, "ada@example.org", EMPATHY, name="Ada")
    a_reader(app.database, "all@example.org")
    assemble(app.newsroom, MONTH, who="test", now=utc_now())
    return MONTH


def words_on(page: Any) -> str:
    return " ".join(page.find(".//main").text_content().split())


def version_on(editor: DeskVisitor) -> str:
    page = page_of(editor.get(ISSUE))
    return str(page.xpath("//input[@name='version']/@value")[0])


def noted(app: App, what: str) -> list[AuditEntry]:
    with app.database.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.what == what)))


def test_the_first_day_says_what_to_do(editor: DeskVisitor) -> None:
    words = words_on(page_of(editor.get("/editor/")))
    assert "three things make the first letter" in words
    assert "Needs your attention Nothing does." in words


def test_home_assembles_the_month_when_asked_to(app: App, editor: DeskVisitor) -> None:
    month = utc_now().strftime("%Y-%m")
    stored(app.database, a_summary(month=month))
    assert "not assembled yet" in words_on(page_of(editor.get("/editor/")))
    answer = editor.post("/editor/assemble")
    assert answer.headers["location"] == f"/editor/issues/{month}"
    assert "it holds one summary" in editor.follow(answer).text
    page = page_of(editor.get("/editor/"))
    (here,) = page.xpath("//ol[contains(@class, 'stages')]/li[@aria-current='step']")
    assert here.text_content().split()[1] == "Check,"


def test_looking_at_every_page_of_an_issue_changes_nothing(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    before = digest_of_rows(app.database)
    for page in PAGES:
        assert editor.get(ISSUE + page).status_code == 200, page
    assert editor.get("/editor/").status_code == 200
    assert editor.get("/editor/issues").status_code == 200
    assert digest_of_rows(app.database) == before


def test_a_summary_moves_without_a_script_and_its_place_is_said(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    answer = editor.post(f"{ISSUE}/order", move=f"up {SECOND}")
    assert answer.headers["location"] == f"{ISSUE}#at-{SECOND}"
    said = "“Second of Two?” is number 1 of 2 now."
    assert said in editor.follow(answer).text
    assert [s.slug for s in issue_to_edit(app.newsroom, issue).summaries] == [SECOND, FIRST]
    assert editor.post(f"{ISSUE}/order", move="up nothing").status_code == 404


def test_saving_words_ends_an_approval_and_the_page_says_so(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    approve(app.newsroom, issue, by=EDITOR, now=utc_now())
    fields = {"subject": "My own", "preheader": "", "introduction": "Hello.", "notices": ""}
    answer = editor.post(ISSUE, do="save", version=version_on(editor), **fields)
    page = editor.follow(answer)
    assert "Saved: subject, introduction. This ended the approval" in page.text
    assert "It must be approved again." in page.text
    assert issue_to_edit(app.newsroom, issue).state is IssueState.DRAFT
    (line,) = noted(app, "issue words saved")
    assert (line.who, line.detail["after"]["subject"]) == (EDITOR, "My own")


def test_the_second_of_two_editors_sees_both_texts(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    version = version_on(editor)
    editor.post(ISSUE, do="save", version=version, introduction="Theirs.", subject="Their subject")
    refused = editor.post(ISSUE, do="save", version=version, introduction="Mine.")
    assert refused.status_code == 409
    page = page_of(refused)
    assert page.xpath("//textarea[@name='introduction']/text()") == ["\nMine."]
    assert "Theirs." in words_on(page)
    assert "Their subject" in words_on(page)
    fresh = str(page.xpath("//input[@name='version']/@value")[0])
    assert editor.post(ISSUE, do="save", version=fresh, introduction="Mine.").status_code == 303
    assert issue_to_edit(app.newsroom, issue).introduction == "Mine."


def test_words_can_be_looked_at_before_they_are_saved(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    typed = "Come **all** <script>alert(1)</script>"
    answer = editor.post(ISSUE, do="show", version=version_on(editor), notices=typed)
    assert answer.status_code == 200
    assert "<strong>all</strong>" in answer.text
    assert "<script>alert" not in answer.text
    assert issue_to_edit(app.newsroom, issue).notices == ""


def test_what_is_too_long_is_refused_beside_its_field(editor: DeskVisitor, issue: str) -> None:
    answer = editor.post(ISSUE, do="save", version=version_on(editor), subject="x" * 251)
    assert answer.status_code == 422
    (field,) = page_of(answer).xpath("//input[@name='subject']")
    assert field.get("aria-invalid") == "true"
    assert "subject-wrong" in field.get("aria-describedby")


def test_every_edition_stands_with_its_own_lines_in_an_inbox(
    editor: DeskVisitor, issue: str
) -> None:
    lines = page_of(editor.get(ISSUE)).xpath("//ul[contains(@class, 'lines')]/li")
    assert len(lines) == 4
    assert "In a few words." in lines[0].text_content()


def test_a_month_is_skipped_only_by_one_who_is_sure(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    assert editor.post(f"{ISSUE}/skip").status_code == 422
    answer = editor.post(f"{ISSUE}/skip", sure="yes")
    assert "There will be no letter in November 2026." in editor.follow(answer).text
    assert issue_to_edit(app.newsroom, issue).state is IssueState.SKIPPED
    again = editor.follow(editor.post(f"{ISSUE}/order", move=f"up {SECOND}"))
    assert "Nothing was moved" in again.text


def test_warnings_are_ticked_off_by_name(app: App, editor: DeskVisitor, issue: str) -> None:
    page = page_of(editor.get(f"{ISSUE}/check"))
    digests = page.xpath("//input[@name='seen']/@value")
    assert "“First of Two?”: readers have no link to the study" in words_on(page)
    ticked = editor.follow(editor.post(f"{ISSUE}/check", seen=digests))
    assert "Every warning is ticked off." in ticked.text
    assert f"Ticked off by {EDITOR}" in words_on(page_of(ticked))
    assert noted(app, "warnings ticked off")[0].who == EDITOR


def test_a_tick_is_taken_back_on_a_page_that_showed_it_and_on_no_older_one(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    page = page_of(editor.get(f"{ISSUE}/check"))
    older = page.xpath("//input[@name='was_seen']/@value")
    editor.post(f"{ISSUE}/check", seen=page.xpath("//input[@name='seen']/@value"))
    still = editor.follow(editor.post(f"{ISSUE}/check", was_seen=older))
    assert "Every warning is ticked off." in still.text
    shown = page_of(editor.get(f"{ISSUE}/check")).xpath("//input[@name='was_seen']/@value")
    assert len(shown) == 1
    taken_back = editor.follow(editor.post(f"{ISSUE}/check", was_seen=shown))
    assert "1 warning waits still." in taken_back.text


def test_what_was_ticked_off_is_ticked_on_the_page_of_the_approval(
    editor: DeskVisitor, issue: str
) -> None:
    boxes = "//input[@name='ticked'][@checked]"
    assert not page_of(editor.fresh().get(f"{ISSUE}/approve")).xpath(boxes)
    digests = page_of(editor.get(f"{ISSUE}/check")).xpath("//input[@name='seen']/@value")
    editor.post(f"{ISSUE}/check", seen=digests)
    assert len(page_of(editor.fresh().get(f"{ISSUE}/approve")).xpath(boxes)) == 1


def test_an_error_leads_to_where_it_is_mended(app: App, editor: DeskVisitor, issue: str) -> None:
    with app.database.write() as session:
        session.scalars(select(Issue)).one().introduction = "See [this](http://example.org)."
    page = page_of(editor.get(f"{ISSUE}/check"))
    (item,) = page.xpath("//section[@aria-labelledby='errors']//li")
    assert item.xpath(".//a/@href") == [f"{ISSUE}/editions"]
    assert "Go on to approve" not in words_on(page)


def test_editions_without_a_reader_today_are_folded_away(editor: DeskVisitor, issue: str) -> None:
    page = page_of(editor.get(f"{ISSUE}/editions"))
    assert "4 editions, 2 readers today." in words_on(page)
    assert len(page.xpath("//main/ul/li")) == 2
    assert len(page.xpath("//details//li")) == 2
    assert "Topics that lead here: Empathy; Training." in words_on(page)


def test_a_letter_is_shown_as_a_given_reader_gets_it(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    answer = editor.post(f"{ISSUE}/editions", address="ADA@example.org")
    assert re.fullmatch(rf"{ISSUE}/editions/2\?reader=[\w-]+", answer.headers["location"])
    page = page_of(editor.follow(answer))
    assert "“Dear Ada,” “You get this because you follow Empathy.”" in words_on(page)
    (frame,) = page.xpath("//iframe/@src")
    letter = editor.get(frame)
    assert "Dear Ada," in letter.text
    tokens = re.findall(r'unsubscribe/([^"]+)"', letter.text)
    assert tokens
    assert app.signer.read_leave(tokens[0]) is LinkProblem.FORGED


@pytest.mark.parametrize(
    ("address", "said"),
    [("", "Give a reader’s address."), ("nobody@example.org", "Nobody has this address.")],
)
def test_nobody_is_found_where_nobody_is(
    editor: DeskVisitor, issue: str, address: str, said: str
) -> None:
    answer = editor.post(f"{ISSUE}/editions", address=address)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_letter_in_a_frame_can_do_nothing(editor: DeskVisitor, issue: str) -> None:
    answer = editor.get(f"{ISSUE}/editions/3/letter")
    policy = answer.headers["content-security-policy"]
    assert policy == LETTER_POLICY.format(images="https: data:")
    assert policy.startswith("sandbox; default-src 'none'; ")
    off = editor.get(f"{ISSUE}/editions/3/letter?look=no-images")
    assert "img-src 'none'" in off.headers["content-security-policy"]
    (frame,) = page_of(editor.get(f"{ISSUE}/editions/3")).xpath("//iframe")
    assert frame.get("sandbox") == ""


@pytest.mark.parametrize("look", ["light", "dark", "turned"])
def test_a_look_is_a_copy_that_no_browser_s_own_preference_changes(
    editor: DeskVisitor, issue: str, look: str
) -> None:
    letter = editor.get(f"{ISSUE}/editions/3/letter?look={look}").text
    assert "prefers-color-scheme" not in letter
    assert ("@media all" in letter) == (look == "dark")
    assert ("invert(1)" in letter) == (look == "turned")
    assert "Second of Two?" in letter


def test_what_changed_since_the_approval_is_marked(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    approve(app.newsroom, issue, by=EDITOR, now=utc_now())
    changes = f"{ISSUE}/editions/3?show=changes"
    assert "Nothing has changed: these are the very bytes." in editor.get(changes).text
    editor.post(ISSUE, do="save", version=version_on(editor), introduction="Brand new.")
    page = page_of(editor.get(changes))
    assert page.xpath("//ins")[0].text_content() == "new: Brand new."


@pytest.mark.parametrize(
    "path", ["/editions/99", "/editions/99/letter", "/editions/3?reader=nobody", "/nothing"]
)
def test_what_is_not_there_is_not_found(editor: DeskVisitor, issue: str, path: str) -> None:
    assert editor.get(ISSUE + path).status_code == 404


def test_a_test_goes_to_an_editor_and_its_outcome_is_shown(
    app: App, editor: DeskVisitor, issue: str
) -> None:
    answer = editor.post(f"{ISSUE}/test", addresses=EDITOR, edition="1", reader="ada@example.org")
    page = page_of(editor.follow(answer))
    cells = [cell.text_content() for cell in page.xpath("//tbody/tr[1]/*")]
    assert cells[:3] == [EDITOR, "Edition 2", "Written to a file; nothing left this machine"]
    (letter,) = app.postroom.outbox.folder.rglob("*.eml")
    assert "Dear Ada," in letter.read_text()
    with app.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
    assert noted(app, "test sent")[0].who == EDITOR


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"addresses": ""}, "addresses"),
        ({"addresses": "no address"}, "addresses"),
        ({"addresses": EDITOR, "reader": "nobody@example.org"}, "reader"),
    ],
)
def test_a_test_that_can_not_be_sent_is_refused_beside_its_field(
    editor: DeskVisitor, issue: str, fields: dict[str, str], wrong: str
) -> None:
    answer = editor.post(f"{ISSUE}/test", **fields)
    assert answer.status_code == 422
    (field,) = page_of(answer).xpath(f"//input[@name='{wrong}']")
    assert field.get("aria-invalid") == "true"


def test_a_scheduled_issue_says_when_it_goes_out(app: App, editor: DeskVisitor, issue: str) -> None:
    approve(app.newsroom, issue, by=EDITOR, now=utc_now())
    with app.database.write() as session:
        session.scalars(select(Issue)).one().send_at = utc_now() + timedelta(days=3)
    page = words_on(page_of(editor.get("/editor/")))
    assert "goes out on" in page
    assert "to about 2 readers" in page


@pytest.mark.parametrize("state", [IssueState.SKIPPED, IssueState.SENT, IssueState.CANCELLED])
def test_an_issue_that_has_ended_can_be_looked_at_and_not_changed(
    app: App, editor: DeskVisitor, issue: str, state: IssueState
) -> None:
    approve(app.newsroom, issue, by=EDITOR, now=utc_now())
    with app.database.write() as session:
        found = session.scalars(select(Issue)).one()
        found.state = state
        found.sent_at = utc_now() if state is IssueState.SENT else None
    version = version_of(app, issue)
    for page in (*PAGES, "/editions/3?show=changes"):
        assert editor.get(ISSUE + page).status_code == 200, page
    for page in ("/editor/", "/editor/issues"):
        assert editor.get(page).status_code == 200, page
    refused = editor.post(ISSUE, do="save", version=version, subject="Too late")
    assert refused.status_code == 422
    assert f"Nothing was saved: the issue of 2026-11 is {state}" in refused.text
    assert editor.post(f"{ISSUE}/check", seen=[]).status_code == 303
    assert editor.post(f"{ISSUE}/skip", sure="yes").status_code == 303
    with app.database.read() as session:
        assert session.scalars(select(Issue.state)).one() is state


def version_of(app: App, issue: str) -> str:
    return IssueWords.of(issue_to_edit(app.newsroom, issue)).version


def test_an_issue_that_holds_nothing_yet_says_so(app: App, editor: DeskVisitor) -> None:
    with app.database.write() as session:
        assemble_in(session, MONTH, who="scheduler", now=utc_now())
    for page in ("", "/check", "/editions", "/skip", "/test"):
        assert editor.get(ISSUE + page).status_code == 200, page
    assert "It holds no summary yet." in editor.get(ISSUE).text
    assert "holds no summary yet" in editor.get("/editor/").text
