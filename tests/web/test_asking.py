from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
import time_machine
from sqlalchemy import select

from making import a_reader
from pprmail.bootstrap import App, utc_now
from pprmail.storage.tables import ServiceMail, Subscriber
from web.visiting import OWN_PAGE, Visitor, page_of, preferences_path


@time_machine.travel("2026-11-23T14:00+00:00", tick=False)
def test_known_and_unknown_addresses_are_answered_alike(app: App, visitor: Visitor) -> None:
    a_reader(app.database, "ada@example.org")
    known, unknown, again = (
        visitor.send_form("/preferences", {"email": address})
        for address in ("ada@example.org", "nobody@example.org", "ada@example.org")
    )
    assert known.status_code == unknown.status_code == again.status_code == 200
    assert known.text == unknown.text == again.text
    assert dict(known.headers) == dict(unknown.headers)
    assert [mail.recipient for mail in mails(app)] == ["ada@example.org"]


@time_machine.travel("2026-11-23T14:00+00:00", tick=False)
def test_the_answer_says_when_to_ask_again(app: App, visitor: Visitor) -> None:
    answer = visitor.send_form("/preferences", {"email": "nobody@example.org"})
    words = " ".join(page_of(answer).text_content().split())
    assert "at most once in 24 hours, and three times in 30 days" in words
    assert "ask again after Tue 24 November 2026, 09:00 EST" in words


def test_known_and_unknown_addresses_take_the_same_time(app: App, visitor: Visitor) -> None:
    for number in range(40):
        a_reader(app.database, f"reader{number}@example.org")
    took: dict[str, list[float]] = {"reader": [], "nobody": []}
    for number in range(40):
        for who, times in took.items():
            started = perf_counter()
            visitor.send_form("/preferences", {"email": f"{who}{number}@example.org"})
            times.append(perf_counter() - started)
    known, unknown = (median(times) for times in took.values())
    # A rough measure on a machine that has other work; a page that looked first would be far off.
    assert 0.6 < known / unknown < 1.6


@time_machine.travel("2026-11-23T14:00+00:00", tick=False)
def test_over_the_budget_of_a_network_all_are_answered_alike_and_nothing_is_mailed(
    app: App, visitor: Visitor
) -> None:
    for number in range(20):
        visitor.send_form("/preferences", {"email": f"nobody{number}@example.org"})
    a_reader(app.database, "ada@example.org")
    answers = [
        visitor.send_form("/preferences", {"email": address})
        for address in ("ada@example.org", "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert mails(app) == []


@pytest.mark.parametrize("fields", [{}, {"email": ""}, {"email": "nothing"}, {"else": "x"}])
def test_what_is_no_address_is_told_beside_the_field(
    app: App, visitor: Visitor, fields: dict[str, str]
) -> None:
    refused = visitor.send_form("/preferences", fields)
    assert refused.status_code == 422
    field = page_of(refused).xpath("//input[@name='email']")[0]
    told = page_of(refused).get_element_by_id(field.get("aria-describedby"))
    assert told.get("role") == "alert"
    assert mails(app) == []


def test_an_expired_link_has_a_fresh_one_mailed_to_its_own_address_alone(
    app: App, visitor: Visitor
) -> None:
    ada = a_reader(app.database, "ada@example.org")
    path = preferences_path(app, ada)
    with time_machine.travel(utc_now() + timedelta(days=500), tick=False):
        closed = visitor.get(path)
        assert closed.status_code == 410
        form = page_of(closed).forms[0]
        sent = {**dict(form.form_values()), "void": "yes"}
        assert visitor.send_form(form.get("action"), sent).status_code == 200
    (mail,) = mails(app)
    assert (mail.kind, mail.recipient) == ("fresh_link", "ada@example.org")
    with app.database.read() as session:
        assert session.scalars(select(Subscriber.token_epoch)).one() == 0


def test_a_link_that_was_not_signed_has_nothing_mailed(app: App, visitor: Visitor) -> None:
    ada = a_reader(app.database, "ada@example.org")
    good = app.signer.preferences_token(ada, now=utc_now())
    for wrong in (good[:-1], f"{ada}.0.{good[-22:]}", app.signer.leave_token(ada), "x"):
        assert visitor.send_form("/preferences", {"token": wrong}).status_code == 404
    assert mails(app) == []


def test_a_form_from_elsewhere_mails_nothing(app: App, visitor: Visitor) -> None:
    a_reader(app.database, "ada@example.org")
    headers = OWN_PAGE | {"Origin": "https://evil.example.net"}
    fields = {"email": "ada@example.org"}
    assert visitor.ask("POST", "/preferences", data=fields, headers=headers).status_code == 403
    assert mails(app) == []


def mails(app: App) -> list[ServiceMail]:
    with app.database.read() as session:
        return list(session.scalars(select(ServiceMail)))
