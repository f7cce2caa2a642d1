"""Every route of the desk × every method × everybody who may come: made from the routes themselves."""

from dataclasses import dataclass
from itertools import product

import pytest

from making import a_reader, a_summary, stored
from pprmail.bootstrap import App, utc_now
from pprmail.model.editor import Role
from pprmail.model.month import Month
from pprmail.services.assembly import assemble
from pprmail.web.editor import routes_of_editors
from pprmail.web.editor.desk import Desk
from pprmail.web.site import routes_under, site
from web.editor.at_the_desk import DeskVisitor, an_editor
from web.test_security import assert_guarded, methods_of
from web.visiting import BASE, Visitor, digest_of_rows, publish

METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST")
NOBODY = "nobody"
WHO = (NOBODY, Role.EDITOR, Role.ADMIN)


@dataclass(frozen=True)
class Answers:
    """What a route answers: to reading and to an empty form, for an editor and for an admin.

    None where the route has no such method. Nobody is answered by a way to the sign-in (303) or 401.
    """

    get: int | None = None
    post: int | None = None
    least: Role = Role.EDITOR
    path: str = ""


ISSUE = "/editor/issues/2026-11"


def none(path: str, *, get: int | None = 404, post: int | None = 404) -> Answers:
    """Say what a page of an issue answers when there is no such issue."""
    return Answers(get=get, post=post, path=f"/editor/issues/2026-11/{path}")


EDITORS: dict[str, Answers] = {
    "/editor": Answers(get=303),
    "/editor/": Answers(get=200),
    "/editor/assemble": Answers(post=303),
    "/editor/issues": Answers(get=200),
    "/editor/issues/{name}": Answers(get=404, post=404, path=f"{ISSUE}"),
    "/editor/issues/{name}/check": Answers(get=404, post=404, path=f"{ISSUE}/check"),
    "/editor/issues/{name}/editions": Answers(get=404, post=404, path=f"{ISSUE}/editions"),
    "/editor/issues/{name}/editions/{selection:int}": Answers(get=404, path=f"{ISSUE}/editions/3"),
    "/editor/issues/{name}/editions/{selection:int}/letter": Answers(
        get=404, path=f"{ISSUE}/editions/3/letter"
    ),
    "/editor/issues/{name}/order": Answers(post=404, path=f"{ISSUE}/order"),
    "/editor/issues/{name}/skip": Answers(get=404, post=404, path=f"{ISSUE}/skip"),
    "/editor/issues/{name}/test": Answers(get=404, post=404, path=f"{ISSUE}/test"),
    "/editor/again": Answers(get=200, post=422),
    "/editor/account": Answers(get=200, post=303),
    "/editor/account/password": Answers(get=200, post=422),
    "/editor/account/code": Answers(get=200, post=303),
    "/editor/account/sessions": Answers(post=303),
    "/editor/blog-page": Answers(get=200, post=422),
    "/editor/log": Answers(get=200, post=200),
    "/editor/people": Answers(get=200, least=Role.ADMIN),
    "/editor/people/invite": Answers(get=200, post=422, least=Role.ADMIN),
    "/editor/people/{person}": Answers(404, 404, Role.ADMIN, "/editor/people/nobody"),
    "/editor/people/{person}/invitation": Answers(
        None, 404, Role.ADMIN, "/editor/people/nobody/invitation"
    ),
    "/editor/people/{person}/remove": Answers(
        None, 404, Role.ADMIN, "/editor/people/nobody/remove"
    ),
    "/editor/sign-out": Answers(post=303),
    "/editor/subscribers": Answers(get=200, post=303),
    "/editor/subscribers/add": Answers(get=200, post=422),
    "/editor/subscribers/export": Answers(get=200, post=422),
    "/editor/subscribers/figures": Answers(get=200),
    "/editor/subscribers/upload": Answers(get=200, post=422),
    "/editor/subscribers/upload/list": Answers(get=200, post=303),
    "/editor/subscribers/{reader}": Answers(get=404, path="/editor/subscribers/nobody"),
    "/editor/subscribers/{reader}/end": Answers(post=404, path="/editor/subscribers/nobody/end"),
    "/editor/subscribers/{reader}/erase": Answers(
        get=404, post=404, path="/editor/subscribers/nobody/erase"
    ),
    "/editor/subscribers/{reader}/invite": Answers(
        post=404, path="/editor/subscribers/nobody/invite"
    ),
    "/editor/year": Answers(get=303),
    "/editor/year/{year}": Answers(get=200, path="/editor/year/2026"),
    "/editor/year/{year}.csv": Answers(get=200, path="/editor/year/2026.csv"),
    "/editor/issues/{name}/approve": none("approve"),
    "/editor/issues/{name}/schedule": none("schedule"),
    "/editor/issues/{name}/schedule/cancel": none("schedule/cancel", get=None),
    "/editor/issues/{name}/send": none("send"),
    "/editor/issues/{name}/progress": none("progress", post=None),
    "/editor/issues/{name}/progress/now": none("progress/now", post=None),
    "/editor/issues/{name}/stop": none("stop", get=None),
    "/editor/issues/{name}/resume": none("resume", get=None),
    "/editor/issues/{name}/cancel": none("cancel", get=None),
    "/editor/issues/{name}/requests/{number:int}": none("requests/1", get=None, post=303),
    "/editor/issues/{name}/report": none("report", post=None),
    "/editor/issues/{name}/report.csv": none("report.csv", post=None),
    "/editor/issues/{name}/corrections": none("corrections", post=404),
    "/editor/issues/{name}/corrections/{number:int}": none("corrections/1", get=None),
    "/editor/issues/{name}/corrections/{number:int}/letter": none("corrections/1/letter", get=None),
    "/editor/issues/{name}/corrections/{number:int}/letter/give-up": none(
        "corrections/1/letter/give-up", get=None
    ),
    "/editor/issues/{name}/corrections/{number:int}/take-down": none(
        "corrections/1/take-down", get=None
    ),
    "/editor/reports": Answers(get=200),
    "/editor/summaries": Answers(get=200),
    "/editor/summaries/new": Answers(get=200, post=422),
    "/editor/summaries/{slug}": Answers(get=404, post=409, path="/editor/summaries/gone"),
    "/editor/summaries/{slug}/copy": Answers(get=404, path="/editor/summaries/gone/copy"),
    "/editor/summaries/{slug}/delete": Answers(
        get=404, post=404, path="/editor/summaries/gone/delete"
    ),
    "/editor/summaries/{slug}/discard": Answers(post=303, path="/editor/summaries/new/discard"),
    "/editor/summaries/{slug}/draft": Answers(post=422, path="/editor/summaries/new/draft"),
    "/editor/summaries/{slug}/proof": Answers(
        get=404, post=204, path="/editor/summaries/gone/proof"
    ),
    "/editor/summaries/{slug}/take-in": Answers(post=404, path="/editor/summaries/gone/take-in"),
}
"""The routes behind the sign-in; `path` fills in what a route leaves open."""

OPEN: dict[str, Answers] = {
    "/editor/sign-in": Answers(get=200, post=422),
    "/editor/sign-in/code": Answers(get=303, post=303),
    "/editor/link/{token}": Answers(get=200, post=410, path="/editor/link/nothing"),
    "/editor/invitation/{token}": Answers(410, 410, path="/editor/invitation/nothing"),
    "/editor/style.css": Answers(get=200),
    "/editor/{script}.js": Answers(get=404, path="/editor/nothing.js"),
}
"""The routes before it."""


@pytest.fixture
def everybody(app: App) -> dict[str, DeskVisitor]:
    nobody = DeskVisitor(app, Visitor.of(app), "", "nothing")
    return {NOBODY: nobody, **{role: an_editor(app, role).fresh() for role in Role}}


def test_every_route_of_the_site_stands_in_one_table(app: App) -> None:
    known = {route.path for route in routes_under("")} | EDITORS.keys() | OPEN.keys()
    assert {getattr(route, "path", "") for route in site(app).routes} == known
    for route in routes_of_editors(""):
        is_behind = isinstance(route.endpoint, type) and issubclass(route.endpoint, Desk)
        answers = (EDITORS if is_behind else OPEN)[route.path]
        shown = {"GET", "HEAD"} if answers.get else set()
        assert methods_of(route) == shown | ({"POST"} if answers.post else set()), route.path


@pytest.mark.parametrize("who", WHO)
def test_every_route_answers_everybody_as_the_table_says(
    everybody: dict[str, DeskVisitor], who: str
) -> None:
    last = "/editor/sign-out"
    for (path, answers), method in product(
        sorted((EDITORS | OPEN).items(), key=lambda row: row[0] == last), METHODS
    ):
        one = everybody[who]
        sent = {"csrf": one.csrf} if method == "POST" else None
        answer = one.visitor.ask(method, answers.path or path, data=sent, headers=one.headers)
        assert answer.status_code == expected(path, method, who), (path, method)
        assert_guarded(answer, may_run_script="script-src" in str(answer.headers))
        if path not in {"/editor/style.css", "/editor/{script}.js"}:
            assert answer.headers["cache-control"] == "no-store"


def expected(path: str, method: str, who: str) -> int:
    answers = (EDITORS | OPEN)[path]
    own = {"GET": answers.get, "HEAD": answers.get, "POST": answers.post}.get(method)
    if own is None:
        return 405
    if path in OPEN:
        return 303 if path == "/editor/sign-in" and method != "POST" and who != NOBODY else own
    if who == NOBODY:
        return 401 if method == "POST" else 303
    return own if Role(who).reaches(answers.least) else 403


def test_a_form_without_the_token_of_this_very_session_changes_nothing(
    app: App, everybody: dict[str, DeskVisitor]
) -> None:
    admin, another = everybody[Role.ADMIN], an_editor(app, Role.ADMIN, "other@example.org")
    before = digest_of_rows(app.database)
    for path, answers in EDITORS.items():
        if answers.post is None:
            continue
        for csrf in ("", "wrong", another.csrf, "é"):
            answer = admin.post(answers.path or path, csrf=csrf)
            assert answer.status_code == 403, (path, csrf)
        assert admin.send(answers.path or path, {}).status_code == 403, path
        assert admin.send(answers.path or path, {"csrf": ["a", "b"]}).status_code == 403, path
        foreign = admin.headers | {"Origin": "https://evil.example.net"}
        sent = {"csrf": admin.csrf}
        answer = admin.visitor.post(answers.path or path, data=sent, headers=foreign)
        assert answer.status_code == 403, path
    assert digest_of_rows(app.database) == before


def test_looking_at_every_page_changes_nothing(app: App, everybody: dict[str, DeskVisitor]) -> None:
    reader = a_reader(app.database, "ada@example.org")
    publish(app, a_summary("Sent?", month=Month("2026-11")))
    stored(app.database, a_summary("A Draft?", month=Month("2026-12")))
    assemble(app.newsroom, Month("2026-12"), who="test", now=utc_now())
    admin, names = everybody[Role.ADMIN], {"gone": "a-draft", "2026-11": "2026-12"}
    before = digest_of_rows(app.database)
    for path, answers in (EDITORS | OPEN).items():
        if answers.get is not None:
            asked = (answers.path or path).replace("subscribers/nobody", f"subscribers/{reader}")
            admin.get(asked)
            for name, other in names.items():
                admin.get(asked.replace(name, other).replace("editions/3", "editions/1"))
    assert digest_of_rows(app.database) == before


def test_a_path_that_is_written_otherwise_opens_nothing_more(
    everybody: dict[str, DeskVisitor],
) -> None:
    nobody, editor = everybody[NOBODY], everybody[Role.EDITOR]
    for path, answers in EDITORS.items():
        for written in ways_to_write(answers.path or path):
            url = BASE + written
            assert nobody.get(url).status_code in {303, 404, 405}, written
            assert nobody.post(url).status_code in {401, 404, 405}, written
            if answers.least is Role.ADMIN:
                assert editor.get(url).status_code in {403, 404, 405}, written
                assert editor.post(url).status_code in {403, 404, 405}, written


def ways_to_write(path: str) -> list[str]:
    last = path.rpartition("/")[2]
    return [
        f"{path}/",
        f"/{path}",
        path.replace("/editor", "/editor/", 1),
        path.upper(),
        f"{path};x",
        f"{path}%2f",
        path.replace("/editor/", "/editor%2f"),
        f"{path}/../{last}",
        f"{path}%00",
        f"{path}.",
        f"{path}?next=//evil.example.net",
    ]
