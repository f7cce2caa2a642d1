import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from making import EMPATHY, TRAINING, a_reader, a_summary
from pprmail.bootstrap import App, utc_now
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.services.subscriptions import end
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import Confirmation
from pprmail.web.site import site
from web.visiting import (
    BASE,
    OWN_PAGE,
    Visitor,
    a_sign_up,
    an_app,
    digest_of_rows,
    mails_queued,
    page_of,
    publish,
)

ADDRESS = "ada@example.org"


def test_the_form_has_two_fields_topics_in_groups_and_the_words_agreed_to(
    app: App, visitor: Visitor
) -> None:
    shown = visitor.get("/subscribe")
    form = page_of(shown).forms[0]
    assert [i.name for i in form.xpath(".//input[@type='email' or @type='text']")] == [
        "email",
        "name",
    ]
    assert len(form.xpath(".//input[@name='topics']")) == 36
    assert not form.xpath(".//input[@checked]")
    assert app.pages.consent() in " ".join(page_of(shown).text_content().split())
    assert "1 Example Street" in app.pages.consent()


def test_a_form_sent_as_it_was_shown_asks_the_owner(app: App, visitor: Visitor) -> None:
    answer = visitor.send_form("/subscribe", a_sign_up(app, ADDRESS, EMPATHY, name=" Ada  M. "))
    assert answer.status_code == 200
    (mail,) = mails_queued(app)
    assert (mail.kind, mail.recipient) == ("confirmation", ADDRESS)
    with app.database.read() as session:
        asked = session.scalars(select(Confirmation)).one()
    assert (asked.topics, asked.name, asked.page) == ([EMPATHY], "Ada M.", f"{BASE}/subscribe")
    assert (asked.wording, len(asked.wording_version or "")) == (app.pages.consent(), 12)


def test_home_says_what_this_is_from_whom_and_how_often_beside_two_fields(
    visitor: Visitor,
) -> None:
    shown = page_of(visitor.get("/"))
    words = " ".join(shown.xpath("//main")[0].text_content().split())
    assert "plain-language summaries of psychotherapy research" in words
    assert "comes once a month by email" in words
    assert "By signing up you agree to this: “Yes, send me The Practice Research Letter" in words
    assert "It comes from The Practice Research Letter, 1 Example Street" in words
    fields = shown.forms[0].xpath(".//input[@type='email' or @type='text']")
    labels = {label.get("for"): label.text_content() for label in shown.xpath("//label")}
    named = {"email": "Your email address", "name": "Your name (optional)"}
    assert {field.name: labels[field.get("id")] for field in fields} == named


def test_home_names_the_sender_where_it_is_another_than_the_letter(
    tmp_path: Path, sqlite_url: str
) -> None:
    with an_app(tmp_path, sqlite_url, newsletter__from_name="Ottawa Practice Network") as app:
        shown = page_of(Visitor.of(app).get("/"))
    words = " ".join(shown.text_content().split())
    assert "comes once a month by email from Ottawa Practice Network." in words


def test_home_says_what_this_is_and_signs_up_on_the_same_path(app: App, visitor: Visitor) -> None:
    form = page_of(visitor.get("/")).forms[0]
    assert (form.get("action"), form.method) == ("/subscribe", "POST")
    fields = dict(form.form_values()) | {"email": ADDRESS, "name": ""}
    later = a_sign_up(app, ADDRESS)["form"]
    assert visitor.send_form("/subscribe", fields | {"form": later}).status_code == 200
    with app.database.read() as session:
        assert session.scalars(select(Confirmation.page)).one() == f"{BASE}/"


def test_home_shows_the_newest_letter_whole(app: App, visitor: Visitor) -> None:
    a_reader(app.database, ADDRESS)
    publish(app, a_summary())
    shown = page_of(visitor.get("/"))
    words = " ".join(shown.text_content().split())
    assert "The last letter: November 2026" in words
    assert "Practice Implications" in words
    assert "What a clinician may do with it." in words


def test_the_answer_names_address_sender_and_when_to_ask_again(app: App, visitor: Visitor) -> None:
    answer = visitor.send_form("/subscribe", a_sign_up(app, "Ada.M@gmial.com"))
    words = " ".join(page_of(answer).text_content().split())
    assert "on its way to Ada.M@gmial.com" in words
    assert "Did you mean Ada.M@gmail.com?" in words
    assert "from The Practice Research Letter, letter@example.org" in words
    assert re.search(r"ask again after \w{3} \d+ \w+ \d{4}, \d\d:\d\d", words)


def in_state(app: App, state: str) -> str:
    address = f"{state}@example.org"
    if state == "unknown":
        return address
    status = SubscriberStatus.PENDING if state == "pending" else SubscriberStatus.ACTIVE
    a_reader(app.database, address, status=status)
    if state == "ended":
        end(app.database, address, who="cli", now=utc_now())
    if state == "complained":
        with app.database.write() as session:
            row = subscriber_with_address(session, address)
            assert row is not None
            row.end(EndReason.COMPLAINED, now=utc_now())
    return address


def test_the_answer_is_the_same_for_every_address(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    answers = {}
    for state in ("unknown", "pending", "active", "ended", "complained"):
        address = in_state(app_on_each, state)
        for attempt in ("first", "second"):
            answer = visitor_on_each.send_form("/subscribe", a_sign_up(app_on_each, address))
            told = re.sub(r"again after [^<]+", "", answer.text.replace(address, "ADDRESS"))
            answers[state, attempt] = (answer.status_code, told, without_length(answer))
    assert len(answers) == 10
    assert all(each == answers["unknown", "first"] for each in answers.values())


def without_length(answer: Response) -> dict[str, str]:
    return {n: v for n, v in answer.headers.items() if n not in {"content-length", "date"}}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no address": ({"email": ""}, "email", "whole email address"),
    "half an address": ({"email": "ada@"}, "email", "whole email address"),
    "two addresses": ({"email": "a@example.org, b@example.org"}, "email", "whole email"),
    "a line break": ({"email": "a@example.org\nBcc: b@example.org"}, "email", "whole email"),
    "a long address": ({"email": f"{'a' * 300}@example.org"}, "email", "whole email"),
    "the field twice": ({"email": [ADDRESS, ADDRESS]}, "email", "whole email"),
    "a long name": ({"name": "x" * 101}, "name", "100 letters at most"),
    "a very long name": ({"name": "x" * 1001}, "name", "100 letters at most"),
    "a name of control characters": ({"name": "a\x00b"}, "name", "special signs"),
    "a name that advertises": ({"name": "win at www.example.net"}, "name", "web addresses"),
    "no such topic": ({"topics": ["magic"]}, "topics", "not understood"),
    "a field that is not there": ({"status": "active"}, "", "not understood"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(
    app: App, visitor: Visitor, case: str
) -> None:
    changes, field, words = WRONG[case]
    before = digest_of_rows(app.database)
    answer = visitor.send_form("/subscribe", a_sign_up(app, ADDRESS) | changes)
    assert answer.status_code == 422
    shown = page_of(answer)
    assert shown.xpath("//*[@role='alert']")
    if field:
        said = shown.xpath(f"//*[@id='{field}-wrong']")[0]
        assert words in said.text_content()
        assert shown.xpath(f"//*[@aria-describedby='{field}-wrong']")
    assert digest_of_rows(app.database) == before


AGES: dict[str, tuple[Callable[[App], str], str]] = {
    "none": (lambda app: "", "open for too long"),
    "forged": (lambda app: "1795442400." + "A" * 22, "open for too long"),
    "of yesterday": (
        lambda app: app.signer.form_token(utc_now() - timedelta(hours=25)),
        "open for too long",
    ),
    "of this moment": (lambda app: app.signer.form_token(utc_now()), "very quick"),
}


@pytest.mark.parametrize("age", AGES)
def test_a_form_of_the_wrong_age_is_shown_again_with_what_was_typed(
    app: App, visitor: Visitor, age: str
) -> None:
    make, words = AGES[age]
    fields = a_sign_up(app, ADDRESS, TRAINING, name="Ada") | {"form": make(app)}
    answer = visitor.send_form("/subscribe", fields)
    form = page_of(answer).forms[0]
    assert (answer.status_code, mails_queued(app)) == (422, [])
    assert words in page_of(answer).xpath("//*[@role='alert']")[0].text_content()
    assert (form.fields["email"], form.fields["name"]) == (ADDRESS, "Ada")
    assert form.xpath(".//input[@checked]/@value") == [TRAINING]


def test_a_form_that_came_too_quickly_keeps_its_token_so_that_it_ripens(
    app: App, visitor: Visitor
) -> None:
    token = app.signer.form_token(utc_now())
    answer = visitor.send_form("/subscribe", a_sign_up(app, ADDRESS) | {"form": token})
    assert page_of(answer).forms[0].fields["form"] == token


def test_a_program_that_fills_every_field_is_thanked_and_nothing_is_mailed(
    app: App, visitor: Visitor
) -> None:
    answer = visitor.send_form("/subscribe", a_sign_up(app, ADDRESS) | {"website": "x"})
    assert (answer.status_code, mails_queued(app)) == (200, [])
    assert ADDRESS in answer.text


def test_a_form_of_another_site_only_fills_ours_in(app: App, visitor: Visitor) -> None:
    before = digest_of_rows(app.database)
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    answer = visitor.ask(
        "POST",
        "/subscribe/start",
        data={"email": ADDRESS, "name": "Ada", "x": "y"},
        headers=headers,
    )
    assert answer.status_code == 200
    form = page_of(answer).forms[0]
    assert (form.fields["email"], form.get("action")) == (ADDRESS, "/subscribe")
    assert digest_of_rows(app.database) == before
    assert visitor.ask("POST", "/subscribe", data={}, headers=headers).status_code == 403


def test_what_another_site_posts_is_words_and_not_markup(visitor: Visitor) -> None:
    attack = '"><script>alert(1)</script>'
    answer = visitor.post("/subscribe/start", data={"email": attack, "name": attack * 1000})
    assert "<script" not in answer.text


def test_an_address_in_the_address_of_a_page_is_not_looked_at(visitor: Visitor) -> None:
    for path in ("/subscribe", "/subscribe/start", "/"):
        assert ADDRESS not in visitor.get(f"{path}?email={ADDRESS}").text


def test_no_address_and_no_link_comes_into_a_log(
    app: App, visitor: Visitor, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    visitor.send_form("/subscribe", a_sign_up(app, ADDRESS))
    visitor.send_form("/subscribe", a_sign_up(app, "ada@"))
    assert "ada" not in "".join(capsys.readouterr()) + caplog.text


def sign_up_from(app: App, peer: str, address: str, **headers: str) -> int:
    client = TestClient(site(app), base_url=BASE, client=(peer, 5000), follow_redirects=False)
    sent = {**OWN_PAGE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return client.post("/subscribe", data=a_sign_up(app, address), headers=sent).status_code


def test_a_network_over_its_budget_is_told_so_whatever_it_says_of_itself(app: App) -> None:
    answers = [
        sign_up_from(app, f"203.0.113.{n}", f"r{n}@example.org", X_Forwarded_For=f"10.1.{n}.1")
        for n in range(21)
    ]
    assert answers == [200] * 20 + [429]
    assert sign_up_from(app, "198.51.100.1", "other@example.org") == 200


def test_over_the_budget_known_and_unknown_hear_the_same(app: App) -> None:
    a_reader(app.database, "known@example.org")
    for number in range(20):
        sign_up_from(app, "203.0.113.1", f"r{number}@example.org")
    for address in ("known@example.org", "unknown@example.org"):
        assert sign_up_from(app, "203.0.113.1", address) == 429
    assert len(mails_queued(app)) == 20


def test_behind_a_proxy_of_ours_each_visitor_has_a_budget_that_he_cannot_lengthen(
    tmp_path: Path, sqlite_url: str
) -> None:
    with an_app(tmp_path, sqlite_url, web__trusted_proxies=["127.0.0.0/8"]) as app:
        for number in range(20):
            forged = f"10.9.{number}.1, 203.0.113.5"
            status = sign_up_from(
                app, "127.0.0.1", f"r{number}@example.org", X_Forwarded_For=forged
            )
            assert status == 200
        busy = {"X_Forwarded_For": "10.9.99.1, 203.0.113.5"}
        assert sign_up_from(app, "127.0.0.1", "next@example.org", **busy) == 429
        assert (
            sign_up_from(app, "127.0.0.1", "o@example.org", X_Forwarded_For="198.51.100.7") == 200
        )


def test_who_is_told_to_wait_is_told_how_long(app: App, visitor: Visitor) -> None:
    for number in range(20):
        visitor.send_form("/subscribe", a_sign_up(app, f"r{number}@example.org"))
    answer = visitor.send_form("/subscribe", a_sign_up(app, ADDRESS))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")
    assert "nothing to do with your address" in answer.text


def test_looking_at_the_forms_changes_nothing(app_on_each: App, visitor_on_each: Visitor) -> None:
    before = digest_of_rows(app_on_each.database)
    for path in ("/", "/subscribe", "/subscribe/start"):
        for method in ("GET", "HEAD"):
            assert visitor_on_each.ask(method, path).status_code == 200
    visitor_on_each.post("/subscribe/start", data={"email": ADDRESS})
    assert digest_of_rows(app_on_each.database) == before
