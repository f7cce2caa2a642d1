"""Whoever only looks changes nothing, and what an author wrote can do nothing."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, Route
from sqlalchemy import select, update

from browser.browsing import Place, a_place, everything_on
from making import EMPATHY, TRAUMA, a_reader, a_summary, stored
from pprmail.bootstrap import App, utc_now
from pprmail.model.audience import NoMatch
from pprmail.model.correction import CorrectionKind
from pprmail.model.month import Month
from pprmail.model.occasion import Occasion
from pprmail.sending.envelope import Envelope
from pprmail.services.changing_address import confirm_address
from pprmail.services.confirming import confirm
from pprmail.services.corrections import add_note, draft_letter
from pprmail.services.fresh_links import Asked, mail_link_to
from pprmail.services.review import approve
from pprmail.services.signing_up import Wish
from pprmail.services.subscriptions import Choice, choose
from pprmail.storage.tables import ServiceMail, Summary
from web.visiting import (
    LINK,
    confirm_address_path,
    confirm_path,
    digest_of_rows,
    handed_over,
    links_of,
    publish,
)

NOT_TO_READERS = {
    "sign_in",
    "sign_in_changed",
    "editor_invitation",
    "issue_ready",
    "send_held",
    "send_paused",
    "consents_lapsed",
}
"""The kinds of mail that go to editors and operators."""

OCTOBER = Month("2026-10")
OWNED = "document.documentElement.dataset.owned = 'yes'"
HOSTILE = f"""
<script>{OWNED}</script>
<img src="x" onerror="{OWNED}">
<svg onload="{OWNED}"><animate onbegin="{OWNED}" attributeName="x"></svg>
<iframe srcdoc="<script>parent.{OWNED}</script>"></iframe>
<details open ontoggle="{OWNED}"></details>
<a href="javascript:{OWNED}">raw</a>
<form action="https://evil.example.net"><button>press</button></form>
<style>@import "https://evil.example.net/x.css"; body {{ display: none }}</style>

[Markdown](javascript:{OWNED}) and ![a picture](https://evil.example.net/pixel.gif)
and [data](data:text/html,<script>{OWNED}</script>)
"""
ELSEWHERE = '<meta http-equiv="refresh" content="0; url=https://evil.example.net">'


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def own_place(tmp_path: Path) -> Iterator[Place]:
    """A site that no other test sees."""
    with a_place(tmp_path) as place:
        yield place


def test_opening_every_link_of_a_letter_with_scripts_running_changes_nothing(
    page: Page, place: Place
) -> None:
    ours = [link for link in place.links if link.startswith(place.base)]
    assert len(ours) == 10
    before = digest_of_rows(place.app.database)
    for link in ours:
        assert opened(page, link)
        assert page.request.head(link).status == 200
    assert digest_of_rows(place.app.database) == before


@pytest.mark.parametrize("kind", ["titles only", "correction", "retraction"])
def test_opening_every_link_of_every_other_kind_of_letter_changes_nothing(
    page: Page, own_place: Place, kind: str
) -> None:
    place = own_place
    a_reader(place.app.database, "bare@example.org", TRAUMA)
    letters = publish(place.app, a_summary("On Empathy?", month=OCTOBER, topics=[EMPATHY]))
    if kind == "titles only":
        (letter,) = [e for e in letters if e.recipients[0].email == "bare@example.org"]
    else:
        (letter, *_) = letters_about(place.app, CorrectionKind(kind))
    links = links_of(letter, letter.recipients[0])
    ours = [link for link in links if link.startswith(place.base)]
    assert {first_step(link) for link in ours} >= {"unsubscribe", "preferences", "summaries"}
    before = digest_of_rows(place.app.database)
    for link in ours:
        assert opened(page, link), link
        assert page.request.head(link).status == 200
    assert digest_of_rows(place.app.database) == before


def letters_about(app: App, kind: CorrectionKind) -> list[Envelope]:
    """Note on what October brought that it was wrong, and send the letter that tells so."""
    by, now = "editor@example.org", utc_now()
    said = kind, "The estimate was 0.27, **not** 0.72: see [the note](https://example.org/note)."
    noted = add_note(app.newsroom, OCTOBER, about="on-empathy", said=said, by=by, now=now)
    name = draft_letter(app.newsroom, noted.id, by=by, now=now).name
    approve(app.newsroom, name, by=by, now=now)
    return handed_over(app, name)


def first_step(link: str) -> str:
    return urlsplit(link).path.split("/")[1]


def test_opening_every_link_of_every_mail_to_a_reader_with_scripts_running_changes_nothing(
    page: Page, place: Place
) -> None:
    everything_mailed(place)
    with place.app.database.read() as session:
        mails = session.execute(select(ServiceMail.kind, ServiceMail.html)).all()
    kinds = {each.kind for each in Occasion.__subclasses__()}
    assert {kind for kind, _ in mails} >= kinds - NOT_TO_READERS
    found = {link for _, html in mails for link in LINK.findall(html)}
    ours = sorted(link for link in found if link.startswith(place.base))
    assert len({first_step(link) for link in ours}) >= 5
    before = digest_of_rows(place.app.database)
    for link in ours:
        answer = page.goto(link)
        assert answer is not None
        assert answer.status in {200, 410}, link
        assert page.request.head(link).status == answer.status
    assert digest_of_rows(place.app.database) == before


def everything_mailed(place: Place) -> None:
    """Let every mail be written that goes to readers."""
    app, now = place.app, utc_now()
    name = f"{os.urandom(4).hex()}@example.org"
    public_id, _ = place.readers_page("preferences", EMPATHY)
    confirming = confirm_path(app, name, EMPATHY).split("/")[2].split(".")[0]
    confirm(app.database, confirming, welcoming=app.welcoming, now=now)
    app.sign_ups.ask(Wish("ada@example.org"), network="mailed", now=now + timedelta(days=31))
    who = app.correspondence
    choose(app.database, public_id, Choice((), NoMatch.ALL), correspondence=who, now=now)
    asked = Asked(client="mailed", now=now)
    mail_link_to(app.database, "bo@example.org", asked=asked, correspondence=who)
    for _ in range(2):
        path = confirm_address_path(app, public_id, f"{os.urandom(4).hex()}@example.net")
        wanted = path.split("/")[2].split(".")[0]
        confirm_address(app.database, wanted, correspondence=who, now=now)
    # One that nobody has confirmed yet.
    confirm_path(app, f"b{name}")


def test_looking_at_every_page_with_scripts_running_changes_nothing(
    page: Page, place: Place
) -> None:
    before = digest_of_rows(place.app.database)
    for path in place.paths.values():
        page.goto(place.base + path)
    assert digest_of_rows(place.app.database) == before


def opened(page: Page, link: str) -> bool:
    """Follow a link, whether it leads to a page or to a file that the browser keeps."""
    if link.endswith((".ris", ".bib")):
        with page.expect_download() as download, suppress(Error):
            page.goto(link)
        return download.value.failure() is None
    answer = page.goto(link)
    return answer is not None and answer.status == 200


def test_what_an_author_wrote_runs_nothing_and_fetches_nothing(page: Page, place: Place) -> None:
    month = Month("2026-05")
    title = "<script>alert(1)</script> & a Title?"
    words = HOSTILE + ELSEWHERE
    summary = a_summary(title, month=month, body=words, implications=words, citation=words)
    (slug,) = stored(place.app.database, summary)
    asked = everything_on(page)
    for path in (f"/archive/{month}", f"/summaries/{slug}"):
        page.goto(place.base + path)
        for link in page.get_by_role("link").all():
            assert not str(link.get_attribute("href")).startswith(("javascript:", "data:"))
        assert page.get_by_role("heading", level=1).is_visible()
        assert page.locator("html").get_attribute("data-owned") is None
    assert [url for url in asked if "evil" in url] == []


def test_even_markup_that_slipped_through_would_run_nothing(page: Page, place: Place) -> None:
    # The policy is the second wall: here the first one is taken down on the way.
    def unsanitised(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{HOSTILE}</main>"))

    page.route("**/archive", unsanitised)
    page.goto(f"{place.base}/archive")
    assert page.locator("main img").count() == 1
    page.get_by_text("raw").click()
    assert page.locator("html").get_attribute("data-owned") is None
    assert page.url == f"{place.base}/archive"


def test_no_other_site_can_show_our_pages_in_a_frame(page: Page, place: Place) -> None:
    html = f'<iframe src="{place.base}{place.paths["leave"]}"></iframe>'
    page.route("http://frames.localhost/", lambda r: r.fulfill(body=html, content_type="text/html"))
    page.goto("http://frames.localhost/")
    frame = page.frames[1]
    assert "Unsubscribe" not in frame.content()


def test_no_other_site_can_send_our_forms(page: Page, place: Place) -> None:
    _, address = place.readers_page("preferences")
    before = digest_of_rows(place.app.database)
    html = f"""<form method="post" action="{address}"><input name="follow" value="everything">
    <input name="no_match" value="all"><button>Win a prize</button></form>"""
    page.route("http://prizes.localhost/", lambda r: r.fulfill(body=html, content_type="text/html"))
    page.goto("http://prizes.localhost/")
    with page.expect_response(address) as answered:
        page.get_by_role("button").click()
    assert answered.value.status == 403
    assert digest_of_rows(place.app.database) == before


def test_no_page_sets_a_cookie_or_tells_another_site_where_its_visitor_came_from(
    page: Page, place: Place
) -> None:
    with place.app.database.write() as session:
        link = "[away](https://away.example.net/)"
        session.execute(update(Summary).where(Summary.month == "2026-09").values(body=link))
    told: list[str | None] = []

    def receive(route: Route) -> None:
        told.append(route.request.headers.get("referer"))
        route.fulfill(body="there")

    page.route("https://away.example.net/", receive)
    page.goto(f"{place.base}/archive/2026-09")
    page.get_by_role("link", name="away").click()
    page.get_by_text("there").wait_for()
    assert told == [None]
    assert page.context.cookies() == []


@pytest.mark.parametrize("name", ["leave", "preferences", "owner", "confirm", "new address"])
def test_whoever_follows_a_link_away_from_a_page_of_his_own_takes_no_link_along(
    page: Page, place: Place, name: str
) -> None:
    # No such page leads elsewhere; one does here, so that the policy alone is tried.
    def led_away(route: Route) -> None:
        answer, link = route.fetch(), '<a href="https://away.example.net/">away</a></main>'
        route.fulfill(response=answer, body=answer.text().replace("</main>", link))

    told: list[str | None] = []

    def receive(route: Route) -> None:
        told.append(route.request.headers.get("referer"))
        route.fulfill(body="there")

    page.route("https://away.example.net/", receive)
    page.route(f"{place.base}{place.paths[name]}", led_away)
    page.goto(place.base + place.paths[name])
    page.get_by_role("link", name="away").click()
    page.get_by_text("there").wait_for()
    assert told == [None]
    assert page.context.cookies() == []
