"""A summary is written as a person does it: typed, pasted, closed by mistake, taken up, saved."""

import os
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.browsing import SCHEMES, Place, sign_in
from browser.clipboards import DOCS, FROM_DOCS, FROM_PAGE, FROM_WORD, PAGE, WORD
from browser.judging import complaints
from browser.measuring import CONTRASTS, OVER_THE_EDGE
from making import a_summary, stored
from pprmail.model.month import Month
from pprmail.services.archive import shown
from services.test_pasted import FIRST, SECOND

LATER = Month("2027-01")
PASTE = """([field, html]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", "plain");
  const box = document.getElementById(field);
  box.focus();
  box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
FAULTY = "Then **r** = .9 (95% CI .1 to .2), and no difference (p = .4). Fluckiger knows."
CITED = "Flückiger, C. (2020). A study of it. Journal of Studies, 5(2), 10–20."


@pytest.fixture
def desk(browser: Browser, place: Place) -> Iterator[Page]:
    size: Any = {"width": 1280, "height": 900}
    with browser.new_context(viewport=size) as context:
        page = context.new_page()
        sign_in(page, place)
        yield page


@pytest.fixture
def slug(place: Place) -> str:
    title = f"Study {os.urandom(4).hex()}"
    (slug,) = stored(place.app.database, a_summary(title, month=LATER, body="Some words."))
    return slug


def one(place: Place, slug: str) -> str:
    return f"{place.base}/editor/summaries/{slug}"


def test_hints_lengths_and_the_letter_follow_what_is_typed(desk: Page, place: Place) -> None:
    desk.goto(f"{place.base}/editor/summaries/new")
    desk.get_by_label("Title", exact=True).fill("What is typed?")
    desk.get_by_label("Citation of the study").fill(CITED)
    desk.get_by_label("Text", exact=True).fill(FAULTY)
    desk.get_by_text("Worth a second look (3)").wait_for()
    assert desk.locator("#body-hint").inner_text() == "17 words; 80 to 350 are usual"
    assert "Flückiger, C." in desk.locator("#study").text_content()  # type: ignore[operator]
    letter = desk.frame_locator(".proof iframe:not(.coming)")
    letter.get_by_role("heading", name="What is typed?").wait_for()
    letter.locator("strong", has_text="r").first.wait_for()
    desk.locator("#hints .place").first.click()
    chosen = "() => { const b = document.activeElement; return b.value.slice(b.selectionStart, b.selectionEnd); }"
    assert desk.evaluate(chosen) == "r** = .9 (95% CI .1 to .2"


def test_what_was_typed_survives_a_closed_tab(desk: Page, place: Place, slug: str) -> None:
    desk.goto(one(place, slug))
    desk.get_by_label("Text", exact=True).fill("Half a sentence that")
    desk.locator("#kept", has_text="Kept as unsaved text at").wait_for()
    desk.close()
    again = desk.context.new_page()
    again.goto(one(place, slug))
    again.get_by_text("You have unsaved text of").wait_for()
    assert again.get_by_label("Text", exact=True).input_value() == "Some words."
    again.get_by_role("link", name="Take it up").click()
    expect(again.get_by_label("Text", exact=True)).to_have_value("Half a sentence that")
    again.get_by_role("button", name="Save").click()
    again.get_by_role("status").filter(has_text="Saved.").wait_for()
    assert shown(place.app.newsroom, slug).body == "Half a sentence that"
    assert again.get_by_text("You have unsaved text of").count() == 0


def test_what_is_typed_is_kept_after_signing_in_again_in_another_tab(
    desk: Page, place: Place, slug: str
) -> None:
    desk.goto(one(place, slug))
    text = desk.get_by_label("Text", exact=True)
    sign_in(desk, place)
    text.fill("Typed under another session.")
    desk.locator("#kept", has_text="Kept as unsaved text at").wait_for()
    desk.context.clear_cookies()
    text.fill("Typed while signed out.")
    desk.locator("#kept", has_text="You are signed out").wait_for()
    sign_in(desk, place)
    desk.evaluate("dispatchEvent(new Event('focus'))")
    desk.locator("#kept", has_text="Kept as unsaved text at").wait_for()
    letter = desk.frame_locator(".proof iframe:not(.coming)")
    letter.locator("p", has_text="Typed while signed out.").wait_for()
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("status").filter(has_text="Saved.").wait_for()
    assert shown(place.app.newsroom, slug).body == "Typed while signed out."


def test_what_is_typed_is_not_kept_for_somebody_else_who_signed_in(
    desk: Page, place: Place, slug: str
) -> None:
    desk.goto(one(place, slug))
    sign_in(desk, place, "bo@example.org")
    desk.get_by_label("Text", exact=True).fill("Typed by the first.")
    desk.locator("#kept", has_text="Somebody else is signed in").wait_for()
    again = desk.context.new_page()
    again.goto(one(place, slug))
    assert again.get_by_text("You have unsaved text of").count() == 0


def test_two_at_once_are_told_and_shown_both_texts(
    browser: Browser, desk: Page, place: Place, slug: str
) -> None:
    desk.goto(one(place, slug))
    with browser.new_context(java_script_enabled=False) as context:
        other = context.new_page()
        sign_in(other, place, "bo@example.org")
        other.goto(one(place, slug))
        other.get_by_label("Text", exact=True).fill("Some words of Bo.")
        desk.get_by_label("Text", exact=True).fill("Some words of mine.")
        desk.locator("#kept", has_text="Kept").wait_for()
        other.get_by_role("button", name="Save").click()
        desk.get_by_label("Text", exact=True).fill("Some words of mine, now.")
        desk.locator("#company", has_text="Bo saved this summary").wait_for()
        desk.get_by_role("button", name="Save").click()
        desk.get_by_role("heading", name="Somebody saved this summary before you").wait_for()
        assert desk.locator("dd.reworded del").first.inner_text() == "Bo"
        assert complaints(desk) == []
        desk.get_by_role("button", name="Save").click()
        desk.get_by_role("status").filter(has_text="Saved.").wait_for()
    assert shown(place.app.newsroom, slug).body == "Some words of mine, now."


@pytest.mark.parametrize(
    ("html", "markdown"), [(WORD, FROM_WORD), (DOCS, FROM_DOCS), (PAGE, FROM_PAGE)]
)
def test_what_is_pasted_keeps_its_structure_and_drops_the_rest(
    desk: Page, place: Place, html: str, markdown: str
) -> None:
    desk.goto(f"{place.base}/editor/summaries/new")
    desk.evaluate(PASTE, ["body", html])
    assert desk.get_by_label("Text", exact=True).input_value() == markdown
    assert desk.evaluate("window.acted") is None
    desk.keyboard.press("Control+z")
    assert desk.get_by_label("Text", exact=True).input_value() == ""


def test_a_script_in_a_summary_does_nothing_anywhere(desk: Page, place: Place, slug: str) -> None:
    told: list[str] = []
    desk.on("dialog", lambda dialog: told.append(dialog.message))
    desk.route("**/*evil*/**", lambda route: told.append(route.request.url))
    harm = (
        "<script>alert(1)</script><img src=https://evil.example.net onerror=alert(2)> "
        "[x](javascript:alert(3)) ![y](https://evil.example.net/y) <svg onload=alert(4)>"
    )
    desk.goto(one(place, slug))
    for label in ("Title", "Citation of the study", "Text", "Practice Implications"):
        desk.get_by_label(label, exact=True).fill(f"{harm} ß (p = 4")
    desk.locator("#kept", has_text="Kept").wait_for()
    desk.frame_locator(".proof iframe:not(.coming)").get_by_role(
        "heading", name="alert(1)"
    ).first.wait_for()
    frame = desk.locator(".proof iframe")
    assert frame.get_attribute("sandbox") == ""
    # The letter itself has no way to act either, were its words not made harmless.
    acting = (
        "() => { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(5)>'); }"
    )
    desk.frames[1].evaluate(acting)
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("status").filter(has_text="Saved.").wait_for()
    desk.goto(f"{one(place, slug)}/copy")
    desk.goto(f"{one(place, slug)}/proof")
    desk.wait_for_timeout(100)
    assert told == []


def test_the_copy_is_rich_text_on_the_clipboard(desk: Page, place: Place, slug: str) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=place.base)
    desk.goto(f"{one(place, slug)}/copy")
    desk.get_by_role("button", name="Copy it").click()
    desk.get_by_text("Copied.").wait_for()
    read = """async () => { const [item] = await navigator.clipboard.read();
      return [await (await item.getType("text/html")).text(), await (await item.getType("text/plain")).text()]; }"""
    rich, plain = desk.evaluate(read)
    assert "<em>Journal of Studies, 5</em>" in rich
    title, *_ = plain.split("\n")
    assert title.startswith("Study ")
    assert plain.index("Some words.") < plain.index("Practice Implications")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_summary_is_written_with_the_keyboard_alone_on_a_phone(
    browser: Browser, place: Place, scripts: bool
) -> None:
    size: Any = {"width": 375, "height": 667}
    with browser.new_context(viewport=size, java_script_enabled=scripts) as context:
        page = context.new_page()
        sign_in(page, place)
        page.goto(f"{place.base}/editor/summaries")
        tab_to(page, "Write a summary")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Write a summary").wait_for()
        title = f"By Hand {os.urandom(4).hex()}"
        for field, words in (("title", title), ("citation", CITED), ("body", FAULTY)):
            tab_to(page, field)
            page.keyboard.type(words)
        tab_to(page, "implications")
        page.keyboard.type("What one may do.")
        tab_to(page, "Check")
        page.keyboard.press("Enter")
        page.get_by_text("Worth a second look (3)").wait_for()
        assert page.evaluate(OVER_THE_EDGE) == []
        tab_to(page, "Preview")
        page.keyboard.press("Enter")
        page.frame_locator(".proof iframe:not(.coming)").get_by_text("In this letter").or_(
            page.frame_locator(".proof iframe:not(.coming)").get_by_role("heading", name=title)
        ).first.wait_for()
        tab_to(page, "Save")
        page.keyboard.press("Enter")
        page.get_by_role("status").filter(has_text="Saved.").wait_for()
        assert page.get_by_label("Title", exact=True).input_value() == title


def test_topics_are_found_as_one_types(desk: Page, place: Place, slug: str) -> None:
    desk.goto(one(place, slug))
    desk.get_by_text("Choose topics").click()
    desk.get_by_label("Find a topic").fill("attrition")
    assert desk.locator(".topics-of .choice:visible").all_inner_texts() == [
        "Attendance, Attrition, and Drop-Out"
    ]
    desk.get_by_label("Attendance, Attrition, and Drop-Out").check()
    assert "Attendance, Attrition, and Drop-Out" in desk.locator("#topics-chosen").inner_text()


def test_a_page_of_the_blog_is_pasted_and_its_differences_are_seen(
    desk: Page, place: Place
) -> None:
    for text, found in ((FIRST, "2 new"), (SECOND, "1 new, 1 changed, 1 the same")):
        desk.goto(f"{place.base}/editor/blog-page")
        desk.get_by_label("The page’s text").fill(text.text)
        desk.get_by_role("button", name="Look at what it holds").click()
        desk.get_by_text(found).wait_for()
        assert complaints(desk) == []
        if "changed" in found:
            assert (
                desk.locator("dd.reworded del").inner_text(),
                desk.locator("dd.reworded ins").inner_text(),
            ) == (
                "calmer",
                "happier",
            )
            desk.get_by_label("Do Plants Calm?").check()
        desk.get_by_role("button", name="Import these").click()
        desk.get_by_role("status").filter(has_text="Imported").wait_for()
    assert "happier" in shown(place.app.newsroom, "do-plants-calm").body


def test_every_page_of_this_part_is_fit_to_be_read(desk: Page, place: Place, slug: str) -> None:
    paths = [
        "",
        "/new",
        f"/{slug}",
        f"/{slug}/copy",
        f"/{slug}/delete",
        "/a-question-about-alliance",
        "/a-question-about-alliance?mend=archive",
    ]
    for path in (*(f"/editor/summaries{each}" for each in paths), "/editor/blog-page"):
        desk.goto(place.base + path)
        for width, scheme in product((320, 375, 1280), SCHEMES):
            desk.set_viewport_size({"width": width, "height": 700})
            desk.emulate_media(color_scheme=scheme)
            assert desk.evaluate(OVER_THE_EDGE) == [], path
            assert [w for ratio, w in desk.evaluate(CONTRASTS) if ratio < 4.5] == [], path
            if (width, scheme) in {(320, "dark"), (375, "light"), (1280, "light"), (1280, "dark")}:
                assert complaints(desk) == [], (path, width, scheme)


def tab_to(page: Page, target: str) -> None:
    """Press Tab up to a control, which is always seen to have the focus."""
    for _ in range(90):
        page.keyboard.press("Tab")
        focused = "() => [document.activeElement.id, document.activeElement.innerText.trim()]"
        if target in page.evaluate(focused):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px"
            return
    raise AssertionError(target)
