"""The way in, as a browser goes it that keeps its cookies."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from httpx2 import Response
from sqlalchemy import update
from starlette.testclient import TestClient

from pprmail.bootstrap import App, utc_now
from pprmail.model.editor import DeskSession, Role
from pprmail.services import attempts
from pprmail.services.people import Act
from pprmail.services.second_factor import new_app_secret
from pprmail.storage.editors import editor_with_key
from pprmail.web.site import site
from services.staffing import ADA, GOOD, a_staff, an_editor_row
from web.editor.at_the_desk import an_editor, kept_in
from web.visiting import (
    BASE,
    OWN_PAGE,
    Visitor,
    an_app,
    digest_of_rows,
    mails_queued,
    page_of,
)


class Browser:
    """A browser that keeps its cookies and follows nothing."""

    def __init__(self, app: App, base: str = BASE) -> None:
        self.client: TestClient = Visitor.of(app, base).client
        self.origin = {"Origin": base}

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, **fields: Any) -> Response:
        return self.client.post(path, data=fields, headers=self.origin)

    def send(self, path: str, **fields: Any) -> Response:
        """Send a form of a page, with the token that the page has."""
        token = page_of(self.get("/editor/account")).xpath("//input[@name='csrf']/@value")[0]
        return self.post(path, csrf=token, **fields)

    def sign_in(self, **fields: Any) -> Response:
        typed = {"email": ADA, "password": GOOD, "how": "password", "next": ""}
        return self.post("/editor/sign-in", **(typed | fields))

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: str(cookie.value) for cookie in self.client.cookies.jar}


@pytest.fixture
def browser(app: App) -> Browser:
    an_editor_row(app.database)
    return Browser(app)


def test_who_asks_for_a_page_comes_back_to_it_after_signing_in(browser: Browser) -> None:
    sent = browser.get("/editor/log")
    assert (sent.status_code, sent.headers["location"]) == (303, "/editor/sign-in?next=/editor/log")
    shown = page_of(browser.get(sent.headers["location"]))
    leads_to = shown.xpath("//input[@name='next']/@value")[0]
    answer = browser.sign_in(next=leads_to)
    assert (answer.status_code, answer.headers["location"]) == (303, "/editor/log")
    assert browser.get("/editor/log").status_code == 200
    assert browser.get("/editor/sign-in").headers["location"].startswith("/editor/")


def test_the_cookie_is_read_by_no_script_and_set_by_no_other_host(browser: Browser) -> None:
    (cookie,) = browser.sign_in().headers.get_list("set-cookie")
    assert cookie.startswith("__Host-pprmail-desk=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=lax", "secure"}
    secret = browser.cookies["__Host-pprmail-desk"]
    assert len(secret) >= 43


def test_on_this_machine_the_cookie_does_without_https(tmp_path: Path, sqlite_url: str) -> None:
    base = "http://127.0.0.1:8000"
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        an_editor_row(app.database)
        browser = Browser(app, base)
        (cookie,) = browser.sign_in().headers.get_list("set-cookie")
        assert cookie.startswith("pprmail-desk=")
        assert "secure" not in cookie.lower()
        assert browser.get("/editor/account").status_code == 200


def test_below_a_path_every_way_leads_below_it(tmp_path: Path, sqlite_url: str) -> None:
    base = "https://example.org/our/letter"
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        an_editor_row(app.database)
        browser = Browser(app, "https://example.org")
        sent = browser.get("/our/letter/editor/log")
        assert sent.headers["location"] == "/our/letter/editor/sign-in?next=/editor/log"
        shown = page_of(browser.get(sent.headers["location"]))
        answer = browser.sign_in(next=shown.xpath("//input[@name='next']/@value")[0])
        assert answer.headers["location"] == "/our/letter/editor/log"
        assert browser.get(answer.headers["location"]).status_code == 200


ELSEWHERE = [
    "https://evil.example.net/editor/",
    "//evil.example.net",
    "/editor//evil.example.net",
    "/editor/\\evil.example.net",
    "/editor/../summaries",
    "/editorial",
    "/archive",
    "javascript:alert(1)",
    "/editor/%0d%0aLocation:x",
    "/editor/log#x",
    "/editor/log\n",
]


def test_nobody_is_sent_elsewhere(browser: Browser) -> None:
    for leads_to in ELSEWHERE:
        answer = browser.sign_in(next=leads_to)
        assert answer.status_code == 303
        assert answer.headers["location"] in {"/editor/", "/editor/account"}, leads_to
        again = browser.client.get("/editor/sign-in", params={"next": leads_to})
        assert again.headers["location"] in {"/editor/", "/editor/account"}, leads_to


def test_every_wrong_way_in_is_answered_alike(app: App, browser: Browser) -> None:
    an_editor_row(app.database, "link@example.org", password=None)
    answers = {
        re.sub(r"value=\"[^\"]*@[^\"]*\"", "", browser.sign_in(email=email, password="x" * 15).text)
        for email in (ADA, "link@example.org", "nobody@example.org")
    }
    assert len(answers) == 1
    assert "do not belong together" in answers.pop()


def test_too_many_tries_are_told_and_a_link_still_goes_out(app: App, browser: Browser) -> None:
    for _ in range(10):
        assert browser.sign_in(password="wrong").status_code == 422
    refused = browser.sign_in()
    assert refused.status_code == 429
    assert "too many tries" in refused.text
    assert browser.sign_in(how="link").status_code == 200
    assert [mail.kind for mail in mails_queued(app)] == ["sign_in"]


def test_budgets_are_by_the_address_that_trusted_proxies_name(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST_OF_A_NETWORK", 2)
    with an_app(tmp_path, sqlite_url, web__trusted_proxies=["10.0.0.0/8"]) as opened:
        app, answers = replace(opened, staff=a_staff(opened.database)), []
        for peer, said in (
            ("10.0.0.1", "203.0.113.7"),
            ("10.0.0.1", "203.0.113.8"),
            ("10.0.0.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1"),
            ("203.0.113.77", "198.51.100.2"),
        ):
            client = TestClient(site(app), base_url=BASE, client=(peer, 4711))
            sent = {"email": "x@example.org", "password": "wrong"}
            headers = OWN_PAGE | {"X-Forwarded-For": said}
            answers.append(client.post("/editor/sign-in", data=sent, headers=headers).status_code)
    # The last one is no proxy that is trusted: what it says of others is not believed.
    assert answers == [422, 422, 429, 422, 429]


def test_a_mailed_link_signs_in_by_one_press(app: App, browser: Browser) -> None:
    asked = browser.sign_in(how="link", next="/editor/log")
    assert asked.status_code == 200
    path = link_in(app, "editor/link")
    before = digest_of_rows(app.database)
    assert browser.get(path).status_code == 200
    assert browser.client.head(path).status_code == 200
    assert digest_of_rows(app.database) == before
    other = Browser(app)
    assert "another browser" in other.get(path).text
    assert other.post(path).status_code == 403
    answer = browser.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/editor/log")
    assert browser.get("/editor/log").status_code == 200
    assert browser.post(path).status_code == 410


def test_a_link_is_asked_for_with_the_same_answer_for_everybody(app: App, browser: Browser) -> None:
    known, unknown = (browser.sign_in(how="link", email=e) for e in (ADA, "nobody@example.org"))
    assert known.text.replace(ADA, "") == unknown.text.replace("nobody@example.org", "")
    names = [[c.split("=")[0] for c in a.headers.get_list("set-cookie")] for a in (known, unknown)]
    assert names[0] == names[1] == ["__Host-pprmail-asked"]
    assert [mail.recipient for mail in mails_queued(app)] == [ADA]


def test_every_link_that_was_asked_for_in_a_browser_works_in_it(app: App, browser: Browser) -> None:
    browser.sign_in(how="link")
    first = link_in(app, "editor/link")
    browser.sign_in(how="link")
    second = link_in(app, "editor/link")
    browser.sign_in(how="link", email="nobody@example.org")
    assert first != second
    assert browser.post(first).status_code == 303
    assert browser.post(second).status_code == 303


@pytest.mark.parametrize("made_up", ["", "short", "x" * 44, "x" * 42 + "!"])
def test_a_nonce_that_was_not_made_here_is_made_anew(
    app: App, browser: Browser, made_up: str
) -> None:
    held = {"Cookie": f"__Host-pprmail-asked={made_up}"}
    asked = {"email": ADA, "how": "link"}
    answer = browser.client.post("/editor/sign-in", data=asked, headers=browser.origin | held)
    (cookie,) = answer.headers.get_list("set-cookie")
    assert re.match(r"__Host-pprmail-asked=[A-Za-z0-9_-]{43};", cookie)
    assert made_up == "" or f"={made_up};" not in cookie


def test_one_who_has_a_code_gives_it_after_password_and_after_link(app: App) -> None:
    secret = new_app_secret()
    an_editor_row(app.database, totp_secret=secret)
    for how in ("password", "link"):
        browser = Browser(app)
        answer = browser.sign_in(how=how, next="/editor/log")
        if how == "link":
            answer = browser.post(link_in(app, "editor/link"))
        assert answer.headers["location"] == "/editor/sign-in/code?next=/editor/log"
        assert browser.get("/editor/log").status_code == 303
        assert browser.get(answer.headers["location"]).status_code == 200
        wrong = browser.post("/editor/sign-in/code", code="000000", next="/editor/log")
        assert wrong.status_code == 422
        assert "not right" in wrong.text
        step = -30 if how == "password" else 0
        code = pyotp.TOTP(secret).at(int(utc_now().timestamp()) + step)
        answer = browser.post("/editor/sign-in/code", code=code, next="/editor/log")
        assert (answer.status_code, answer.headers["location"]) == (303, "/editor/log")
        assert browser.get("/editor/log").status_code == 200


def test_an_invitation_leads_to_the_desk(app: App) -> None:
    invited = app.staff.people.invite_anew(ADA, Role.EDITOR, act=Act("cli", "", utc_now()))
    path = invited.url.removeprefix(BASE)
    browser, before = Browser(app), digest_of_rows(app.database)
    assert ADA in browser.get(path).text
    assert browser.client.head(path).status_code == 200
    assert digest_of_rows(app.database) == before
    short = browser.post(path, name="Ada", how="password", password="short")
    assert short.status_code == 422
    assert "15 characters" in short.text
    assert page_of(short).xpath("//input[@id='password']/@aria-invalid") == ["true"]
    assert page_of(short).xpath("//input[@id='name']/@value") == ["Ada"]
    assert browser.post(path, name="Ada").status_code == 422
    assert browser.post(path, name="x" * 101, how="link").status_code == 422
    answer = browser.post(path, name=" Ada  L. ", how="password", password=GOOD)
    assert answer.status_code == 303
    assert "Signed in as Ada L." in browser.get("/editor/account").text
    assert browser.get(path).status_code == 410
    assert browser.post(path, name="Eve", how="link").status_code == 410


def test_who_signs_out_is_out(app: App, browser: Browser) -> None:
    browser.sign_in()
    kept = browser.cookies["__Host-pprmail-desk"]
    answer = browser.send("/editor/sign-out")
    assert answer.headers["location"] == "/editor/sign-in"
    assert "__Host-pprmail-desk" not in browser.cookies
    stolen = {"Cookie": f"__Host-pprmail-desk={kept}"}
    assert Visitor.of(app).get("/editor/account", headers=stolen).status_code == 303


def test_what_weighs_most_is_asked_for_again_and_leads_back(app: App, browser: Browser) -> None:
    visitor = an_editor(app, email=ADA)
    answer = visitor.get("/editor/account/password")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/editor/again?next=/editor/account/password"
    wrong = visitor.post("/editor/again", password="wrong", next="/editor/account/password")
    assert wrong.status_code == 422
    right = visitor.post("/editor/again", password=GOOD, next="/editor/account/password")
    assert right.headers["location"] == "/editor/account/password"
    assert visitor.get("/editor/account").status_code == 303  # The session has a new name.
    assert visitor.follow(right).status_code == 200
    browser.sign_in()
    assert browser.get("/editor/account/password").status_code == 200


def test_a_form_that_comes_too_late_is_sent_once_more_after_the_proof(
    app: App, browser: Browser
) -> None:
    browser.sign_in()
    with app.database.write() as session:
        session.execute(update(DeskSession).values(proved_at=utc_now() - timedelta(minutes=6)))
    path = "/editor/account/password"
    late = browser.send(path, how="link")
    assert late.status_code == 403
    assert browser.send("/editor/again", how="password", password=GOOD).status_code == 303
    answer = browser.post(path, **kept_in(late))
    assert (answer.status_code, answer.headers["location"]) == (303, "/editor/account")
    with app.database.read() as session:
        found = editor_with_key(session, ADA)
    assert found is not None
    assert found.password_hash is None


def test_no_secret_stands_in_a_log_line(
    app: App, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.sign_in(how="link")
    path = link_in(app, "editor/link")
    with app.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE editor_links RENAME TO lost")
    assert browser.post(path).status_code == 503
    logged = "".join(capsys.readouterr())
    assert "does not answer" in logged
    assert path.rpartition("/")[2] not in logged


def test_an_editor_who_was_removed_is_sent_to_the_sign_in(app: App, browser: Browser) -> None:
    browser.sign_in()
    app.staff.people.remove(ADA, act=Act("cli", "", utc_now()))
    assert browser.get("/editor/account").status_code == 303
    with app.database.read() as session:
        assert editor_with_key(session, ADA) is None


def test_a_form_sent_from_another_site_signs_nobody_in(app: App, browser: Browser) -> None:
    sent = {"email": ADA, "password": GOOD}
    foreign = OWN_PAGE | {"Sec-Fetch-Site": "cross-site"}
    answer = browser.client.post("/editor/sign-in", data=sent, headers=foreign)
    assert answer.status_code == 403
    assert browser.cookies == {}


def link_in(app: App, part: str) -> str:
    """Give the path of the link in the mail that was queued last."""
    found = re.search(rf"{BASE}(/{part}/\S+)", mails_queued(app)[-1].text)
    assert found is not None
    return found[1]
