"""What every page of the desk has in common."""

from datetime import datetime, timedelta
from threading import Event, Timer
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pprmail.bootstrap import App, utc_now
from pprmail.model.editor import DeskSession, Role
from pprmail.web.editor import desk as desk_module
from pprmail.web.editor import routes_of_editors
from pprmail.web.editor.desk import Desk, desk_page, go, newsroom_of
from pprmail.web.forms import Upload
from pprmail.web.site import site
from web.editor.at_the_desk import DeskVisitor, an_editor, kept_in
from web.visiting import BASE, Visitor, mails_queued, page_of


class Trying(Desk):
    lists = ("topics",)
    files = ("list",)
    largest_field = 20_000

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        if fields.get("go"):
            there = "counting" if fields["go"] == "counting" else "account"
            return go(request, there, said="It was <done>.")
        upload = fields["list"]
        told = [upload.name, len(upload.body)] if isinstance(upload, Upload) else upload
        return JSONResponse(fields | {"list": told})


class Counting(Desk):
    """A page with a figure that takes long to count."""

    may_go_on = Event()

    def get(self, request: Request) -> Response:
        figure = newsroom_of(request).counted("figure", self._count, now=utc_now())
        return desk_page(request, "one_moment", title=f"It is {figure}")

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        return self.get(request)

    def _count(self, _: object) -> int:
        self.may_go_on.wait(20)
        return 7


@pytest.fixture
def desk(app: App) -> DeskVisitor:
    starlette = site(app)
    starlette.router.routes.append(Route("/editor/trying", Trying))
    starlette.router.routes.append(Route("/editor/counting", Counting))
    client = TestClient(starlette, base_url=BASE, follow_redirects=False)
    signed_in = an_editor(app)
    return DeskVisitor(app, Visitor(client), signed_in.email, signed_in.secret)


def test_a_page_gets_the_fields_of_its_form_without_the_token(desk: DeskVisitor) -> None:
    answer = desk.post("/editor/trying", title="Ä", topics=["one"])
    assert answer.json() == {"title": "Ä", "topics": ["one"], "list": None}
    assert desk.post("/editor/trying", title=["a", "b"]).json()["title"] == ["a", "b"]


def test_a_page_gets_the_files_that_it_asks_for(desk: DeskVisitor) -> None:
    answer = desk.upload("/editor/trying", {"list": ("readers.csv", b"email\n")}, title="x")
    assert answer.json() == {"title": "x", "list": ["readers.csv", 6]}
    assert desk.upload("/editor/trying", {"list": ("", b"")}).json()["list"] is None


@pytest.mark.parametrize("as_file", [True, False])
def test_a_text_that_is_too_long_is_told_and_not_cut_off(desk: DeskVisitor, as_file: bool) -> None:
    files: dict[str, Any] = {"list": ("x.csv", b"x")} if as_file else {}
    fits = desk.upload("/editor/trying", files, body="x" * 19_000)
    assert len(fits.json()["body"]) == 19_000
    answer = desk.upload("/editor/trying", files, body="x" * 21_000)
    assert answer.status_code == 422
    assert "too long" in answer.text


def test_what_has_happened_is_said_once_and_by_nothing_in_the_address(desk: DeskVisitor) -> None:
    sent = desk.post("/editor/trying", go="on")
    assert sent.headers["location"] == "/editor/account"
    shown = desk.follow(sent)
    assert page_of(shown).xpath("//*[@role='status']/text()") == ["It was <done>."]
    assert "pprmail-said=" in shown.headers["set-cookie"]
    assert "Max-Age=0" in shown.headers["set-cookie"]
    assert "It was" not in desk.get("/editor/account").text


def test_a_page_that_is_looked_at_waits_for_no_figures_and_comes_by_itself(
    desk: DeskVisitor,
) -> None:
    desk.app.newsroom.kept.patience = 0.01
    Counting.may_go_on.clear()
    sent = desk.post("/editor/trying", go="counting")
    moment = desk.follow(sent)
    assert page_of(moment).xpath("//h1/text()") == ["One moment"]
    assert (moment.status_code, moment.headers["refresh"]) == (200, "1")
    assert "It was" in moment.text
    assert "set-cookie" not in moment.headers
    Counting.may_go_on.set()
    page = desk.follow(sent)
    while "refresh" in page.headers:
        page = desk.follow(sent)
    assert page_of(page).xpath("//h1/text()") == ["It is 7"]
    assert "It was" in page.text
    assert "Max-Age=0" in page.headers["set-cookie"]


def test_a_form_is_answered_when_the_figures_are_there(desk: DeskVisitor) -> None:
    Counting.may_go_on.clear()
    Timer(0.5, Counting.may_go_on.set).start()
    answer = desk.post("/editor/counting")
    assert page_of(answer).xpath("//h1/text()") == ["It is 7"]


def test_an_editor_sees_the_parts_that_there_are_for_editors(
    app: App, desk: DeskVisitor, admin: DeskVisitor
) -> None:
    known = {route.path for route in routes_of_editors("")}
    for visitor, has_people in ((desk, False), (admin, True)):
        paths = page_of(visitor.get("/editor/account")).xpath("//header//nav//a/@href")
        assert set(paths) <= known
        assert ("/editor/people" in paths) == has_people
        here = page_of(visitor.get("/editor/account")).xpath("//nav//a[@aria-current]/text()")
        assert here == ["Account"]


def test_a_form_without_a_session_keeps_its_text_in_the_browser_and_leads_back(app: App) -> None:
    visitor = Visitor.of(app)
    headers = {"Origin": BASE, "Referer": f"{BASE}/editor/people/invite"}
    answer = visitor.post("/editor/people/invite", data={"email": "x"}, headers=headers)
    assert answer.status_code == 401
    links = page_of(answer).xpath("//main//a/@href")
    assert links == ["/editor/sign-in?next=/editor/people/invite"]


def test_a_form_that_weighs_much_is_kept_until_its_editor_proved_who_that_is(
    app: App, admin: DeskVisitor
) -> None:
    path = "/editor/people/invite"
    late = admin.post(path, email="new@example.org", role="admin")
    assert late.status_code == 403
    assert "/editor/again" in late.text
    kept = kept_in(late)
    assert kept.pop("csrf") != admin.csrf
    assert kept == {"email": ["new@example.org"], "role": ["admin"]}
    other = an_editor(app, Role.ADMIN, "other@example.org").fresh()
    assert other.send(path, kept_in(late)).status_code == 403
    assert mails_queued(app) == []
    proved = an_editor(app, Role.ADMIN).fresh()
    assert proved.send(path, kept_in(late)).headers["location"] == "/editor/people"
    assert [mail.recipient for mail in mails_queued(app)] == ["new@example.org"]


def test_what_a_script_looks_at_keeps_no_session_awake(
    app: App, editor: DeskVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = utc_now() + timedelta(minutes=20)
    with monkeypatch.context() as patched:
        patched.setattr(desk_module, "utc_now", lambda: later)
        editor.get("/editor/issues/2026-11/progress/now")
        assert seen_at(app) < later
        editor.get("/editor/issues/2026-11/progress")
        assert seen_at(app) == later


def test_scripts_of_the_desk_are_the_ones_that_there_are(desk: DeskVisitor) -> None:
    for name in ("../pages/preferences", "nothing", "base", "STYLE", "a.b"):
        assert desk.get(f"/editor/{name}.js").status_code == 404


def test_what_was_written_outlasts_the_session(app: App, desk: DeskVisitor) -> None:
    text = "\n<b>Long</b>\n\nwork"
    sent = {"csrf": desk.csrf, "body": text, "topics": ["a", "b"], "password": "not shown"}
    for headers, status in (({"Origin": BASE}, 401), (an_editor(app).headers, 403)):
        answer = desk.visitor.post("/editor/account", data=sent, headers=headers)
        assert answer.status_code == status
        kept = page_of(answer).xpath("//main//textarea")
        assert [(area.get("name"), area.text) for area in kept] == [
            ("body", f"\n{text}"),
            ("topics", "\na"),
            ("topics", "\nb"),
        ]
        assert "not shown" not in answer.text
    token = page_of(answer).xpath("//main//input[@name='csrf']/@value")
    assert token != [desk.csrf]


def seen_at(app: App) -> datetime:
    with app.database.read() as session:
        return session.scalars(select(DeskSession.seen_at)).one()
