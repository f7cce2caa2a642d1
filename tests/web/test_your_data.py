import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from making import EMPATHY, TRAINING, a_reader, a_summary
from pprmail.bootstrap import App, utc_now
from pprmail.model.delivery import DeliveryOutcome
from pprmail.services.feedback import apply
from pprmail.services.leaving import leave
from pprmail.services.subscriptions import reader
from pprmail.storage.deliveries import equation_of
from pprmail.storage.tables import Delivery, Event, Issue, ServiceMail
from web.test_leaving import ONE_CLICK
from web.visiting import (
    Visitor,
    begin,
    claimed,
    confirm_address_path,
    digest_of_rows,
    leave_path,
    owner_path,
    page_of,
    preferences_path,
    publish,
    report,
)

OWNERS_ALONE = (
    ("GET", "data.json"),
    ("POST", "address"),
    ("POST", "older-links"),
    ("GET", "erase"),
    ("POST", "erase"),
)


@pytest.fixture
def ada(app: App) -> str:
    return a_reader(app.database, "ada@example.org", EMPATHY, name="Ada")


def test_what_is_held_comes_as_a_file_of_a_fixed_name(app: App, visitor: Visitor, ada: str) -> None:
    publish(app, a_summary("On Empathy?", topics=[EMPATHY]), a_summary("Else?", topics=[TRAINING]))
    answer = visitor.get(f"{owner_path(app, ada)}/data.json")
    assert answer.headers["content-type"] == "application/json"
    disposition = 'attachment; filename="what-we-hold-about-you.json"'
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["cache-control"] == "no-store"
    told = json.loads(answer.text)
    assert told["subscriber"]["email"] == "ada@example.org"
    (letter,) = told["letters"]
    assert (letter["issue"], letter["summaries"]) == ("2026-11", ["On Empathy?"])
    assert letter["outcome"] == "accepted"


def test_a_link_from_a_letter_does_nothing_that_only_the_owner_may(
    app: App, visitor: Visitor, ada: str
) -> None:
    before = digest_of_rows(app.database)
    for method, path in OWNERS_ALONE:
        own = f"{preferences_path(app, ada)}/{path}"
        answer = visitor.get(own) if method == "GET" else visitor.send_form(own, {})
        assert answer.status_code == 404, path
    page = visitor.get(preferences_path(app, ada)).text
    assert "Erase my data" not in page
    assert "data.json" not in page
    assert digest_of_rows(app.database) == before


def test_an_owners_link_is_good_for_a_day(app: App, visitor: Visitor, ada: str) -> None:
    token = app.signer.owner_token(ada, now=utc_now() - timedelta(hours=25))
    for method, path in OWNERS_ALONE:
        own = f"/preferences/{token}/{path}"
        answer = visitor.get(own) if method == "GET" else visitor.send_form(own, {})
        assert answer.status_code == 410, path
    assert "24 hours" in answer.text


def test_letters_move_to_an_address_that_is_confirmed_with_a_button(
    app: App, visitor: Visitor, ada: str
) -> None:
    asked = visitor.send_form(f"{owner_path(app, ada)}/address", {"email": "new@example.net"})
    assert (asked.status_code, "new mailbox" in asked.text) == (200, True)
    assert "ask again after " in asked.text
    with app.database.read() as session:
        (mail,) = session.scalars(select(ServiceMail)).all()
    assert mail.recipient == "new@example.net"
    link = next(line for line in mail.text.split("\n") if "/confirm-address/" in line)
    before = digest_of_rows(app.database)
    shown = visitor.get(link)
    assert "n•••@example.net" in shown.text
    assert "you agree to this: “Yes, send me" in shown.text
    assert "1 Example Street" in shown.text
    assert "new@example.net" not in shown.text
    assert digest_of_rows(app.database) == before
    path = link.removeprefix("https://letter.example.org")
    assert visitor.send_form(path, {}).status_code == 200
    assert address_of(app, ada) == "new@example.net"
    assert visitor.send_form(path, {}).status_code == 410
    assert visitor.get(preferences_path(app, ada)).status_code == 410


def test_a_new_address_that_can_be_none_is_told_beside_its_field(
    app: App, visitor: Visitor, ada: str
) -> None:
    for wrong in ({"email": "nothing"}, {}, {"email": ["a@b.org", "b@b.org"]}, {"else": "x"}):
        refused = visitor.send_form(f"{owner_path(app, ada)}/address", wrong)
        assert refused.status_code == 422
        field = page_of(refused).xpath("//input[@name='email']")[0]
        told = page_of(refused).get_element_by_id(field.get("aria-describedby"))
        assert told.get("role") == "alert"


def test_older_links_are_void_and_the_page_gives_one_that_opens(
    app: App, visitor: Visitor, ada: str
) -> None:
    old, own = preferences_path(app, ada), owner_path(app, ada)
    done = visitor.send_form(f"{own}/older-links", {})
    assert visitor.get(old).status_code == visitor.get(own).status_code == 410
    (fresh,) = page_of(done).xpath("//main//a/@href")
    assert visitor.get(fresh).status_code == 200
    assert visitor.post(leave_path(app, ada), data=ONE_CLICK).status_code == 200


def test_who_left_may_still_see_and_erase_what_is_held(
    app: App, visitor: Visitor, ada: str
) -> None:
    leave(app.database, ada, how="page", now=utc_now())
    shown = visitor.get(owner_path(app, ada))
    assert (shown.status_code, "subscription has ended" in shown.text) == (200, True)
    assert visitor.send_form(owner_path(app, ada), {}).status_code == 410
    assert visitor.send_form(f"{owner_path(app, ada)}/erase", {}).status_code == 200
    assert address_of(app, ada) is None


def test_every_link_of_who_was_erased_says_so_and_leaving_is_answered(
    app: App, visitor: Visitor, ada: str
) -> None:
    own, old, wanted = (
        owner_path(app, ada),
        preferences_path(app, ada),
        confirm_address_path(app, ada, "new@example.net"),
    )
    assert visitor.send_form(f"{own}/erase", {}).status_code == 200
    for path in (own, old, f"{own}/data.json", wanted):
        assert visitor.get(path).status_code == 410, path
    for answer in (
        visitor.get(leave_path(app, ada)),
        visitor.post(leave_path(app, ada), data=ONE_CLICK),
        visitor.send_form(leave_path(app, ada).replace("unsubscribe", "leaving") + "/back", {}),
    ):
        assert answer.status_code == 200


def test_erasure_in_the_middle_of_a_sending_stops_the_letter_and_the_issue_adds_up(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    app, visitor = app_on_each, visitor_on_each
    first = a_reader(app.database, "ada@example.org")
    second = a_reader(app.database, "bo@example.org")
    issue = begin(app, a_summary())
    request = claimed(app, issue)
    assert request is not None
    for name in (first, second):
        assert visitor.send_form(f"{owner_path(app, name)}/erase", {}).status_code == 200
    assert claimed(app, issue) is None
    with app.database.read() as session:
        outcomes = session.scalars(select(Delivery.outcome).order_by(Delivery.id)).all()
        assert equation_of(session, session.get_one(Issue, issue)).balances
    assert outcomes == [None, DeliveryOutcome.SUPPRESSED_LATE]


def test_what_is_reported_after_erasure_holds_no_address(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    app, visitor = app_on_each, visitor_on_each
    ada = a_reader(app.database, "ada@example.org")
    issue = begin(app, a_summary())
    request = claimed(app, issue)
    assert request is not None
    visitor.send_form(f"{owner_path(app, ada)}/erase", {})
    told = {
        "event": "delivered",
        "email": "ada@example.org",
        "timestamp": 1795000000,
        "sg_event_id": "e1",
        "pm_d": str(request.deliveries[0].id),
        "pm_r": request.public_id,
    }
    assert report(visitor, [told]).status_code == 204
    apply(app.database, now=utc_now())
    with app.database.read() as session:
        (event,) = session.scalars(select(Event)).all()
    assert "ada@" not in str(event.payload)
    assert event.payload["event"] == "delivered"


def address_of(app: App, public_id: str) -> str | None:
    found = reader(app.database, public_id)
    assert found is not None
    return found.email
