"""A month at the desk: its issue, its editions, its check and its test, as a person meets them."""

from itertools import product

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from browser.browsing import LONG_WORD, RICH, SCHEMES, Place, everything_on, sign_in
from browser.judging import complaints
from browser.measuring import OVER_THE_EDGE
from making import EMPATHY, TRAINING, a_reader, a_summary, stored
from pprmail.bootstrap import utc_now
from pprmail.model.month import Month
from pprmail.services.assembly import assemble
from pprmail.services.issue_editing import issue_to_edit
from pprmail.services.review import approve, refresh_editions
from pprmail.storage.tables import Edition, Issue

HOSTILE = """<!DOCTYPE html><html><head><title>x</title>
<meta http-equiv="refresh" content="0; url=https://evil.example.net/refreshed"></head><body>
<script>document.body.dataset.ran = document.cookie; top.location = "https://evil.example.net/"</script>
<img src="x" onerror="document.body.dataset.ran = 1">
<form method="post" action="/editor/sign-out" target="_top"><button id="send">Send</button></form>
<form method="get" action="https://evil.example.net/" ><button id="here">Here</button></form>
<a id="lead" href="/editor/account" target="_top">Lead</a>
<a id="open" href="https://evil.example.net/opened" target="_blank">Open</a>
<iframe src="/editor/"></iframe><object data="/editor/"></object>
<link rel="stylesheet" href="https://evil.example.net/style.css">
-pm.leave-</body></html>"""


def a_draft(place: Place, month: str, *titles: str) -> str:
    """Make a month's draft; give the path of its page."""
    app, topics = place.app, [[EMPATHY], [TRAINING], [EMPATHY, TRAINING]]
    summaries = [
        a_summary(title, month=Month(month), topics=topics[n % 3], doi=None, body=RICH)
        for n, title in enumerate(titles)
    ]
    stored(app.database, *summaries)
    assemble(app.newsroom, Month(month), who="test", now=utc_now())
    return f"/editor/issues/{month}"


@pytest.fixture(scope="module")
def issue(place: Place) -> str:
    """A draft that was approved once, and has changed since."""
    path = a_draft(place, "2027-03", "First of Two?", f"Once More {LONG_WORD}")
    name = path.rpartition("/")[2]
    approve(place.app.newsroom, name, by="edith@example.org", now=utc_now())
    with place.app.database.write() as session:
        found = session.scalars(select(Issue).where(Issue.name == name)).one()
        found.introduction, found.notices = RICH, RICH
        found.reopen()
    return path


def test_every_page_of_an_issue_is_fit_to_be_read(
    browser: Browser, place: Place, issue: str
) -> None:
    pages = ("", "/check", "/editions", "/editions/3", "/editions/3?show=changes", "/skip", "/test")
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, place)
        for path in ("/editor/", *(issue + each for each in pages)):
            page.goto(place.base + path)
            for scheme, width in product(SCHEMES, (320, 375, 1280)):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 700})
                assert page.evaluate(OVER_THE_EDGE) == [], (path, width)
                assert complaints(page) == [], (path, width, scheme)


def test_an_issue_is_put_in_order_named_and_ticked_off_with_the_keyboard_alone(
    browser: Browser, place: Place
) -> None:
    path = a_draft(place, "2027-04", "First by Hand?", "Second by Hand?")
    with browser.new_context(viewport={"width": 375, "height": 700}) as context:
        page = context.new_page()
        sign_in(page, place)
        page.goto(place.base + path)
        go_to(page, "Move “Second by Hand?” up")
        page.keyboard.press("Enter")
        page.wait_for_url("**#at-second-by-hand")
        said = page.get_by_role("status").first.inner_text()
        assert said == "“Second by Hand?” is number 1 of 2 now."
        go_to(page, "Subject")
        page.keyboard.type("Of my own")
        assert page.locator(".inboxes .subject").all_inner_texts() == ["Of my own"] * 2
        assert page.locator("#lengths").inner_text().startswith("9 characters of subject")
        page.keyboard.press("Enter")
        page.get_by_text("Saved: subject.").wait_for()
        page.goto(f"{place.base}{path}/check")
        while page.locator("input[name=seen]:not(:checked)").count():
            page.locator("input[name=seen]:not(:checked)").first.focus()
            page.keyboard.press("Space")
        go_to(page, "Save the ticks")
        page.keyboard.press("Enter")
        page.get_by_text("Nothing stands in the way of an approval.").wait_for()
    found = issue_to_edit(place.app.newsroom, "2027-04")
    assert [s.slug for s in found.summaries] == ["second-by-hand", "first-by-hand"]


def go_to(page: Page, name: str) -> None:
    """Press Tab until something of this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        label = focused.evaluate("e => e.ariaLabel ?? e.labels?.[0]?.innerText ?? e.innerText")
        if str(label).strip() == name:
            return
    raise AssertionError(f"nothing of the name {name} was reached")


def test_nothing_in_a_hostile_letter_can_act_whether_it_is_framed_or_opened_alone(
    browser: Browser, place: Place
) -> None:
    path = a_draft(place, "2027-05", "First of the Hostile?")
    name = path.rpartition("/")[2]
    a_reader(place.app.database, "someone@example.org")
    refresh_editions(place.app.newsroom, name, now=utc_now())
    with place.app.database.write() as session:
        mine = select(Edition).join(Issue).where(Issue.name == name, Edition.selection == 1)
        session.scalars(mine).one().html = HOSTILE
    with browser.new_context() as context:
        page = context.new_page()
        visitor = sign_in(page, place)
        asked, left = everything_on(page), list[str]()
        context.route("https://evil.example.net/**", lambda route: left.append(route.request.url))
        page.goto(f"{place.base}{path}/editions/1")
        letter = page.frame_locator("iframe")
        for target in ("#send", "#here", "#lead", "#open"):
            letter.locator(target).click()
        page.wait_for_timeout(300)
        assert letter.locator("body").get_attribute("data-ran") is None
        assert page.url == f"{place.base}{path}/editions/1"
        page.goto(f"{place.base}{path}/editions/1/letter")
        for target in ("#send", "#here", "#open"):
            page.locator(target).click()
        page.wait_for_timeout(300)
        assert page.locator("body").get_attribute("data-ran") is None
        assert page.url == f"{place.base}{path}/editions/1/letter"
        assert len(context.pages) == 1
        assert left == []
        assert not [url for url in asked if url.endswith(("sign-out", "account"))]
        assert visitor.get("/editor/").status_code == 200


def test_without_a_script_the_inboxes_show_what_is_saved(browser: Browser, place: Place) -> None:
    path = a_draft(place, "2027-06", "First Without Script?", "Second Without Script?")
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, place)
        page.goto(place.base + path)
        page.get_by_label("Subject", exact=True).fill("Plainly saved")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".inboxes .subject")).to_have_text(["Plainly saved"] * 2)
        page.get_by_role("button", name="Move “First Without Script?” down").click()
        page.get_by_text("“First Without Script?” is number 2 of 2 now.").wait_for()
