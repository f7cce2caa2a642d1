import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.endpoints import HTTPEndpoint
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from making import EMPATHY, a_reader, a_summary
from pprmail.bootstrap import App, utc_now
from pprmail.web.failing import LastResort
from pprmail.web.security import origin_of
from pprmail.web.site import LARGEST_BODY, routes_under
from web.visiting import (
    BASE,
    OWN_PAGE,
    Visitor,
    an_app,
    confirm_address_path,
    confirm_path,
    leave_path,
    preferences_path,
    publish,
    report,
)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
READ = {"GET": 200, "HEAD": 200}
MATRIX: dict[str, dict[str, int]] = {
    "/": READ,
    "/style.css": READ,
    "/archive": READ,
    "/archive/{month}": READ,
    "/summaries/{slug}.ris": READ,
    "/summaries/{slug}.bib": READ,
    "/summaries/{slug}": READ,
    "/unsubscribe/{token}": READ | {"POST": 200},
    "/leaving/{token}/topics": {"POST": 200},
    "/leaving/{token}/back": {"POST": 200},
    "/leaving/{token}/reason": {"POST": 200},
    "/preferences": READ | {"POST": 200},
    "/preferences.js": READ,
    "/preferences/{token}": READ | {"POST": 200},
    "/subscribe": READ | {"POST": 422},
    "/subscribe/start": READ | {"POST": 200},
    "/confirm/{token}": READ | {"POST": 200},
    "/preferences/{token}/data.json": READ,
    "/preferences/{token}/address": {"POST": 200},
    "/preferences/{token}/older-links": {"POST": 200},
    "/preferences/{token}/erase": READ | {"POST": 200},
    "/confirm-address/{token}": READ | {"POST": 200},
    "/hooks/sendgrid": {"POST": 403},
    "/health": READ,
}
"""What every route answers to each method, sent from a page of ours; all else is 405."""

FIELDS: dict[str, dict[str, str]] = {
    "/preferences/{token}": {"follow": "everything", "no_match": "note"},
    "/preferences": {"email": "somebody@example.org"},
    "/preferences/{token}/address": {"email": "another@example.org"},
    "/leaving/{token}/topics": {"topics": EMPATHY},
    "/leaving/{token}/reason": {"reason": "other"},
}
WITH_SCRIPT = {"/preferences/{token}"}

EXPECTED_HEADERS = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}
CITING = {"/summaries/{slug}.ris", "/summaries/{slug}.bib"}
PUBLIC = {
    "/",
    "/style.css",
    "/preferences.js",
    "/archive",
    "/archive/{month}",
    "/summaries/{slug}",
    *CITING,
}
UNTOLD = re.compile(r"uvicorn|starlette|python|sqlite|sqlalchemy|pprmail/?\d", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A site with something at every route."""

    app: App
    visitor: Visitor
    paths: dict[str, str]


@pytest.fixture
def place(app: App, visitor: Visitor) -> Place:
    ada = a_reader(app.database, "ada@example.org")
    publish(app, a_summary())
    paths = (
        {path: path for path in MATRIX}
        | {
            "/confirm/{token}": confirm_path(app, "cy@example.org"),
            "/archive/{month}": "/archive/2026-11",
            "/summaries/{slug}.ris": "/summaries/a-question-about-alliance.ris",
            "/summaries/{slug}.bib": "/summaries/a-question-about-alliance.bib",
            "/summaries/{slug}": "/summaries/a-question-about-alliance",
            "/unsubscribe/{token}": leave_path(app, ada),
            "/preferences/{token}": preferences_path(app, ada),
        }
        | paths_of_owners(app)
    )
    return Place(app, visitor, paths)


def paths_of_owners(app: App) -> dict[str, str]:
    """Give paths that need a reader of their own, whom each leaves as another finds none."""
    paths = {}
    for path in ("data.json", "address", "older-links", "erase"):
        owner = a_reader(app.database, f"{path}@example.org")
        token = app.signer.owner_token(owner, now=utc_now())
        paths[f"/preferences/{{token}}/{path}"] = f"/preferences/{token}/{path}"
    for path in ("topics", "back", "reason"):
        token = app.signer.leave_token(a_reader(app.database, f"{path}@example.org"))
        paths[f"/leaving/{{token}}/{path}"] = f"/leaving/{token}/{path}"
    moving = a_reader(app.database, "moving@example.org")
    paths["/confirm-address/{token}"] = confirm_address_path(app, moving, "new@example.org")
    return paths


def test_every_route_stands_in_the_matrix_with_its_methods() -> None:
    assert {route.path: methods_of(route) for route in routes_under("")} == {
        path: set(answers) for path, answers in MATRIX.items()
    }


def test_every_route_answers_its_own_methods_and_no_other(place: Place) -> None:
    leaving_last = sorted(MATRIX, key=lambda path: path.startswith("/unsubscribe"))
    in_order = ("GET", "HEAD", *(m for m in METHODS if m not in {"GET", "HEAD", "POST"}), "POST")
    for path, method in product(leaving_last, in_order):
        sent = FIELDS.get(path) if method == "POST" else None
        answer = place.visitor.ask(method, place.paths[path], data=sent, headers=OWN_PAGE)
        assert answer.status_code == MATRIX[path].get(method, 405), (method, path)
        assert_guarded(answer, may_run_script=path in WITH_SCRIPT and answer.status_code == 200)
        if answer.status_code == 405:
            allowed = {name.strip() for name in answer.headers["allow"].split(",")}
            assert allowed == set(MATRIX[path])


def test_only_pages_that_are_the_same_for_everybody_may_be_kept(place: Place) -> None:
    shown = sorted(((p, m) for p in MATRIX for m in MATRIX[p]), key=lambda pair: pair[1])
    for path, method in shown:
        kept = place.visitor.ask(method, place.paths[path], headers=OWN_PAGE)
        how = "public, max-age=300" if path in PUBLIC else "no-store"
        assert kept.headers["cache-control"] == how, (method, path)
        assert "set-cookie" not in kept.headers


def test_no_search_engine_lists_a_page_of_one_reader(place: Place) -> None:
    for path in (path for path in MATRIX if "{token}" in path and "GET" in MATRIX[path]):
        assert place.visitor.get(place.paths[path]).headers["x-robots-tag"] == "noindex"


def _a_wrong_token(place: Place) -> Response:
    return place.visitor.get("/unsubscribe/wrong")


def _an_expired_link(place: Place) -> Response:
    place.visitor.post(place.paths["/unsubscribe/{token}"])
    return place.visitor.get(place.paths["/preferences/{token}"])


def _no_page(place: Place) -> Response:
    return place.visitor.get("/nothing")


def _a_wrong_method(place: Place) -> Response:
    return place.visitor.ask("DELETE", "/archive", headers=OWN_PAGE)


def _a_wrong_form(place: Place) -> Response:
    return place.visitor.send_form(place.paths["/preferences/{token}"], {})


def _a_form_from_elsewhere(place: Place) -> Response:
    return place.visitor.post(place.paths["/preferences/{token}"])


def _a_body_too_large(place: Place) -> Response:
    return place.visitor.post(place.paths["/unsubscribe/{token}"], content=b"x" * (2_000_001))


def _a_body_too_large_in_pieces(place: Place) -> Response:
    def pieces() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * 1_000_000

    return place.visitor.post("/hooks/sendgrid", content=pieces())


def _a_foreign_host(place: Place) -> Response:
    return place.visitor.get("/", headers={"Host": "evil.example.net"})


def _a_page_that_fails(place: Place) -> Response:
    with place.app.database.write() as session:
        session.connection().exec_driver_sql("UPDATE subscribers SET no_match = 'gibberish'")
    return place.visitor.get(place.paths["/preferences/{token}"])


def _a_broken_template(place: Place) -> Response:
    folder = place.app.settings.root / "templates" / "pages"
    folder.mkdir(parents=True)
    (folder / "base.html").write_text("{% broken")
    return place.visitor.get("/")


def _a_lost_database(place: Place) -> Response:
    with place.app.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE summaries RENAME TO lost")
    return place.visitor.get("/")


FAILURES: dict[Callable[[Place], Response], int] = {
    _a_wrong_token: 404,
    _an_expired_link: 410,
    _no_page: 404,
    _a_wrong_method: 405,
    _a_wrong_form: 422,
    _a_form_from_elsewhere: 403,
    _a_body_too_large: 413,
    _a_body_too_large_in_pieces: 413,
    _a_foreign_host: 400,
    _a_page_that_fails: 500,
    _a_broken_template: 500,
    _a_lost_database: 503,
}


@pytest.mark.parametrize("fail", FAILURES, ids=[f.__name__.strip("_") for f in FAILURES])
def test_every_refusal_carries_the_same_headers_and_is_kept_nowhere(
    place: Place, fail: Callable[[Place], Response]
) -> None:
    answer = fail(place)
    assert answer.status_code == FAILURES[fail]
    assert_guarded(answer, may_run_script=fail is _a_wrong_form)
    assert answer.headers["cache-control"] == "no-store"


def test_who_comes_while_the_database_is_away_is_told_when_to_come_again(place: Place) -> None:
    assert _a_lost_database(place).headers["retry-after"] == "60"


@pytest.mark.parametrize("fail", [_a_page_that_fails, _a_broken_template, _a_lost_database])
def test_a_page_that_fails_shows_nothing_of_why(
    place: Place, fail: Callable[[Place], Response], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = fail(place)
    assert "Something went wrong" in answer.text
    for told in (
        "gibberish",
        "broken",
        "Traceback",
        "table",
        "Error",
        str(place.app.settings.root),
    ):
        assert told not in answer.text
    logged = "".join(capsys.readouterr())
    assert re.search(r"page failed|does not answer", logged)
    assert "gibberish" not in logged
    assert "route='GET /" in logged
    assert place.paths["/preferences/{token}"] not in logged
    assert "ada@example.org" not in logged


def test_a_browser_that_gives_up_what_it_sends_is_no_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def left(*_: Any) -> None:
        raise ClientDisconnect

    sent: list[Any] = []
    asyncio.run(LastResort(left)({"type": "http"}, sent.append, sent.append))  # type: ignore[arg-type]
    assert (sent, *capsys.readouterr()) == ([], "", "")


def test_the_largest_report_that_may_come_is_read(place: Place) -> None:
    answer = place.visitor.post("/hooks/sendgrid", content=b"x" * LARGEST_BODY)
    assert answer.status_code == 403


def test_only_https_promises_https(tmp_path: Path, sqlite_url: str) -> None:
    base = "http://127.0.0.1:8000"
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        answer = Visitor.of(app, base).get("/")
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers


HOSTS = {
    "letter.example.org": 200,
    "LETTER.example.org": 200,
    "letter.example.org:443": 200,
    "127.0.0.1:8000": 200,
    "localhost": 200,
    "[::1]:8000": 200,
    "also.example.org": 200,
    "evil.example.net": 400,
    "letter.example.org.evil.example.net": 400,
    "www.letter.example.org": 400,
    "letter.example.org@evil.example.net": 400,
    "example.org": 400,
    "": 400,
    "evil.example.net/letter.example.org": 400,
}


def test_only_our_hosts_are_answered(tmp_path: Path, sqlite_url: str) -> None:
    with an_app(tmp_path, sqlite_url, web__allowed_hosts=["also.example.org"]) as app:
        visitor = Visitor.of(app)
        answers = {host: visitor.get("/health", headers={"Host": host}) for host in HOSTS}
    assert {host: answer.status_code for host, answer in answers.items()} == HOSTS


def test_nobody_is_sent_on_to_another_host(tmp_path: Path, sqlite_url: str) -> None:
    base = "https://www.example.org"
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        assert Visitor.of(app, "https://example.org").get("/").status_code == 400


def test_a_site_at_an_address_of_version_six_is_answered(tmp_path: Path, sqlite_url: str) -> None:
    base = "https://[2001:db8::1]:8443"
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        assert Visitor.of(app, base).get("/").status_code == 200


def test_no_link_is_made_of_the_host_that_a_visitor_names(place: Place) -> None:
    for path in place.paths.values():
        page = place.visitor.get(path, headers={"Host": "localhost", "X-Forwarded-Host": "evil"})
        assert "localhost" not in page.text
        assert "evil" not in page.text


ORIGINS = {
    BASE: BASE,
    "https://Letter.Example.org:443/letters": BASE,
    "http://127.0.0.1:80": "http://127.0.0.1",
    "http://127.0.0.1:8000/": "http://127.0.0.1:8000",
    "https://[2001:db8::1]:8443/x": "https://[2001:db8::1]:8443",
    "https://letter.example.org:80": "https://letter.example.org:80",
}


@pytest.mark.parametrize("url", ORIGINS)
def test_an_origin_is_written_as_browsers_write_it(url: str) -> None:
    assert origin_of(url) == ORIGINS[url]


@pytest.mark.parametrize("prefix", ["", "/our/letter"])
def test_below_a_path_every_route_is_found_with_it_and_without(
    tmp_path: Path, sqlite_url: str, prefix: str
) -> None:
    base = "https://example.org/our/letter"
    with an_app(tmp_path, sqlite_url, newsletter__base_url=base) as app:
        visitor = Visitor.of(app, "https://example.org")
        ada = a_reader(app.database, "ada@example.org")
        publish(app, a_summary())
        for path in ("", "/", "/archive", "/archive/2026-11", "/style.css", "/health"):
            assert visitor.get(prefix + path).status_code == 200, path
        sent: dict[str, Any] = {
            "data": {"follow": "everything", "no_match": "note"},
            "headers": {"Origin": "https://example.org"},
        }
        own = prefix + preferences_path(app, ada)
        assert visitor.ask("POST", own, **sent).status_code == 200
        assert visitor.ask("POST", own).status_code == 403
        assert visitor.post(prefix + leave_path(app, ada)).status_code == 200
        answer = report(visitor, []) if not prefix else visitor.post(f"{prefix}/hooks/sendgrid")
        assert answer.status_code == (403 if prefix else 204)


def assert_guarded(answer: Response, *, may_run_script: bool = False) -> None:
    for name, value in EXPECTED_HEADERS.items():
        assert answer.headers[name] == value, name
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert ("script-src" in policy) == may_run_script
    assert not may_run_script or policy.endswith("; script-src 'self'")
    assert "unsafe" not in policy
    assert "http" not in policy
    for part in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert not UNTOLD.search(str(answer.headers))


def methods_of(route: Route) -> set[str]:
    if isinstance(route.endpoint, type) and issubclass(route.endpoint, HTTPEndpoint):
        own = {m for m in METHODS if hasattr(route.endpoint, m.lower())}
        return own | ({"HEAD"} if "GET" in own else set())
    assert route.methods is not None
    return set(route.methods)
