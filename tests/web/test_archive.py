import re
from pathlib import Path

import pytest

from making import a_reader, a_summary, an_approved_issue, stored
from pprmail.bootstrap import App, utc_now
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.services.assembly import assemble
from pprmail.services.steering import cancel, skip
from pprmail.storage.issues import find_issue
from web.visiting import Visitor, an_app, begin, page_of, publish

HOSTILE = """<script>document.title = "owned"</script>
<img src=x onerror="document.title = 'owned'">
<svg onload="document.title = 'owned'"></svg>
<iframe srcdoc="<script>parent.document.title = 'owned'</script>"></iframe>
<style>body { display: none }</style>

[a link](javascript:document.title='owned') [another](data:text/html,<script>1</script>)
<a href="javascript:alert(1)" onclick="alert(1)">raw</a> {{ 7 * 7 }} {% raw %} -pm.leave-
"""

NO_PAGES = [
    "/archive/2026-13",
    "/archive/2026-1",
    "/archive/2026-11-c1",
    "/archive/２０２６-11",
    "/archive/%00",
    "/archive/2026-11/",
    "/archive/2026-11/more",
    "/summaries/",
    "/summaries/%00",
    "/summaries/a%00b",
    "/summaries/%ff%fe",
    "/summaries/'; DROP TABLE summaries; --",
    "/summaries/" + "x" * 5000,
    "/nothing",
    "/%2Farchive",
    "/archive/%2e%2e%2fhealth",
    "/archive%3f",
]


@pytest.fixture
def app(app: App) -> App:
    """The app, with somebody to send letters to."""
    a_reader(app.database, "somebody@example.org")
    return app


def test_before_the_first_letter_the_archive_says_so(visitor: Visitor) -> None:
    for path in ("/", "/archive"):
        shown = visitor.get(path)
        assert (shown.status_code, "has not gone out yet" in shown.text) == (200, True)


def test_a_draft_is_not_public(app: App, visitor: Visitor) -> None:
    stored(app.database, a_summary())
    assemble(app.newsroom, Month("2026-11"), who="test", now=utc_now())
    assert_hidden(visitor)


def test_a_summary_in_no_issue_yet_is_not_public(app: App, visitor: Visitor) -> None:
    stored(app.database, a_summary())
    assert_hidden(visitor)


def test_an_approved_issue_is_not_public(app: App, visitor: Visitor) -> None:
    an_approved_issue(app.newsroom, a_summary())
    assert_hidden(visitor)


def test_a_skipped_month_is_not_public(app: App, visitor: Visitor) -> None:
    stored(app.database, a_summary())
    skip(app.newsroom, Month("2026-11"), who="test", now=utc_now())
    assert_hidden(visitor)


def test_a_cancelled_issue_is_not_public(app: App, visitor: Visitor) -> None:
    begin(app, a_summary())
    cancel(app.newsroom, "2026-11", who="test", now=utc_now())
    assert_hidden(visitor)


def test_an_issue_is_public_from_the_moment_it_is_being_sent(app: App, visitor: Visitor) -> None:
    begin(app, a_summary())
    assert_shown(visitor, "2026-11")


def test_a_sent_issue_is_public(app: App, visitor: Visitor) -> None:
    publish(app, a_summary())
    with app.database.read() as session:
        issue = find_issue(session, "2026-11")
        assert issue is not None
        assert issue.state is IssueState.SENT
    assert_shown(visitor, "2026-11")


def test_a_month_from_before_the_first_letter_is_public(app: App, visitor: Visitor) -> None:
    stored(app.database, a_summary(month=Month("2026-09")))
    assert_shown(visitor, "2026-09")


def test_the_first_month_itself_waits_for_its_letter(app: App, visitor: Visitor) -> None:
    stored(app.database, a_summary(month=Month("2026-10")))
    assert visitor.get("/archive/2026-10").status_code == 404
    assert "October 2026" not in visitor.get("/archive").text


def test_the_newest_month_comes_first(app: App, visitor: Visitor) -> None:
    for month in ("2026-07", "2026-09", "2026-08"):
        stored(app.database, a_summary(f"Of {month}?", month=Month(month)))
    found = re.findall(r"/archive/(2026-\d\d)", visitor.get("/archive").text)
    assert found == ["2026-09", "2026-08", "2026-07"]


def test_summaries_stand_in_the_order_of_their_letter(app: App, visitor: Visitor) -> None:
    publish(app, a_summary("First?"), a_summary("Second?"), a_summary("Third?"))
    titles = page_of(visitor.get("/archive/2026-11")).xpath("//article//h2/text()")
    assert titles == ["First?", "Second?", "Third?"]


def test_what_is_no_page_is_told_so_on_both_databases(visitor_on_each: Visitor) -> None:
    for path in NO_PAGES:
        answer = visitor_on_each.get(path)
        assert answer.status_code == 404, path
        assert "There is no such page" in answer.text


def test_hostile_words_come_out_as_words(app: App, visitor: Visitor) -> None:
    publish(app, a_summary("A <b>Title</b> & More?", body=HOSTILE, implications=HOSTILE))
    for path in ("/archive/2026-11", "/summaries/a-b-title-b-more"):
        page = page_of(visitor.get(path))
        assert page.xpath("//script | //img | //svg | //iframe | //style | //form") == []
        assert page.xpath("//@*[starts-with(name(), 'on')]") == []
        links = [str(href) for href in page.xpath("//a/@href")]
        assert [h for h in links if not h.startswith(("/", "https:", "mailto:"))] == []
        assert "{{ 7 * 7 }}" in page.text_content()
        assert page.xpath("//b") == []


@pytest.mark.parametrize("base", ["https://letter.example.org", "https://example.org/our/letter"])
def test_every_link_between_pages_leads_to_a_page(
    tmp_path: Path, sqlite_url: str, base: str
) -> None:
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        a_reader(app.database, "somebody@example.org")
        stored(app.database, a_summary("From Before?", month=Month("2026-09")))
        publish(app, a_summary(), a_summary("Another Question?"))
        visitor = Visitor.of(app, base)
        seen = crawled(visitor, base)
    # Home under two names, archive, style, sign-up, choices, two months, three summaries, six files.
    assert len(seen) == 17
    assert set(seen.values()) == {200}


def crawled(visitor: Visitor, base: str) -> dict[str, int]:
    """Follow every link of the site itself from its home on; give each page's status."""
    host = base.split("/")[2]
    seen: dict[str, int] = {}
    waiting = [base]
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        answer = visitor.get(url)
        seen[url] = answer.status_code
        if "html" in answer.headers["content-type"]:
            page = page_of(answer)
            page.make_links_absolute(url)
            hrefs = [str(href).partition("#")[0] for href in page.xpath("//*/@href")]
            waiting += [href for href in hrefs if href.startswith(f"https://{host}")]
    return seen


def assert_hidden(visitor: Visitor) -> None:
    assert visitor.get("/archive/2026-11").status_code == 404
    assert visitor.get("/summaries/a-question-about-alliance").status_code == 404
    for path in ("/", "/archive"):
        assert "November 2026" not in visitor.get(path).text


def assert_shown(visitor: Visitor, month: str) -> None:
    assert "A Question About Alliance?" in visitor.get(f"/archive/{month}").text
    assert visitor.get("/summaries/a-question-about-alliance").status_code == 200
    for path in ("/", "/archive"):
        assert f'/archive/{month}"' in visitor.get(path).text
