import json
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from making import NOW, a_reader, a_summary
from pprmail.bootstrap import App
from pprmail.errors import StorageError
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.sandbox.webhook import Signer as Provider
from pprmail.sending.webhook import SIGNATURE_HEADER, TIMESTAMP_HEADER
from pprmail.services import feedback
from pprmail.services.subscriptions import reader
from pprmail.storage.tables import Delivery, Event
from pprmail.web import hooks
from web.visiting import (
    PROVIDER,
    Visitor,
    an_app,
    digest_of_rows,
    post_report,
    publish,
    report,
)

WHEN = int(NOW.timestamp())
Told = dict[str, Any]


@pytest.fixture
def ada(app_on_each: App) -> str:
    return a_reader(app_on_each.database, "ada@example.org")


@pytest.fixture
def about_ada(app_on_each: App, ada: str) -> Told:
    """What every report of Ada's letter holds."""
    (envelope,) = publish(app_on_each, a_summary())
    return {
        "email": "ada@example.org",
        "timestamp": WHEN,
        "sg_message_id": "abc.filter0001",
        **envelope.recipients[0].arguments,
    }


def test_a_signed_report_is_stored_and_applied(
    app_on_each: App, visitor_on_each: Visitor, about_ada: Told
) -> None:
    answer = report(visitor_on_each, [about_ada | {"event": "delivered", "sg_event_id": "1"}])
    assert (answer.status_code, answer.content) == (204, b"")
    (delivery,) = deliveries(app_on_each)
    assert delivery.delivered_at == NOW
    (event,) = events(app_on_each)
    assert (event.applied_at is not None, event.problem) == (True, None)
    assert event.payload["sg_message_id"] == "abc.filter0001"


def test_the_same_report_is_stored_once_however_often_it_comes(
    app_on_each: App, visitor_on_each: Visitor, about_ada: Told
) -> None:
    told = [about_ada | {"event": "delivered", "sg_event_id": "1"}]
    assert report(visitor_on_each, told * 3).status_code == 204
    before = digest_of_rows(app_on_each.database)
    for again in (told, told * 2, [told[0] | {"sg_event_id": "renamed"}]):
        assert report(visitor_on_each, again).status_code == 204
    assert digest_of_rows(app_on_each.database) == before


def test_a_hard_bounce_ends_the_reader_and_a_blocked_letter_does_not(
    app_on_each: App, visitor_on_each: Visitor, ada: str, about_ada: Told
) -> None:
    report(visitor_on_each, [about_ada | {"event": "bounce", "type": "blocked"}])
    assert standing(app_on_each, ada) == (SubscriberStatus.ACTIVE, None)
    report(visitor_on_each, [about_ada | {"event": "bounce", "type": "bounce"}])
    assert standing(app_on_each, ada) == (SubscriberStatus.ENDED, EndReason.BOUNCED)


def test_mail_that_is_not_ours_is_answered_and_noted(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    foreign = {"event": "spamreport", "email": "x@example.net", "timestamp": WHEN}
    assert report(visitor_on_each, [foreign]).status_code == 204
    (event,) = events(app_on_each)
    assert event.problem == "belongs to no delivery of ours"


def test_what_the_provider_may_yet_invent_is_kept(
    app_on_each: App, visitor_on_each: Visitor, about_ada: Told
) -> None:
    told: list[object] = [
        about_ada | {"event": "opened_by_the_moon", "phase": "full"},
        {"event": "account_status_change", "type": "compliance_suspend", "timestamp": WHEN},
        {},
        "only words",
        None,
        17,
        ["a", "list"],
    ]
    assert report(visitor_on_each, told).status_code == 204
    kept = events(app_on_each)
    assert len(kept) == len(told)
    assert all(event.applied_at for event in kept)
    assert kept[0].payload["phase"] == "full"


POISON = [
    r'{"event": "x", "a": "\u0000"}',
    r'{"event": "x", "a": "\\u0000"}',
    r'{"event": "x", "\u0000": "\ud800"}',
    '{"event": "x", "a": NaN, "b": -Infinity, "c": 1e400}',
    '{"event": "x", "timestamp": 1e400}',
    '{"event": "x", "timestamp": -99999999999999}',
    '{"event": "x", "timestamp": "tomorrow"}',
    '{"event": ["x"], "timestamp": {}}',
    '{"event": "x", "pm_d": 99999999999, "pm_r": 5}',
    '{"event": "x", "pm_d": "-1", "pm_r": "' + "r" * 5000 + '"}',
    '{"event": "x", "sg_event_id": "' + "é" * 500 + '"}',
    '{"event": "x", "a": ' + "[" * 200 + "]" * 200 + "}",
    '{"event": "x", "a": "' + "a" * 500_000 + '"}',
]


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_spoilt_event_is_kept_and_holds_up_no_other(
    app_on_each: App, visitor_on_each: Visitor, about_ada: Told, place: str
) -> None:
    good = json.dumps(about_ada | {"event": "delivered"})
    for number, spoilt in enumerate(POISON):
        pair = [spoilt, good] if place == "first" else [good, spoilt]
        body = f"[{', '.join(pair)}]".encode()
        assert post_report(visitor_on_each, body).status_code == 204, spoilt[:60]
        assert len(events(app_on_each)) == number + 2
    (delivery,) = deliveries(app_on_each)
    assert delivery.delivered_at == NOW
    assert all(event.applied_at for event in events(app_on_each))


def test_a_report_that_the_provider_did_not_sign_is_refused_without_detail(
    app: App, visitor: Visitor
) -> None:
    body, stamp = b'[{"event": "delivered"}]', int(time.time())
    good = PROVIDER.headers(body, timestamp=stamp)
    moved = PROVIDER.headers(b"1" + body, timestamp=stamp)
    forged: dict[str, tuple[bytes, dict[str, str]]] = {
        "unsigned": (body, {}),
        "another key": (body, Provider().headers(body, timestamp=stamp)),
        "another body": (body + b" ", good),
        "another moment": (body, good | {TIMESTAMP_HEADER: str(stamp + 1)}),
        "no moment": (body, {SIGNATURE_HEADER: good[SIGNATURE_HEADER]}),
        "a signature of nothing": (body, good | {SIGNATURE_HEADER: ""}),
        "no base64": (body, good | {SIGNATURE_HEADER: "***"}),
        "a digit that wandered": (body, moved | {TIMESTAMP_HEADER: f"{stamp}1"}),
        "no list": signed(b'{"event": "delivered"}'),
        "no JSON": signed(b"\xff\xfe["),
        "nothing": signed(b""),
        "a nest": signed(b"[" * 100_000),
    }
    before = digest_of_rows(app.database)
    for why, (content, headers) in forged.items():
        answer = visitor.post("/hooks/sendgrid", content=content, headers=headers)
        assert (answer.status_code, answer.text) == (403, "refused"), why
    assert digest_of_rows(app.database) == before


def test_an_old_report_is_taken_because_the_provider_repeats_for_a_day(
    app: App, visitor: Visitor
) -> None:
    body = b"[]"
    headers = PROVIDER.headers(body, timestamp=int(time.time()) - 86_000)
    assert visitor.post("/hooks/sendgrid", content=body, headers=headers).status_code == 204


def test_without_a_key_there_is_no_such_door(tmp_path: Path, sqlite_url: str) -> None:
    with an_app(tmp_path, sqlite_url, sendgrid__webhook_public_key="") as app:
        assert report(Visitor.of(app), [{"event": "delivered"}]).status_code == 404
        assert events(app) == []


def test_while_the_database_is_locked_the_provider_is_asked_to_come_again(
    app_on_each: App,
    visitor_on_each: Visitor,
    about_ada: Told,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hooks, "PATIENCE", 0.2)
    told = [about_ada | {"event": kind} for kind in ("processed", "delivered", "open")]
    # The loop that answers must outlive the threads that wait for the database.
    with visitor_on_each.client:
        with locked(app_on_each):
            started = time.monotonic()
            assert report(visitor_on_each, told).status_code == 503
            assert time.monotonic() - started < 3
        monkeypatch.undo()
        assert report(visitor_on_each, told).status_code == 204
    assert len(events(app_on_each)) == 3
    assert all(event.applied_at for event in events(app_on_each))


def test_while_the_database_is_down_the_provider_is_asked_to_come_again(
    tmp_path: Path, postgres_url: str, postgres: str
) -> None:
    with an_app(tmp_path, postgres_url) as app:
        visitor = Visitor.of(app)
        with closing(psycopg.connect(plain(postgres), autocommit=True)) as server:
            name = re.search(r"test_\w+", postgres_url)
            assert name
            server.execute(f"ALTER DATABASE {name[0]} ALLOW_CONNECTIONS false")
            gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            server.execute(gone, [name[0]])
            assert report(visitor, [{"event": "open"}]).status_code == 503
            assert visitor.get("/health").status_code == 503
            assert visitor.get("/archive").status_code == 503
            server.execute(f"ALTER DATABASE {name[0]} ALLOW_CONNECTIONS true")
        assert report(visitor, [{"event": "open"}]).status_code == 204
        assert len(events(app)) == 1


def test_what_is_kept_is_answered_even_if_it_can_t_be_applied_at_once(
    app_on_each: App,
    visitor_on_each: Visitor,
    about_ada: Told,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feedback, "apply", refuse)
    assert report(visitor_on_each, [about_ada | {"event": "delivered"}]).status_code == 204
    monkeypatch.undo()
    (event,) = events(app_on_each)
    assert event.applied_at is None
    assert feedback.apply(app_on_each.database, now=NOW) == 1
    assert deliveries(app_on_each)[0].delivered_at == NOW


def test_nothing_is_answered_as_taken_before_it_is_kept(
    app: App, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "keep", refuse)
    assert report(visitor, [{"event": "delivered"}]).status_code == 503
    assert events(app) == []


def test_a_thousand_events_are_taken_in_a_few_seconds(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    for number in range(20):
        a_reader(app_on_each.database, f"reader{number}@example.org")
    told = [
        {"event": kind, "email": recipient.email, "timestamp": WHEN + n, **recipient.arguments}
        for envelope in publish(app_on_each, a_summary())
        for recipient in envelope.recipients
        for n in range(10)
        for kind in ("processed", "deferred", "delivered", "open", "click")
    ]
    assert len(told) == 1000
    started = time.monotonic()
    assert report(visitor_on_each, told).status_code == 204
    assert time.monotonic() - started < hooks.PATIENCE
    assert len(events(app_on_each)) == 1000
    assert all(event.applied_at for event in events(app_on_each))


def refuse(*_: object, **__: object) -> int:
    raise StorageError("the database refuses: disk is full")


def signed(body: bytes) -> tuple[bytes, dict[str, str]]:
    return body, PROVIDER.headers(body, timestamp=int(time.time()))


def events(app: App) -> Sequence[Event]:
    with app.database.read() as session:
        return session.scalars(select(Event).order_by(Event.id)).all()


def deliveries(app: App) -> Sequence[Delivery]:
    with app.database.read() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def standing(app: App, public_id: str) -> tuple[SubscriberStatus, EndReason | None]:
    found = reader(app.database, public_id)
    assert found is not None
    return found.status, found.end_reason


@contextmanager
def locked(app: App) -> Iterator[None]:
    """Keep everybody from writing, as another process would."""
    url = app.settings.database.url
    if app.database.is_sqlite:
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with closing(psycopg.connect(plain(url))) as other:
        other.execute("LOCK TABLE events, deliveries, subscribers IN EXCLUSIVE MODE")
        yield


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
